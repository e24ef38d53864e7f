"""The figures: each thing counts once, however often it was asked for."""
import re
import unittest

from client import Organizer, Person, eventually, webhook
from node import fresh
from world import anyone, new_node


def figure(node, name):
    text = anyone(node).get("/metrics").body.decode()
    found = re.search(rf"^{name}(?:{{[^}}]*}})? ([0-9.e+-]+)$", text, re.M)
    return float(found.group(1)) if found else None


class Figures(unittest.TestCase):
    def test_repeats_do_not_count(self):
        node = new_node()
        shown = Organizer(node).event()
        event, standing = shown["id"], shown["ticket_types"][1]["id"]
        me = Person(node)
        opened = [me.post(f"/v1/events/{event}/sessions", {}, key="open") for _ in range(3)]
        session = opened[0].json["session"]["id"]
        for _ in range(3):
            me.post(f"/v1/sessions/{session}/seats", {"seats": ["A-1-1", "A-1-2"]}, key="hold")
        me.hold(session, "A-1-1")  # one has it already
        me.hold(session, ticket_types=[{"id": standing, "quantity": 3}])
        paid = [me.checkout(session, key="pay") for _ in range(3)][0].json["payment"]
        me.play(paid["id"])
        for _ in range(3):
            webhook(anyone(node), "payment.succeeded", paid["id"], paid["amount"], name=fresh("msg_"))
        figures = lambda: [figure(node, name) for name in ("sessions_opened_total", "seats_reserved_total",
                                                           "checkouts_started_total", "sales_completed_total")]
        self.assertTrue(eventually(lambda: figures() == [1, 5, 1, 1]), figures())
        text = anyone(node).get("/metrics").body.decode()
        self.assertEqual(sorted(re.findall(r'^conversion_funnel_rate{step="(\w+)"} 1$', text, re.M)),
                         ["checkout", "completed", "held"])
        self.assertEqual(node.stop(), 0)

    def test_a_session_has_held_whatever_it_did_before_and_counts_once(self):
        node = new_node()
        event, me = Organizer(node).event()["id"], Person(node)
        session = me.open(event)["id"]
        me.open(event)  # and is never used
        held = lambda: re.findall(r'^conversion_funnel_rate{step="held"} (.*)$', anyone(node).get("/metrics").body.decode(), re.M)
        self.assertEqual(me.post(f"/v1/sessions/{session}/extend").status, 200)
        self.assertEqual(me.hold(session, "A-1-1").status, 200)
        self.assertTrue(eventually(lambda: held() == ["0.5"]), held())
        self.assertEqual(me.delete(f"/v1/sessions/{session}/seats/A-1-1").status, 200)
        self.assertEqual(me.hold(session, "A-1-2").status, 200)
        self.assertTrue(eventually(lambda: figure(node, "seats_reserved_total") == 2))
        self.assertEqual(held(), ["0.5"])
        self.assertEqual(node.stop(), 0)

    def test_a_wrong_amount_is_raised_once(self):
        node = new_node()
        event, me = Organizer(node).event()["id"], Person(node)
        session = me.open(event)["id"]
        me.hold(session, "A-1-1")
        payment = me.checkout(session).json["payment"]
        wrong = {"amount": payment["amount"]["amount"] - 1, "currency": payment["amount"]["currency"]}
        self.assertEqual(figure(node, "payment_amount_mismatches_total"), 0)
        name = fresh("msg_")
        for _ in range(3):
            self.assertEqual(webhook(anyone(node), "payment.succeeded", payment["id"], wrong, name=name).status, 200)
        self.assertTrue(eventually(lambda: figure(node, "payment_amount_mismatches_total") == 1))
        webhook(anyone(node), "payment.succeeded", payment["id"], wrong)
        self.assertTrue(eventually(lambda: figure(node, "payment_amount_mismatches_total") == 2))
        self.assertEqual(node.stop(), 0)

    def test_free_seats_are_those_of_all_events_asked_about(self):
        node = new_node()
        boss = Organizer(node)
        events = [boss.event()["id"] for _ in range(2)]

        def free(event):
            shown = anyone(node).get(f"/v1/events/{event}/availability").json
            return sum(section["available"] for section in shown["sections"])

        self.assertEqual(figure(node, "seats_available"), 0)
        self.assertGreater(free(events[0]), 0)
        self.assertEqual(figure(node, "seats_available"), free(events[0]))
        both = sum(free(event) for event in events)
        self.assertEqual(figure(node, "seats_available"), both)
        self.assertEqual(node.stop(), 0)

    def test_one_user_in_a_queue_is_one(self):
        node = new_node()
        event = Organizer(node).event({"waiting_room": {"enabled": True, "max_active": 1}})["id"]
        first, second = Person(node), Person(node)
        queue = f"/v1/events/{event}/queue"
        for _ in range(3):
            first.post(queue)
        self.assertTrue(eventually(lambda: first.get(queue).json["status"] == "admitted"))
        for _ in range(3):
            first.get(queue)
            second.post(queue)
            second.get(queue)
        self.assertEqual(figure(node, "queue_users"), 1, "the first has been called")
        self.assertTrue(eventually(lambda: figure(node, "queue_wait_time_seconds_count") == 1))
        second.delete(queue)
        self.assertEqual(figure(node, "queue_users"), 0)
        self.assertEqual(node.stop(), 0)
