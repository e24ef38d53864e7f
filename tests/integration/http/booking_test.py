"""Sessions and what they hold: all or nothing, named conflicts, limits, time."""
import threading
import time
import unittest
import uuid

from client import eventually
from node import fresh
from sale import from_now
from world import anyone, node, organizer, person, stranger


def counts(event, section):
    shown = anyone().get(f"/v1/events/{event}/availability").json["sections"]
    return next(s for s in shown if s["name"] == section)


class Holds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.event = organizer().event({"max_per_user": 50})

    def setUp(self):
        self.id = self.event["id"]
        self.me, self.other = person(), person()
        self.mine = self.me.open(self.id)["id"]
        self.theirs = self.other.open(self.id)["id"]

    def tearDown(self):
        for who, session in ((self.me, self.mine), (self.other, self.theirs)):
            who.post(f"/v1/sessions/{session}/cancel")

    def seats_of(self, who, session):
        return sorted(s["id"] for s in who.session(session)["seats"])

    def test_a_new_session(self):
        said = self.me.post(f"/v1/events/{self.id}/sessions", {})
        session = said.json["session"]
        self.assertEqual(said.header("Location"), "/v1/sessions/" + session["id"])
        self.assertEqual((session["status"], session["seats"], session["total"]["amount"]), ("open", [], 0))
        self.assertEqual(self.me.session(session["id"]), session)

    def test_all_or_nothing_over_sections_and_the_conflict_is_named(self):
        self.assertEqual(self.other.hold(self.theirs, "B-1-5").status, 200)
        said = self.me.hold(self.mine, "A-1-1", "B-1-4", "B-1-5", "A-2-7")
        self.assertEqual((said.status, said.code, said.json["seats"]), (409, "seat_unavailable", ["B-1-5"]))
        self.assertEqual(self.me.session(self.mine)["seats"], [])
        self.assertEqual(self.other.hold(self.theirs, "A-1-1", "A-2-7", "B-1-4").status, 200, "nothing was kept")

    def test_what_is_free_is_bought_without_a_payment(self):
        event = organizer().event(ticket_types=[{"name": "Free", "price": 0, "sections": ["A", "B"]},
                                                {"name": "Standing", "price": 800000, "sections": ["FLOOR"]}])["id"]
        me = person()
        mine = me.open(event)["id"]
        self.assertEqual(me.hold(mine, "A-1-1", "B-1-1").json["session"]["total"]["amount"], 0)
        key = fresh("key")
        where = f"/v1/sessions/{mine}/checkout"
        done = me.post(where, key=key)
        self.assertEqual((done.status, done.json["session"]["status"]), (200, "completed"), done)
        self.assertNotIn("payment", done.json)
        self.assertEqual(sorted(t["seat"] for t in done.json["session"]["tickets"]), ["A-1-1", "B-1-1"])
        self.assertEqual(me.post(where, key=key).body, done.body)
        self.assertTrue(eventually(lambda: len(me.get("/v1/tickets").json["tickets"]) == 2))
        order = me.get("/v1/orders").json["orders"][0]
        self.assertEqual((order["status"], order["total"]["amount"]), ("completed", 0))
        self.assertNotIn("payment_id", order)
        self.assertEqual(me.get("/v1/payments").json["payments"], [])

    def test_what_has_a_price_is_not_bought_without_saying_how_to_pay(self):
        self.assertEqual(self.me.hold(self.mine, "A-1-1").status, 200)
        said = self.me.post(f"/v1/sessions/{self.mine}/checkout", {})
        self.assertEqual((said.status, said.code, said.json["errors"][0]["field"]), (400, "missing_field", "payment_method"))
        self.assertEqual(self.me.session(self.mine)["status"], "open")

    def test_prices_add_up(self):
        said = self.me.hold(self.mine, "A-1-1", "A-1-2")
        self.assertEqual(said.json["session"]["total"], {"amount": 2400000, "currency": "VND"})
        self.assertEqual([s["price"]["amount"] for s in said.json["session"]["seats"]], [1200000] * 2)

    def test_asking_again_for_ones_own(self):
        first = self.me.hold(self.mine, "A-1-3", "A-1-4")
        again = self.me.hold(self.mine, "A-1-4", "A-1-3")
        self.assertEqual((first.status, again.status), (200, 200))
        self.assertEqual(len(again.json["session"]["seats"]), 2)
        more = self.me.hold(self.mine, "A-1-4", "A-1-5")
        self.assertEqual(self.seats_of(self.me, self.mine), ["A-1-3", "A-1-4", "A-1-5"], more)

    def test_unknown_seats_are_named(self):
        said = self.me.hold(self.mine, "A-1-1", "A-9-9")
        self.assertEqual((said.status, said.code, said.json["seats"]), (422, "unknown_seat", ["A-9-9"]))
        for seat in ("Z-1-1", "A", "", "A-1-0", "A-1--1", "A-1-99999999999999999999", "FLOOR-1-1", "A-1-1\n", "я" * 200):
            said = self.me.hold(self.mine, seat)
            self.assertEqual(said.status, 422, f"{seat!r}: {said}")
        self.assertEqual(self.me.hold(self.mine, "\x00").code, "invalid_json")
        self.assertEqual(self.me.session(self.mine)["seats"], [])

    def test_counts_of_nothing(self):
        standing = self.event["ticket_types"][1]["id"]
        for wish in ({"seats": []}, {"best_available": {"count": 0}}, {"ticket_types": []},
                     {"ticket_types": [{"id": standing, "quantity": 0}]}, {"best_available": {"count": 51}},
                     {"ticket_types": [{"id": standing, "quantity": 51}]},
                     {"seats": [f"B-1-{i}" for i in range(51)]}, {"best_available": {"count": -1}},
                     {"ticket_types": [{"id": standing, "quantity": -5}]},
                     {"best_available": {"count": 2**40}}, {"best_available": {"count": 1.5}}):
            said = self.me.hold(self.mine, **wish)
            self.assertEqual(said.status, 422, f"{wish}: {said}")
        for wish in ({}, {"seats": ["A-1-1"], "best_available": {"count": 1}}, {"seats": [1]}, {"seats": "A-1-1"},
                     {"best_available": {"count": "2"}}, {"best_available": 2}):
            said = self.me.post(f"/v1/sessions/{self.mine}/seats", wish)
            self.assertEqual(said.status, 400, f"{wish}: {said}")
        said = self.me.hold(self.mine, ticket_types=[{"id": str(uuid.uuid4()), "quantity": 1}])
        self.assertEqual((said.status, said.code, said.json["errors"][0]["field"]), (422, "invalid_value", "ticket_types[0].id"), said)

    def test_the_same_seat_twice_in_one_wish_is_one_seat(self):
        said = self.me.hold(self.mine, "A-1-1", "A-1-1")
        if said.status == 200:
            self.assertEqual(self.seats_of(self.me, self.mine), ["A-1-1"])
            self.assertEqual(said.json["session"]["total"]["amount"], 1200000)
        else:
            self.assertEqual(said.status, 422, said)

    def test_best_available_is_together(self):
        said = self.me.hold(self.mine, best_available={"count": 4, "section": "B"})
        self.assertEqual(said.status, 200, said)
        rows = {s["id"].rsplit("-", 1)[0] for s in said.json["session"]["seats"]}
        numbers = sorted(int(s["id"].rsplit("-", 1)[1]) for s in said.json["session"]["seats"])
        self.assertEqual((len(rows), numbers), (1, list(range(numbers[0], numbers[0] + 4))))
        self.assertEqual(self.other.hold(self.theirs, best_available={"count": 3}).status, 200)
        said = self.me.hold(self.mine, best_available={"count": 2, "section": "nowhere"})
        self.assertEqual((said.status, said.json["errors"][0]["field"]), (422, "best_available.section"))

    def test_best_available_leaves_no_single_seat_if_another_section_need_not(self):
        sections = [{"name": "A", "rows": 1, "seats_per_row": 3}, {"name": "B", "rows": 1, "seats_per_row": 4}]
        hall = organizer().post("/v1/layouts", {"name": fresh("Hall "), "sections": sections}).json["layout"]["id"]
        event = organizer().event(layout_id=hall, ticket_types=[
            {"name": "Seat", "price": 1000, "sections": ["A", "B"]}])["id"]
        me = person()
        mine = me.open(event)["id"]
        for sections in ("BB", "BBBB", "AABBBB"):
            said = me.hold(mine, best_available={"count": 2})
            self.assertEqual(said.status, 200, said)
            self.assertEqual("".join(seat[0] for seat in self.seats_of(me, mine)), sections)

    def test_more_than_there_are(self):
        said = self.me.hold(self.mine, best_available={"count": 41, "section": "B"})
        self.assertEqual((said.status, said.code), (409, "not_enough_seats"), said)
        self.assertEqual(self.me.session(self.mine)["seats"], [])

    def test_general_admission(self):
        standing = self.event["ticket_types"][1]["id"]
        said = self.me.hold(self.mine, ticket_types=[{"id": standing, "quantity": 15}])
        self.assertEqual(said.status, 200, said)
        self.assertEqual(said.json["session"]["total"]["amount"], 15 * 800000)
        said = self.other.hold(self.theirs, ticket_types=[{"id": standing, "quantity": 6}])
        self.assertEqual((said.status, said.code), (409, "not_enough_seats"), said)
        self.assertEqual(self.other.hold(self.theirs, ticket_types=[{"id": standing, "quantity": 5}]).status, 200)
        found = eventually(lambda: counts(self.id, "FLOOR")["held"] == 20 and counts(self.id, "FLOOR"))
        self.assertEqual((found["total"], found["available"], found["held"], found["sold"]), (20, 0, 20, 0))

    def test_a_quantity_is_found_wherever_its_type_is_sold(self):
        sections = [{"name": "L", "capacity": 1}, {"name": "R", "capacity": 1}, {"name": "A", "rows": 1, "seats_per_row": 2}]
        hall = organizer().post("/v1/layouts", {"name": fresh("Hall "), "sections": sections}).json["layout"]["id"]
        event = organizer().event(layout_id=hall, ticket_types=[{"name": "Any", "price": 1000, "sections": ["L", "R", "A"]}])
        me = person()
        mine, any_place = me.open(event["id"])["id"], event["ticket_types"][0]["id"]
        for more, where in ((1, (["L"], ["R"])), (3, (["A", "A", "L", "R"],))):
            said = me.hold(mine, ticket_types=[{"id": any_place, "quantity": more}])
            self.assertEqual(said.status, 200, said)
            self.assertIn(sorted(one["section"] for one in said.json["session"]["seats"]), where)
        said = me.hold(mine, ticket_types=[{"id": any_place, "quantity": 1}])
        self.assertEqual((said.status, said.code), (409, "not_enough_seats"))

    def test_removing_one_seat(self):
        self.me.hold(self.mine, "A-1-6", "A-1-7")
        said = self.me.delete(f"/v1/sessions/{self.mine}/seats/A-1-6")
        self.assertEqual([s["id"] for s in said.json["session"]["seats"]], ["A-1-7"])
        self.assertEqual(self.other.hold(self.theirs, "A-1-6").status, 200)
        for seat in ("A-1-6", "A-1-8", "nonsense", "%41-1-6"):
            said = self.me.delete(f"/v1/sessions/{self.mine}/seats/{seat}")
            self.assertEqual((said.status, said.code), (409, "not_held"), f"{seat}: {said}")

    def test_giving_back_some_places(self):
        event = organizer().event()
        me = person()
        mine = me.open(event["id"])["id"]
        me.hold(mine, ticket_types=[{"id": event["ticket_types"][1]["id"], "quantity": 3}])
        where, key = f"/v1/sessions/{mine}/seats/FLOOR", fresh("key")
        for _ in range(2):
            said = me.delete(where + "?quantity=1", key=key)
            self.assertEqual((said.status, [one["quantity"] for one in said.json["session"]["seats"]]), (200, [2]), said)
        self.assertEqual(said.json["session"]["total"]["amount"], 2 * 800000)
        self.assertTrue(eventually(lambda: counts(event["id"], "FLOOR")["held"] == 2))
        said = me.delete(where + "?quantity=2", key=key)
        self.assertEqual((said.status, said.code), (422, "key_reused"), "another quantity is another request")
        for query, status in (("quantity=0", 422), ("quantity=51", 422), ("quantity=x", 422), ("many=1", 400), ("quantity=3", 409)):
            self.assertEqual(me.delete(f"{where}?{query}").status, status, query)
        paying = me.checkout(mine).json["payment"]
        self.assertEqual(paying["amount"]["amount"], 2 * 800000)
        self.assertEqual(me.play(paying["id"]).status, 200)
        self.assertTrue(eventually(lambda: len(me.session(mine).get("tickets", [])) == 2))

    def test_cancelling_gives_everything_back(self):
        self.me.hold(self.mine, "A-1-8", "B-4-1")
        self.assertEqual(self.me.post(f"/v1/sessions/{self.mine}/cancel").json["session"]["status"], "cancelled")
        self.assertEqual(self.me.post(f"/v1/sessions/{self.mine}/cancel").status, 200, "a repeat is no error")
        self.assertEqual(self.other.hold(self.theirs, "A-1-8", "B-4-1").status, 200)
        for said in (self.me.hold(self.mine, "A-1-9"), self.me.post(f"/v1/sessions/{self.mine}/extend"),
                     self.me.delete(f"/v1/sessions/{self.mine}/seats/A-1-8"), self.me.checkout(self.mine)):
            self.assertEqual((said.status, said.code), (409, "session_not_open"), said)

    def test_somebody_elses_session_is_not_there(self):
        self.me.hold(self.mine, "A-1-10")
        for said in (self.other.get(f"/v1/sessions/{self.mine}"), self.other.hold(self.mine, "A-1-9"),
                     self.other.delete(f"/v1/sessions/{self.mine}/seats/A-1-10"), self.other.checkout(self.mine),
                     self.other.post(f"/v1/sessions/{self.mine}/extend"), self.other.post(f"/v1/sessions/{self.mine}/cancel")):
            self.assertEqual((said.status, said.code), (404, "not_found"), said)
        self.assertEqual(self.seats_of(self.me, self.mine), ["A-1-10"])

    def test_many_want_the_same_seat_and_one_gets_it(self):
        crowd = [person() for _ in range(12)]
        sessions = [who.open(self.id)["id"] for who in crowd]
        answers, gate = [None] * len(crowd), threading.Barrier(len(crowd))

        def rush(i):
            gate.wait()
            answers[i] = crowd[i].hold(sessions[i], "B-3-3", "A-2-12").status

        threads = [threading.Thread(target=rush, args=(i,)) for i in range(len(crowd))]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for who, session in zip(crowd, sessions):
            who.post(f"/v1/sessions/{session}/cancel")
        self.assertEqual(sorted(answers), [200] + [409] * 11)

    def test_empty_sessions_cannot_be_paid(self):
        said = self.me.checkout(self.mine)
        self.assertEqual((said.status, said.code), (409, "empty_session"))
        for method in ("visa", "", "sandbox "):
            said = self.me.post(f"/v1/sessions/{self.mine}/checkout", {"payment_method": method})
            self.assertEqual(said.status, 422, method)


