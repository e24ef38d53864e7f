"""The waiting room: one place per user, admission in turn, tokens for one checkout."""
import time
import unittest
import uuid

from client import Organizer, eventually
from node import JWT_SECRET, free_port, fresh
from client import resign
from sale import from_now
from world import ADMIN, anyone, new_node, organizer, person, stranger


def room(**rules):
    rules = {"enabled": True, "max_active": 2, "batch": 2, "token_seconds": 60, **rules}
    return organizer().event({"waiting_room": rules, "checkout_seconds": 60})["id"]


class Waiting(unittest.TestCase):
    def join(self, who, event):
        said = who.post(f"/v1/events/{event}/queue")
        self.assertEqual(said.status, 200, said)
        return said.json

    def place(self, who, event):
        return who.get(f"/v1/events/{event}/queue").json

    def admitted(self, who, event):
        place = eventually(lambda: (lambda p: p if p["status"] == "admitted" else None)(self.place(who, event)))
        self.assertTrue(place, self.place(who, event))
        return place["checkout_token"]

    def open(self, who, event, token):
        return who.post(f"/v1/events/{event}/sessions", {"checkout_token": token})


class Queue(Waiting):
    def test_joining_twice_is_one_place(self):
        event, crowd = room(max_active=1, batch=1), [person() for _ in range(4)]
        first = [self.join(who, event)["number"] for who in crowd]
        again = [self.join(who, event)["number"] for who in crowd]
        self.assertEqual(first, again)
        self.assertEqual(first, sorted(set(first)), "first in, first out")
        self.admitted(crowd[0], event)
        last = self.place(crowd[3], event)
        self.assertEqual((last["status"], last["ahead"], last["position"]), ("waiting", 2, 3))
        self.assertNotIn("checkout_token", last)
        self.assertGreaterEqual(last["poll_after_seconds"], 1)

    def test_the_token_is_needed_and_bound_to_its_user(self):
        event, (me, other) = room(), (person(), person())
        said = me.post(f"/v1/events/{event}/sessions", {})
        self.assertEqual((said.status, said.code), (409, "checkout_token_required"))
        self.join(me, event)
        token = self.admitted(me, event)
        elsewhere = room()
        for who, where, what in ((other, event, token), (me, elsewhere, token), (me, event, "x"), (me, event, me.token),
                                 (me, event, token[:-2] + "AA"), (me, event, resign(token, b"w" * 40)),
                                 (me, event, resign(token, JWT_SECRET.encode(), claims={"exp": int(time.time()) - 10}))):
            said = self.open(who, where, what)
            self.assertEqual((said.status, said.code), (409, "checkout_token_invalid"), said)
        self.assertEqual(anyone().get("/v1/users/me", token=token).status, 401, "it is no access token")
        self.assertEqual(self.open(me, event, token).status, 201)

    def test_one_checkout_at_a_time_frees_the_slot_when_it_ends(self):
        event, (me, next_one) = room(max_active=1, batch=1), (person(), person())
        self.join(me, event)
        token = self.admitted(me, event)
        session = self.open(me, event, token).json["session"]["id"]
        said = self.open(me, event, token)
        self.assertEqual((said.status, said.code), (409, "checkout_in_progress"))
        self.assertEqual(said.json["session_id"], session, "its answer may have been lost")
        self.join(next_one, event)
        time.sleep(1.2)
        self.assertEqual(self.place(next_one, event)["status"], "waiting")
        me.hold(session, "A-1-1")
        self.assertEqual(me.play(me.checkout(session).json["payment"]["id"]).status, 200)
        self.admitted(next_one, event)
        self.assertEqual(self.open(me, event, token).status, 409, "the turn is over")

    def test_who_does_not_come_does_not_stall_the_room(self):
        event, (late, next_one) = room(max_active=1, batch=1, token_seconds=3), (person(), person())
        self.join(late, event)
        token = self.admitted(late, event)
        self.join(next_one, event)
        self.admitted(next_one, event)
        self.assertEqual(self.place(late, event)["status"], "expired")
        self.assertEqual(self.open(late, event, token).code, "checkout_token_invalid")

    def test_who_never_asks_loses_the_turn_long_before_the_token_would_end(self):
        event, (first, absent, third) = room(max_active=1, batch=1, show_up_seconds=2), (person(), person(), person())
        for who in (first, absent, third):
            self.join(who, event)
        self.admitted(first, event)
        time.sleep(4)
        self.assertEqual(self.place(first, event)["status"], "admitted", "whoever has been told has the whole time")
        first.delete(f"/v1/events/{event}/queue")
        self.admitted(third, event)  # within 10 s of 60
        late = self.place(absent, event)
        self.assertEqual(late["status"], "expired")
        again = self.join(absent, event)
        self.assertEqual((again["status"], again["ahead"]), ("waiting", 0))
        self.assertGreater(again["number"], late["number"], "at the end, as all who come")

    def test_leaving(self):
        event, (first, second, third) = room(max_active=1, batch=1), (person(), person(), person())
        for who in (first, second, third):
            self.join(who, event)
        said = second.delete(f"/v1/events/{event}/queue")
        self.assertEqual((said.status, said.json["status"]), (200, "left"))
        self.assertEqual(self.place(second, event)["status"], "left")
        number = self.place(second, event)["number"]
        self.assertGreater(self.join(second, event)["number"], number, "coming back is at the end")
        self.admitted(first, event)
        first.delete(f"/v1/events/{event}/queue")
        self.admitted(third, event)

    def test_leaving_in_the_middle_of_a_checkout_frees_no_slot(self):
        event, (me, next_one) = room(max_active=1, batch=1), (person(), person())
        number = self.join(me, event)["number"]
        session = self.open(me, event, self.admitted(me, event)).json["session"]["id"]
        self.join(next_one, event)
        me.delete(f"/v1/events/{event}/queue")
        time.sleep(1.2)
        self.assertEqual(self.place(next_one, event)["status"], "waiting")
        again = self.join(me, event)
        self.assertEqual((again["number"], again["status"]), (number, "admitted"))
        self.assertEqual(self.open(me, event, again["checkout_token"]).code, "checkout_in_progress")
        me.post(f"/v1/sessions/{session}/cancel")
        self.admitted(next_one, event)

    def test_before_the_sale_nobody_is_admitted(self):
        crowd = [person() for _ in range(3)]
        event = organizer().event({"waiting_room": {"enabled": True}}, sale_starts_at=from_now(seconds=4))["id"]
        for who in crowd:
            self.join(who, event)
        self.assertEqual({self.place(who, event)["status"] for who in crowd}, {"waiting"})
        for who in crowd:
            self.admitted(who, event)

    def test_leaving_before_the_sale_leaves_no_gap_and_coming_back_no_second_number(self):
        rules = {"enabled": True, "max_active": 1, "batch": 1, "token_seconds": 60}
        event = organizer().event({"waiting_room": rules}, sale_starts_at=from_now(seconds=5))["id"]
        restless, gone, steady = person(), person(), person()
        number = self.join(restless, event)["number"]
        for _ in range(3):
            self.assertEqual(restless.delete(f"/v1/events/{event}/queue").json["status"], "left")
            self.assertEqual(self.join(restless, event)["number"], number)
        for who in (gone, steady):
            self.join(who, event)
        gone.delete(f"/v1/events/{event}/queue")
        restless.delete(f"/v1/events/{event}/queue")
        self.admitted(steady, event)

    def test_nobody_waits_for_an_event_that_is_called_off(self):
        rules = {"enabled": True, "max_active": 1, "batch": 1}
        house = organizer()
        event = house.event({"waiting_room": rules})["id"]
        first, second = person(), person()
        for who in (first, second):
            self.join(who, event)
        self.admitted(first, event)
        house.step(event, "cancel")
        self.assertTrue(eventually(lambda: self.place(second, event)["status"] == "expired"))
        self.assertEqual(self.place(first, event)["status"], "expired")

    def test_nobody_joins_what_is_over(self):
        rules, house = {"enabled": True, "max_active": 1, "batch": 1}, organizer()
        me, early = person(), person()
        over = house.event({"waiting_room": rules}, sale_ends_at=from_now(seconds=5))["id"]
        self.join(early, over)
        off, plain = house.event({"waiting_room": rules})["id"], house.event()["id"]
        draft = house.draft({"waiting_room": rules})["id"]
        for event in (off, plain, draft):
            house.step(event, "cancel")
        said = lambda event: (lambda a: (a.status, a.code))(me.post(f"/v1/events/{event}/queue"))
        for event in (off, plain):
            self.assertEqual(said(event), (409, "event_cancelled"))
        self.assertEqual(said(draft), (404, "not_found"), "nobody has ever heard of it")
        ended = lambda: me.get(f"/v1/events/{over}").json["event"]["status"] == "ended"
        self.assertTrue(eventually(ended))
        self.assertEqual(said(over), (409, "queue_closed"))
        self.assertEqual(early.post(f"/v1/events/{over}/queue").code, "queue_closed")

    def test_rooms_that_are_not_there(self):
        plain, draft = organizer().event()["id"], organizer().draft()["id"]
        said = stranger().post(f"/v1/events/{plain}/queue")
        self.assertEqual((said.status, said.code), (409, "no_waiting_room"))
        for verb in ("get", "delete"):
            said = getattr(stranger(), verb)(f"/v1/events/{plain}/queue")
            self.assertEqual((said.status, said.code), (404, "not_in_queue"))
        for event in (draft, str(uuid.uuid4()), "nonsense"):
            self.assertEqual(stranger().post(f"/v1/events/{event}/queue").status, 404)
        for verb in ("get", "delete"):
            self.assertEqual(getattr(stranger(), verb)("/v1/events/nonsense/queue").status, 404)
        said = stranger().post(f"/v1/events/{plain}/queue", {"x": 1})
        self.assertEqual(said.code, "unknown_field")


