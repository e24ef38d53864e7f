"""The same key, the same bytes; another body, no; and never a second effect."""
import hashlib
import json
import threading
import unittest
import uuid

from client import PASSWORD, Client, Organizer, eventually
from node import Unreadable, fresh
from world import anyone, contract, new_node, node, organizer, person, stranger


def register_form():
    return {"email": fresh("k") + "@usher.example", "password": PASSWORD, "first_name": "K", "last_name": "L"}


class Idempotency(unittest.TestCase):
    def twice(self, who, target, body, other):
        """A repeat gets the same bytes and has no effect; another body is refused."""
        key = fresh("key")
        first = who.post(target, body, key=key)
        self.assertLess(first.status, 300, f"{target}: {first}")
        rows = node().quiet_rows()
        again = who.post(target, body, key=key)
        self.assertEqual((again.status, again.body), (first.status, first.body), target)
        self.assertEqual(again.header("Location"), first.header("Location"))
        self.assertEqual(node().journal_rows(), rows, f"{target} had a second effect")
        raw = other if isinstance(other, bytes) else None
        refused = who.post(target, None if raw else other, key=key, raw=raw)
        self.assertEqual((refused.status, refused.code), (422, "key_reused"), f"{target}: {refused}")
        return first

    def test_register(self):
        form = register_form()
        self.twice(anyone(), "/v1/auth/register", form, {**form, "first_name": "M"})

    def test_nobody_can_try_passwords_on_what_is_stored_of_a_key(self):
        """The journal is kept for ever, and has all else that the body of a registration says."""
        def stored_as_it_came(who, target, body):
            raw = json.dumps(body).encode()
            self.assertEqual(who.post(target, raw=raw, key=fresh("key")).status, 201)
            digest = int.from_bytes(hashlib.sha256(raw).digest()[:8], "little") >> 1
            return int(node().query(f"SELECT count(*) FROM journal WHERE request LIKE '%{digest}%'"))

        self.assertEqual(stored_as_it_came(organizer(), "/v1/organizations", {"name": fresh("one")}), 1)
        self.assertEqual(stored_as_it_came(anyone(), "/v1/auth/register", register_form()), 0)

    def test_what_organizers_make(self):
        boss = organizer()
        self.twice(boss, "/v1/organizations", {"name": "One"}, {"name": "Two"})
        layout = {"name": "Hall", "sections": [{"name": "A", "capacity": 3}]}
        self.twice(boss, "/v1/layouts", layout, {**layout, "name": "House"})
        form = boss.event_form()
        event = self.twice(boss, "/v1/events", form, {**form, "title": "Another"}).json["event"]["id"]
        for step in ("configure", "approve", "publish"):
            key = fresh("key")
            first = boss.post(f"/v1/events/{event}/{step}", {}, key=key)
            again = boss.post(f"/v1/events/{event}/{step}", {}, key=key)
            self.assertEqual((first.status, again.body), (200, first.body))

    def test_what_buyers_do(self):
        event, me = organizer().event()["id"], person()
        session = self.twice(me, f"/v1/events/{event}/sessions", {}, b"{ }")
        where = "/v1/sessions/" + session.json["session"]["id"]
        self.twice(me, where + "/seats", {"seats": ["A-1-1"]}, {"seats": ["A-1-2"]})
        paid = self.twice(me, where + "/checkout", {"payment_method": "sandbox"}, b'{"payment_method": "sandbox" }')
        listed = lambda: me.get("/v1/payments").json["payments"]
        self.assertTrue(eventually(lambda: len(listed()) == 1), (paid, listed()))

    def test_a_play_that_has_come_true_is_shown_again_under_a_key(self):
        event, me = organizer().event()["id"], person()
        session = me.open(event)["id"]
        me.hold(session, "A-2-1")
        where = "/v1/sandbox/payments/" + me.checkout(session).json["payment"]["id"]
        key = fresh("key")
        for _ in range(2):
            said = me.post(where, {"outcome": "succeed"}, key=key)
            self.assertEqual((said.status, said.json["payment"]["status"]), (200, "completed"))
        self.assertEqual(me.post(where, {"outcome": "fail"}, key=key).code, "payment_settled")
        self.assertEqual(me.post(where, {"outcome": "succeed"}).code, "payment_settled")
        self.assertEqual(me.post(where, {"outcome": "succeed"}, key="x" * 256).status, 400)

    def test_a_key_belongs_to_its_caller_and_route(self):
        key, one, two = fresh("key"), person(), person()
        first = one.post("/v1/organizations", {"name": "One"}, key=key).json["organization"]["id"]
        second = two.post("/v1/organizations", {"name": "One"}, key=key).json["organization"]["id"]
        self.assertNotEqual(first, second)
        self.assertEqual(one.post("/v1/layouts", {"name": "H", "sections": [{"name": "A", "capacity": 3}]}, key=key).status, 201)

    def test_a_key_belongs_to_its_address_where_nobody_is_signed_in(self):
        key, one, two = fresh("key"), register_form(), register_form()
        first, second = (anyone().post("/v1/auth/register", form, key=key) for form in (one, two))
        self.assertEqual((first.status, second.status), (201, 201), (first, second))
        self.assertEqual(anyone().post("/v1/auth/register", one, key=key).body, first.body)
        self.assertEqual(stranger().post("/v1/auth/register", one, key=key).body, first.body, "whatever token is sent along")
        loud = anyone().post("/v1/auth/register", {**one, "email": one["email"].upper()}, key=key)
        self.assertEqual((loud.status, loud.code), (422, "key_reused"), "it is the same address")

    def test_a_key_of_yesterday_names_what_it_made(self):
        at = new_node()
        boss = Organizer(at, contract)
        key, form = fresh("key"), register_form()
        hall = {"name": "Hall", "sections": [{"name": "A", "capacity": 3}]}
        wishes = {"organization": ("/v1/organizations", {"name": "One"}), "layout": ("/v1/layouts", hall),
                  "event": ("/v1/events", boss.event_form()), "session": (f"/v1/events/{boss.event()['id']}/sessions", {})}
        made = {what: boss.post(*wish, key=key).json[what]["id"] for what, wish in wishes.items()}
        self.assertEqual(Client(at, contract).post("/v1/auth/register", form, key=key).status, 201)
        at.kill9()
        at.query("UPDATE journal SET at = at - interval '25 hours'")
        at.start()
        for what, wish in wishes.items():
            said = boss.post(*wish, key=key)
            self.assertEqual((said.status, said.code, said.json.get("id")), (409, "already_exists", made[what]), what)
        self.assertEqual(Client(at, contract).post("/v1/auth/register", form, key=key).code, "email_taken")
        self.assertEqual(at.stop(), 0)

    def test_refusals_are_not_stored(self):
        event, me, other = organizer().event()["id"], person(), person()
        theirs = other.open(event)["id"]
        other.hold(theirs, "A-1-1")
        mine, key = me.open(event)["id"], fresh("key")
        self.assertEqual(me.post(f"/v1/sessions/{mine}/seats", {"seats": ["A-1-1"]}, key=key).status, 409)
        other.post(f"/v1/sessions/{theirs}/cancel")
        self.assertEqual(me.post(f"/v1/sessions/{mine}/seats", {"seats": ["A-1-1"]}, key=key).status, 200)

    def test_a_wish_that_makes_no_sense_is_stored(self):
        """Only 409, 429 and 5xx are not; 404 has nobody to store it."""
        event, me, boss = organizer().event()["id"], person(), organizer()
        mine, key = me.open(event)["id"], fresh("key")
        where = f"/v1/sessions/{mine}/seats"
        wrong = boss.event_form()
        wrong["ticket_types"][0]["sections"] = ["NOWHERE"]
        stored = lambda: node().query("SELECT count(*) FROM journal WHERE request IS NOT NULL")
        for who, target, body, better in ((me, where, {"seats": ["A-1-99"]}, {"seats": ["A-1-2"]}),
                                          (boss, "/v1/events", wrong, boss.event_form())):
            first = who.post(target, body, key=key)
            self.assertEqual(first.status, 422, first)
            rows = stored()
            again = who.post(target, body, key=key)
            self.assertEqual((again.status, again.body), (first.status, first.body))
            self.assertEqual(stored(), rows)
            other = who.post(target, better, key=key)
            self.assertEqual((other.status, other.code), (422, "key_reused"), other)
        self.assertEqual(me.hold(mine, "A-1-2").status, 200)

    def test_keys_that_are_none(self):
        for key in ("", "a b", "x" * 256):
            said = stranger().post("/v1/organizations", {"name": "One"}, key=key)
            self.assertEqual((said.status, said.json["errors"][0]["field"]), (400, "Idempotency-Key"), repr(key))

    def race(self, who, target, body):
        """Many at once under one key: whoever is answered is answered the same."""
        key, answers, gate = fresh("key"), [], threading.Barrier(8)

        def send():
            mine = Client(node(), None, who.token)
            gate.wait()
            answers.append(mine.post(target, body, key=key))
            mine.close()

        threads = [threading.Thread(target=send) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for one in answers:
            contract.see("POST", target, one)
        done = {one.body for one in answers if one.status < 300}
        self.assertEqual(len(done), 1, answers)
        for one in answers:
            if one.status >= 300:
                self.assertEqual((one.status, one.code, one.header("Retry-After")), (409, "request_in_progress", "1"), one)

    def test_many_at_once_under_one_key(self):
        boss, me = organizer(), person()
        event = boss.event({"max_per_user": 50})["id"]
        for _ in range(6):
            self.race(anyone(), "/v1/auth/register", register_form())
            self.race(boss, "/v1/events", boss.event_form())
            draft = boss.draft()["id"]
            for step in ("configure", "approve", "publish", "cancel"):
                self.race(boss, f"/v1/events/{draft}/{step}", {})
            self.race(boss, "/v1/organizations", {"name": "One"})
            self.race(boss, "/v1/layouts", {"name": "H", "sections": [{"name": "A", "capacity": 3}]})
            self.race(me, f"/v1/events/{event}/sessions", {})

    def test_a_repeat_meets_the_first_while_that_waits_for_others(self):
        at = new_node()
        boss = Organizer(at, contract)
        key, form, answers = fresh("key"), boss.event_form(), []
        at.kill9()
        at.start()  # its organization is not in memory any more, and a new event asks it
        self.assertEqual(boss.post("/v1/events", {**form, "organization_id": str(uuid.uuid4())}, key=key).status, 404)

        def send():
            answers.append(Client(at, contract, boss.token).post("/v1/events", form, key=key))

        both = [threading.Thread(target=send) for _ in range(2)]
        with Unreadable(at):
            for one in both:
                one.start()
            self.assertTrue(eventually(lambda: answers, 2), "neither is answered")
        for one in both:
            one.join()
        repeat, first = answers
        self.assertEqual((repeat.status, repeat.code, repeat.header("Retry-After")), (409, "request_in_progress", "1"))
        self.assertEqual(first.status, 201, first)
        self.assertEqual(boss.post("/v1/events", form, key=key).body, first.body)
        self.assertEqual(at.stop(), 0)