class Limits(unittest.TestCase):
    def test_the_limit_of_a_user_counts_over_sessions(self):
        event = organizer().event({"max_per_user": 3})
        me = person()
        one, two = me.open(event["id"])["id"], me.open(event["id"])["id"]
        self.assertEqual(me.hold(one, "A-1-1", "A-1-2").status, 200)
        said = me.hold(two, "A-1-3", "A-1-4")
        self.assertEqual((said.status, said.code), (409, "limit_reached"))
        self.assertEqual((said.json["limit"], said.json["left"]), (3, 1), said)
        self.assertEqual(me.hold(two, "A-1-3").status, 200)
        said = me.hold(two, "A-2-1", "A-2-2", "A-2-3")  # more than anybody may have
        self.assertEqual((said.code, said.json["limit"], said.json["left"]), ("limit_reached", 3, 0), said)
        self.assertEqual(me.hold(two, ticket_types=[{"id": event["ticket_types"][1]["id"], "quantity": 1}]).code, "limit_reached")
        self.assertEqual(me.delete(f"/v1/sessions/{one}/seats/A-1-1").status, 200)
        self.assertEqual(me.hold(two, "A-1-4").status, 200, "what was given back counts no more")
        paid = me.play(me.checkout(two).json["payment"]["id"])
        self.assertEqual(paid.status, 200)
        self.assertEqual(me.hold(one, "A-1-5").code, "limit_reached", "what was bought counts")

    def test_who_lost_the_answers_finds_the_sessions_that_still_hold(self):
        event, me = organizer().event({"max_per_user": 2})["id"], person()

        def found(who=me):
            return {one["session"]["id"]: one for one in who.get(f"/v1/events/{event}/sessions").json["sessions"]}

        self.assertEqual(found(), {})
        one, two = me.open(event)["id"], me.open(event)["id"]
        self.assertEqual(me.hold(one, "A-1-1", "A-1-2").status, 200)
        self.assertEqual(me.hold(two, "A-1-3").code, "limit_reached")
        self.assertEqual(found()[one], me.get(f"/v1/sessions/{one}").json)
        self.assertEqual((set(found()), found(stranger())), ({one, two}, {}))
        paying = me.checkout(one).json["payment"]
        self.assertEqual(found()[one]["payment"], paying)
        self.assertEqual(me.play(paying["id"]).status, 200)
        self.assertTrue(eventually(lambda: set(found()) == {two}), "it is over")
        me.post(f"/v1/sessions/{two}/cancel")
        self.assertEqual(found(), {})

    def test_no_orphans_where_the_organizer_wants_none(self):
        event = organizer().event({"no_orphans": True, "max_per_user": 20})["id"]
        me = person()
        session = me.open(event)["id"]
        said = me.hold(session, "B-1-2")
        self.assertEqual((said.status, said.code, said.json["seats"]), (409, "orphan_seat", ["B-1-1"]))
        self.assertEqual(me.hold(session, "B-1-1", "B-1-2").status, 200)

    def test_no_orphan_comes_from_giving_a_seat_back(self):
        event = organizer().event({"no_orphans": True, "max_per_user": 20})["id"]
        me = person()
        session = me.open(event)["id"]
        self.assertEqual(me.hold(session, "B-1-1", "B-1-2", "B-1-3").status, 200)
        self.assertEqual(me.delete(f"/v1/sessions/{session}/seats/B-1-2").status, 200)
        said = me.checkout(session)
        self.assertEqual((said.status, said.code, said.json["seats"]), (409, "orphan_seat", ["B-1-2"]))
        self.assertIn("Hold the seats named here again", said.json["detail"])
        for tag, word in (("ko", "좌석"), ("vi", "ghế")):
            said = me.checkout(session, headers={"Accept-Language": tag})
            self.assertEqual((said.code, said.json["advice"]), ("orphan_seat", "hold_again"))
            self.assertIn(word, said.json["detail"])
        cart = me.session(session)
        self.assertEqual((cart["status"], [seat["id"] for seat in cart["seats"]]), ("open", ["B-1-1", "B-1-3"]))
        self.assertEqual(me.hold(session, "B-1-2").status, 200)
        paying = me.checkout(session).json["payment"]["id"]
        self.assertEqual(me.play(paying, "fail").status, 200)
        self.assertTrue(eventually(lambda: me.session(session)["status"] == "failed"))
        self.assertEqual(me.delete(f"/v1/sessions/{session}/seats/B-1-2").status, 200)
        said = me.checkout(session)
        self.assertEqual((said.status, said.code, said.json["seats"]), (409, "orphan_seat", ["B-1-2"]))
        self.assertIn("in a new session", said.json["detail"])
        self.assertEqual(me.post(f"/v1/sessions/{session}/cancel").status, 200)
        again = me.open(event)["id"]
        self.assertTrue(eventually(lambda: me.hold(again, "B-1-1", "B-1-2", "B-1-3").status == 200))