class Running(Waiting):
    """What an organizer does to a room while people wait in it."""

    def look(self, event):
        said = organizer().get(f"/v1/events/{event}/queue/room")
        self.assertEqual(said.status, 200, said)
        return said.json["room"]

    def set_rate(self, event, **rate):
        said = organizer().post(f"/v1/events/{event}/queue/rate", rate)
        self.assertEqual(said.status, 200, said)
        return said.json["room"]["rate"]

    def clear(self, event, **more):
        said = organizer().post(f"/v1/events/{event}/queue/clear", **more)
        self.assertEqual(said.status, 200, said)
        return said.json["room"]

    def test_a_higher_rate_lets_more_in_and_a_lower_one_sends_nobody_back(self):
        event, crowd = room(max_active=1, batch=1), [person() for _ in range(4)]
        for who in crowd[:3]:
            self.join(who, event)
        self.admitted(crowd[0], event)
        time.sleep(1.2)
        self.assertEqual(self.place(crowd[1], event)["status"], "waiting")
        self.assertEqual(self.set_rate(event, max_active=3, batch=2), {"max_active": 3, "batch": 2, "token_seconds": 60})
        tokens = [self.admitted(who, event) for who in crowd[:3]]
        self.assertEqual(self.set_rate(event, max_active=1, token_seconds=5),
                         {"max_active": 1, "batch": 2, "token_seconds": 5})
        self.join(crowd[3], event)
        time.sleep(6)
        self.assertEqual([self.place(who, event)["status"] for who in crowd], ["admitted"] * 3 + ["waiting"])
        for who, token in zip(crowd, tokens):
            self.assertEqual(self.open(who, event, token).status, 201)
        self.assertEqual(self.look(event)["checked_in"], 3)

    def test_a_pause_does_not_bring_back_the_rate_that_the_room_was_opened_with(self):
        event, boss = room(max_active=1, batch=1), organizer()
        now = self.set_rate(event, max_active=7)
        boss.step(event, "pause")
        self.assertTrue(eventually(lambda: self.look(event)["calls"] == "held"))
        boss.step(event, "resume")
        self.assertTrue(eventually(lambda: self.look(event)["calls"] == "going"))
        self.assertEqual(self.look(event)["rate"], now)
        settings = boss.get(f"/v1/events/{event}").json["event"]["settings"]
        self.assertEqual(settings["waiting_room"]["max_active"], 1, "what it was opened with")

    def test_clearing_sends_away_who_waits_and_nobody_who_was_called(self):
        event, (first, second, third) = room(max_active=1, batch=1), (person(), person(), person())
        last = [self.join(who, event)["number"] for who in (first, second, third)][-1]
        token = self.admitted(first, event)
        seen = self.clear(event)
        self.assertEqual((seen["waiting"], seen["cleared"], seen["admitted"], seen["dealt"]), (0, 2, 1, 3))
        self.assertEqual([self.place(who, event)["status"] for who in (first, second, third)],
                         ["admitted", "expired", "expired"])
        again = self.join(third, event)
        self.assertEqual((again["status"], again["ahead"]), ("waiting", 0))
        self.assertGreater(again["number"], last)
        session = self.open(first, event, token).json["session"]["id"]
        first.post(f"/v1/sessions/{session}/cancel")
        self.admitted(third, event)
        self.assertEqual(self.place(second, event)["status"], "expired")

    def test_who_is_sent_away_before_the_sale_may_come_back_for_the_draw(self):
        rules = {"enabled": True, "max_active": 1, "batch": 1, "token_seconds": 60}
        event = organizer().event({"waiting_room": rules}, sale_starts_at=from_now(seconds=6))["id"]
        gone, back = person(), person()
        for who in (gone, back):
            self.join(who, event)
        seen = self.clear(event)
        self.assertEqual((seen["calls"], seen["waiting"], seen["cleared"]), ("not_begun", 0, 2))
        self.assertEqual(self.place(gone, event)["status"], "expired")
        self.assertEqual(self.join(back, event)["number"], 3)
        self.admitted(back, event)
        self.assertEqual(self.place(gone, event)["status"], "expired")

    def test_the_room_is_shown_as_counts(self):
        event, (first, second, third) = room(max_active=1, batch=1), (person(), person(), person())
        counts = ("waiting", "admitted", "checked_in", "served", "missed", "left", "cleared")
        for who in (first, second, third):
            self.join(who, event)
        token = self.admitted(first, event)
        session = self.open(first, event, token).json["session"]["id"]
        third.delete(f"/v1/events/{event}/queue")
        self.assertTrue(eventually(lambda: self.look(event)["left"] == 1))
        seen = self.look(event)
        self.assertEqual([seen[name] for name in counts], [1, 0, 1, 0, 0, 1, 0])
        self.assertEqual((seen["event_id"], seen["calls"], seen["dealt"]), (event, "going", 3))
        self.assertGreaterEqual(seen["calls_per_minute"], 1)
        first.post(f"/v1/sessions/{session}/cancel")
        self.admitted(second, event)
        second.delete(f"/v1/events/{event}/queue")
        self.assertTrue(eventually(lambda: self.look(event)["missed"] == 1))
        self.assertEqual([self.look(event)[name] for name in counts], [0, 0, 0, 1, 1, 1, 0])

    def test_a_key_is_good_for_one_change(self):
        event, boss = room(max_active=1, batch=1), organizer()
        where, key = f"/v1/events/{event}/queue", fresh("key")
        first, second = person(), person()
        for who in (first, second):
            self.join(who, event)
        self.admitted(first, event)
        said = boss.post(where + "/clear", key=key)
        self.assertEqual(said.json["room"]["cleared"], 1)
        self.join(second, event)
        self.assertEqual(boss.post(where + "/clear", key=key).body, said.body)
        self.assertEqual(self.place(second, event)["status"], "waiting", "a late repeat does nothing")
        key = fresh("key")
        said = boss.post(where + "/rate", {"batch": 5}, key=key)
        self.set_rate(event, batch=6)
        self.assertEqual(boss.post(where + "/rate", {"batch": 5}, key=key).body, said.body)
        self.assertEqual(self.look(event)["rate"]["batch"], 6)
        self.assertEqual(boss.post(where + "/rate", {"batch": 7}, key=key).code, "key_reused")

    def test_who_may_and_what_makes_sense(self):
        event, boss = room(), organizer()
        where = f"/v1/events/{event}/queue"
        orders = (("POST", "/rate", {"batch": 3}), ("POST", "/clear", {}), ("GET", "/room", None))
        root = anyone()
        token = root.post("/v1/auth/login", {"email": ADMIN[0], "password": ADMIN[1]}).json["access_token"]
        for verb, word, body in orders:
            self.assertEqual(stranger().call(verb, where + word, body).status, 404)
            self.assertEqual(anyone().call(verb, where + word, body).status, 401)
            self.assertEqual(root.call(verb, where + word, body, token=token).status, 200)
        for name, values in (("max_active", (0, 1_000_001)), ("batch", (0, 100_001)), ("token_seconds", (0, 86_401))):
            for value in values:
                said = boss.post(where + "/rate", {name: value})
                self.assertEqual((said.status, said.code, said.json["errors"][0]["field"]), (422, "invalid_value", name), said)
        for wrong, status in (({}, 422), ({"batch": -1}, 422), ({"batch": "3"}, 400), ({"colour": 1}, 400)):
            self.assertEqual(boss.post(where + "/rate", wrong).status, status, wrong)
        self.assertEqual(self.look(event)["rate"], {"max_active": 2, "batch": 3, "token_seconds": 60})
        boss.step(event, "cancel")
        self.assertTrue(eventually(lambda: self.look(event)["calls"] == "over"))
        rooms = [(event, "queue_closed"), (boss.event()["id"], "no_waiting_room"),
                 (boss.draft({"waiting_room": {"enabled": True}})["id"], "no_waiting_room")]
        for where, code in rooms:
            for verb, word, body in orders:
                said = boss.call(verb, f"/v1/events/{where}/queue{word}", body)
                if verb == "GET" and code == "queue_closed":
                    continue  # it is still shown
                self.assertEqual((said.status, said.code), (409, code), said)

    def test_a_room_takes_no_new_orders_while_a_node_of_an_older_version_lives(self):
        """Such a node might come to own the room, and could not read what was ordered."""
        at = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        boss = Organizer(at)
        event = boss.event({"waiting_room": {"enabled": True}, "checkout_seconds": 60})["id"]
        change = lambda: boss.post(f"/v1/events/{event}/queue/rate", {"max_active": 7})
        self.assertTrue(eventually(lambda: change().status == 200))
        at.query("INSERT INTO member (name, roles, protocol_low, protocol_high, ttl, lease_until) "
                 "VALUES ('old', '{front}', 1, 4, '1 hour', clock_timestamp() + interval '1 hour')")
        self.assertTrue(eventually(lambda: change().status == 503))
        for said in (change(), boss.post(f"/v1/events/{event}/queue/clear")):
            self.assertEqual((said.status, said.code, said.header("Retry-After")), (503, "unavailable", "1"))
            self.assertIn("new version", said.json["detail"])
        self.assertEqual(boss.get(f"/v1/events/{event}/queue/room").status, 200, "who looks changes nothing")
        at.query("UPDATE member SET alive = false WHERE name = 'old'")
        self.assertTrue(eventually(lambda: change().status == 200))
        self.assertEqual(at.stop(), 0)