class Time(unittest.TestCase):
    def test_a_hold_expires_and_the_next_buyer_has_the_seat(self):
        event = organizer().event({"hold_seconds": 3})["id"]
        me, other = person(), person()
        mine = me.open(event)["id"]
        self.assertEqual(me.hold(mine, "A-1-1").status, 200)
        theirs = other.open(event)["id"]
        self.assertEqual(other.hold(theirs, "A-1-1").status, 409)
        time.sleep(3.3)
        theirs = other.open(event)["id"]
        self.assertEqual(other.hold(theirs, "A-1-1").status, 200)
        other.post(f"/v1/sessions/{theirs}/cancel")  # else it ends while another test counts the journal's rows
        for said in (me.hold(mine, "A-1-2"), me.checkout(mine), me.post(f"/v1/sessions/{mine}/extend")):
            self.assertEqual((said.status, said.code), (409, "session_expired"), said)
        self.assertEqual(eventually(lambda: me.session(mine)["status"] == "expired"), True)

    def test_extending_is_bounded(self):
        event = organizer().event({"hold_seconds": 600})["id"]
        me = person()
        mine = me.open(event)
        me.hold(mine["id"], "A-1-1", "B-1-1")
        ends, refused = [mine["expires_at"]], None
        for _ in range(10):
            said = me.post(f"/v1/sessions/{mine['id']}/extend")
            if said.status != 200:
                refused = said
                break
            ends.append(said.json["session"]["expires_at"])
        self.assertIsNotNone(refused, f"it went on for ever: {ends}")
        self.assertEqual((refused.status, refused.code), (409, "cannot_extend"))
        self.assertEqual(ends, sorted(set(ends)))
        self.assertGreaterEqual(len(ends), 2)
        self.assertEqual(me.session(mine["id"])["expires_at"], ends[-1])

    def test_a_session_that_is_open_may_be_paid_after_the_sale(self):
        me, boss = person(), organizer()
        event = boss.event(sale_ends_at=from_now(seconds=5))["id"]
        mine = me.open(event)["id"]
        self.assertEqual(me.hold(mine, "A-1-1").status, 200)
        ended = eventually(lambda: anyone().get(f"/v1/events/{event}").json["event"]["status"] == "ended")
        self.assertTrue(ended)
        said = person().post(f"/v1/events/{event}/sessions", {})
        self.assertEqual((said.status, said.code), (409, "not_on_sale"))
        self.assertEqual(me.hold(mine, best_available={"count": 1}).status, 200)
        self.assertEqual(me.play(me.checkout(mine).json["payment"]["id"]).status, 200)
        self.assertEqual(me.session(mine)["status"], "completed")


class Maps(unittest.TestCase):
    def test_the_seat_map_and_its_etag(self):
        import gzip
        import json
        event = organizer().event()["id"]
        target = f"/v1/events/{event}/seats"
        first = anyone().get(target)
        seats = {s["id"]: s for section in first.json["sections"] for s in section.get("seats", [])}
        self.assertEqual(len(seats), 22 + 40)
        self.assertEqual(seats["A-2-1"]["status"], "available")
        self.assertTrue(seats["A-2-1"]["accessible"])
        same = anyone().get(target, headers={"If-None-Match": first.header("ETag")})
        self.assertEqual((same.status, same.body, same.header("ETag")), (304, b"", first.header("ETag")))
        for tag in (f"W/{first.header('ETag')}", f'"x", {first.header("ETag")}', "*"):
            self.assertEqual(anyone().get(target, headers={"If-None-Match": tag}).status, 304, tag)
        zipped = anyone().exchange("GET", target, None, {"Accept-Encoding": "gzip"})
        self.assertEqual(zipped.header("Content-Encoding"), "gzip")
        self.assertEqual(json.loads(gzip.decompress(zipped.body)), first.json)
        plain = anyone().exchange("GET", target, None, {"Accept-Encoding": "gzip;q=0, identity"})
        self.assertIsNone(plain.header("Content-Encoding"))
        me = person()
        me.hold(me.open(event)["id"], "A-2-1")
        changed = eventually(lambda: (lambda a: a if a.status == 200 else None)(
            anyone().get(target, headers={"If-None-Match": first.header("ETag")})))
        seats = {s["id"]: s for section in changed.json["sections"] for s in section.get("seats", [])}
        self.assertEqual(seats["A-2-1"]["status"], "held")
        self.assertGreater(changed.json["version"], first.json["version"])
        me.buy(event, "A-1-5")
        sold = eventually(lambda: counts(event, "A")["sold"] == 1 and counts(event, "A"))
        self.assertEqual((sold["total"], sold["available"], sold["held"], sold["sold"]), (22, 20, 1, 1))

    def test_maps_of_nothing(self):
        for where in (str(uuid.uuid4()), "nonsense"):
            for what in ("", "/seats", "/availability"):
                self.assertEqual(anyone().get(f"/v1/events/{where}{what}").status, 404)
            self.assertEqual(stranger().post(f"/v1/events/{where}/sessions", {}).status, 404)

    def test_a_seat_map_outlives_changes_of_the_event(self):
        event = organizer().event()["id"]
        self.assertEqual(anyone().get(f"/v1/events/{event}/seats").status, 200)
        organizer().step(event, "cancel")
        self.assertEqual(anyone().get(f"/v1/events/{event}/seats").status, 200)


class Books(unittest.TestCase):
    def test_the_counts_always_add_up(self):
        for event in anyone().get("/v1/events?limit=20").json["events"]:
            shown = anyone().get(f"/v1/events/{event['id']}/availability").json
            for line in shown["sections"] + shown["ticket_types"]:
                self.assertEqual(line["total"], line["available"] + line["held"] + line["sold"] + line["blocked"], line)
        self.assertTrue(node().is_alive())
