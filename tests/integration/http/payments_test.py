"""Paying, and everything that goes wrong with it."""
import base64
import time
import unittest
import uuid

from client import eventually, webhook
from world import anyone, node, organizer, person, stranger


class Payments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.event = organizer().event({"checkout_seconds": 60, "max_per_user": 50})["id"]
        cls.seats = iter([f"B-{r}-{s}" for r in range(1, 5) for s in range(1, 11)])

    def begin(self, event=None, seats=1):
        """A buyer in the middle of a checkout."""
        me = person()
        session = me.open(event or self.event)["id"]
        names = [next(self.seats) for _ in range(seats)]
        held = me.hold(session, *names)
        self.assertEqual(held.status, 200, held)
        said = me.checkout(session)
        self.assertEqual(said.status, 200, said)
        return me, session, said.json["payment"], names

    def test_from_checkout_to_tickets(self):
        me, session, payment, seats = self.begin(seats=2)
        self.assertEqual((payment["status"], payment["amount"]["amount"]), ("pending", 2400000))
        self.assertEqual(me.session(session)["status"], "checkout")
        self.assertEqual(me.checkout(session).code, "payment_pending")
        paid = me.play(payment["id"])
        self.assertEqual(paid.json["payment"]["status"], "completed", paid)
        done = me.session(session)
        self.assertEqual(done["status"], "completed")
        self.assertEqual(sorted(t["seat"] for t in done["tickets"]), sorted(seats))
        order = eventually(lambda: next((o for o in me.get("/v1/orders").json["orders"] if o["status"] == "completed"), None))
        self.assertEqual((order["status"], order["total"]["amount"], len(order["tickets"])), ("completed", 2400000, 2))
        self.assertEqual(me.get("/v1/orders/" + order["id"]).json["order"], order)
        listed = eventually(lambda: me.get("/v1/tickets").json["tickets"])
        self.assertEqual({t["id"] for t in listed}, {t["id"] for t in done["tickets"]})
        ticket = me.get("/v1/tickets/" + listed[0]["id"]).json["ticket"]
        self.assertEqual(ticket["status"], "valid")
        self.assertGreater(len(ticket["code"]), 80, "it is signed")
        key = anyone().get("/v1/ticket-keys").json["keys"][0]["x"]
        self.assertEqual(len(base64.urlsafe_b64decode(key + "=")), 32)
        self.assertEqual(me.get("/v1/payments").json["payments"][0]["id"], payment["id"])
        self.assertEqual(me.get("/v1/payments/" + payment["id"]).json["payment"]["status"], "completed")
        self.assertEqual(me.play(payment["id"]).code, "payment_settled")
        self.assertEqual(me.hold(session, "A-1-1").code, "session_not_open")
        self.assertEqual(me.post(f"/v1/sessions/{session}/cancel").code, "session_not_open")

    def test_tickets_of_a_cancelled_event_are_cancelled_and_have_no_code(self):
        boss, me = organizer(), person()
        event = boss.event()["id"]
        ticket = "/v1/tickets/" + me.buy(event, "A-1-1")["tickets"][0]["id"]
        eventually(lambda: me.get(ticket).status == 200)
        self.assertIn("code", me.get(ticket).json["ticket"])
        boss.step(event, "cancel")
        status = lambda: me.get(ticket).json["ticket"]["status"]
        self.assertTrue(eventually(lambda: status() == "cancelled"), status())
        self.assertNotIn("code", me.get(ticket).json["ticket"])
        self.assertEqual([t["status"] for t in me.get("/v1/tickets").json["tickets"]], ["cancelled"])
        order = me.get("/v1/orders").json["orders"][0]
        self.assertEqual([t["status"] for t in order["tickets"]], ["cancelled"])

    def test_organizers_see_the_sales_of_their_events_and_nobody_else_does(self):
        me, session, payment, _ = self.begin()
        me.play(payment["id"])
        mine = eventually(lambda: me.get("/v1/tickets").json["tickets"])[0]
        for kind, one in (("payments", payment["id"]), ("orders", session), ("tickets", mine["id"])):
            listed = organizer().get(f"/v1/{kind}?limit=100&event_id={self.event}").json[kind]
            self.assertIn(one, [x["id"] for x in listed], kind)
            self.assertEqual(organizer().get(f"/v1/{kind}/{one}").status, 200, kind)
            self.assertEqual(stranger().get(f"/v1/{kind}/{one}").status, 404, kind)
            self.assertEqual(stranger().get(f"/v1/{kind}?event_id={self.event}").json[kind], [], kind)
            for where in (str(uuid.uuid4()), "nonsense"):
                self.assertEqual(me.get(f"/v1/{kind}/{where}").status, 404)
            self.assertEqual(me.get(f"/v1/{kind}?limit=0").status, 422)
            self.assertEqual(me.get(f"/v1/{kind}?event_id=x").status, 422)
            self.assertEqual(me.get(f"/v1/{kind}?page_token=x").code, "bad_cursor")

    def test_lists_page(self):
        me = person()
        bought = [me.buy(self.event, next(self.seats)) for _ in range(3)]
        eventually(lambda: len(me.get("/v1/orders").json["orders"]) == 3)
        seen, token = [], ""
        while token is not None:
            part = me.get("/v1/orders?limit=1" + (f"&page_token={token}" if token else "")).json
            seen += [o["id"] for o in part["orders"]]
            token = part["next_token"]
        self.assertEqual(seen, [b["id"] for b in reversed(bought)])
        other = person().get(f"/v1/orders?limit=1&page_token={me.get('/v1/orders?limit=1').json['next_token']}")
        self.assertTrue(other.status == 400 or other.json["orders"] == [], other)

    def test_a_failed_payment_keeps_the_seats_for_a_retry(self):
        me, session, payment, seats = self.begin()
        self.assertEqual(me.play(payment["id"], "fail").json["payment"]["status"], "failed")
        self.assertEqual(me.session(session)["status"], "failed")
        other = person()
        self.assertEqual(other.hold(other.open(self.event)["id"], *seats).status, 409)
        again = me.checkout(session).json["payment"]
        self.assertNotEqual(again["id"], payment["id"])
        self.assertEqual(me.play(again["id"]).json["payment"]["status"], "completed")
        self.assertEqual(me.session(session)["status"], "completed")

    def test_an_expired_payment_frees_nothing_that_is_not_ours(self):
        me, session, payment, _ = self.begin()
        said = me.play(payment["id"], "expire")
        self.assertEqual(said.json["payment"]["status"], "expired", said)
        self.assertIn(me.session(session)["status"], ("expired", "failed"))

    def test_a_wrong_amount_sells_nothing(self):
        me, session, payment, seats = self.begin()
        said = me.play(payment["id"], "wrong_amount")
        self.assertEqual((said.status, said.json["payment"]["status"]), (200, "pending"), said)
        self.assertEqual(me.session(session)["status"], "checkout")
        other = person()
        self.assertEqual(other.hold(other.open(self.event)["id"], *seats).status, 409, "nor frees it")
        self.assertEqual(me.play(payment["id"]).json["payment"]["status"], "completed")

    def test_a_late_success_takes_the_seats_again(self):
        event = organizer().event({"hold_seconds": 3, "checkout_seconds": 3})["id"]
        me = person()
        session = me.open(event)["id"]
        me.hold(session, "A-1-1")
        payment = me.checkout(session).json["payment"]
        self.assertEqual(me.play(payment["id"], "late_success").status, 200)
        done = eventually(lambda: (lambda s: s if s["status"] == "completed" else None)(me.session(session)), 20)
        self.assertTrue(done, me.session(session))
        self.assertEqual([t["seat"] for t in done["tickets"]], ["A-1-1"])
        self.assertEqual(me.get("/v1/payments/" + payment["id"]).json["payment"]["status"], "completed")

    def test_a_late_success_for_a_seat_that_is_gone_is_refunded(self):
        event = organizer().event({"hold_seconds": 3, "checkout_seconds": 3})["id"]
        me, other = person(), person()
        session = me.open(event)["id"]
        me.hold(session, "A-1-1")
        payment = me.checkout(session).json["payment"]
        self.assertTrue(eventually(lambda: me.session(session)["status"] == "expired", 20))
        theirs = other.open(event)["id"]
        self.assertEqual(other.hold(theirs, "A-1-1").status, 200)
        said = webhook(anyone(), "payment.succeeded", payment["id"], payment["amount"])
        self.assertEqual(said.status, 200, "the provider is never told to try again for that")
        status = lambda: me.get("/v1/payments/" + payment["id"]).json["payment"]["status"]
        self.assertTrue(eventually(lambda: status() == "refunded"), status())
        self.assertNotEqual(me.session(session)["status"], "completed")
        self.assertEqual(me.get("/v1/tickets").json["tickets"], [])
        other.post(f"/v1/sessions/{theirs}/cancel")  # else it ends while another test counts the journal's rows

    def test_a_duplicate_webhook_has_no_second_effect(self):
        me, session, payment, _ = self.begin()
        for _ in range(3):
            said = webhook(anyone(), "payment.succeeded", payment["id"], payment["amount"], name="msg_once_" + payment["id"])
            self.assertEqual(said.status, 200, said)
        first = me.session(session)
        rows = node().quiet_rows()
        webhook(anyone(), "payment.succeeded", payment["id"], payment["amount"])
        webhook(anyone(), "payment.failed", payment["id"], payment["amount"])
        self.assertEqual(me.session(session), first)
        self.assertEqual(node().journal_rows(), rows)

    def test_forged_webhooks(self):
        me, session, payment, _ = self.begin()
        said = (payment["id"], payment["amount"])
        rows = node().quiet_rows()
        for forged in (webhook(anyone(), "payment.succeeded", *said, key=b"another key, just as long as that"),
                       webhook(anyone(), "payment.succeeded", *said, sent=time.time() - 3600),
                       webhook(anyone(), "payment.succeeded", *said, sent=time.time() + 3600),
                       anyone().post("/v1/webhooks/sandbox", {"type": "payment.succeeded"})):
            self.assertEqual((forged.status, forged.code), (401, "bad_signature"), forged)
        self.assertEqual(me.session(session)["status"], "checkout")
        self.assertEqual(webhook(anyone(), "payment.succeeded", str(uuid.uuid4()), payment["amount"]).status, 404)
        self.assertEqual(webhook(anyone(), "payment.invented", *said).status, 422)
        self.assertEqual(webhook(anyone(), "payment.succeeded", "x", payment["amount"]).status, 422)
        for body in (b'{"type":', b'{"type":"payment.succeeded","data":{},"x":1}'):
            self.assertEqual(webhook(anyone(), "", "", None, raw=body).status, 400, body)
        self.assertEqual(node().quiet_rows(), rows)

    def test_a_wrong_currency_is_a_wrong_amount(self):
        me, session, payment, _ = self.begin()
        wrong = {"amount": payment["amount"]["amount"], "currency": "USD"}
        said = webhook(anyone(), "payment.succeeded", payment["id"], wrong)
        self.assertEqual((said.status, said.json), (200, {"status": "refused"}))
        self.assertEqual(me.session(session)["status"], "checkout")

    def test_the_sandbox_is_the_payers_own(self):
        me, _, payment, _ = self.begin()
        self.assertEqual(stranger().play(payment["id"]).status, 404)
        self.assertEqual(me.play(str(uuid.uuid4())).status, 404)
        self.assertEqual(me.play(payment["id"], "invented").status, 422)

    def test_cancelling_in_the_middle_of_a_checkout(self):
        me, session, payment, seats = self.begin()
        self.assertEqual(me.post(f"/v1/sessions/{session}/cancel").status, 200)
        other = person()
        self.assertEqual(other.hold(other.open(self.event)["id"], *seats).status, 200)
        self.assertEqual(webhook(anyone(), "payment.succeeded", payment["id"], payment["amount"]).status, 200)
        status = lambda: me.get("/v1/payments/" + payment["id"]).json["payment"]["status"]
        self.assertTrue(eventually(lambda: status() == "refunded"), status())

    def test_a_cancelled_event_ends_its_sessions_and_nobody_can_pay_any_more(self):
        boss, me, other, third = organizer(), person(), person(), person()
        event = boss.event()["id"]
        cart, order = other.open(event)["id"], me.open(event)["id"]
        self.assertEqual(other.hold(cart, "A-1-1", "B-1-1").status, 200)
        self.assertEqual(me.hold(order, "A-1-2", "B-1-2").status, 200)
        payment = me.checkout(order).json["payment"]
        bought = third.buy(event, "A-2-5")["id"]
        boss.step(event, "cancel")
        status = lambda: me.get("/v1/payments/" + payment["id"]).json["payment"]["status"]
        now = lambda: (other.session(cart)["status"], me.session(order)["status"], status())
        self.assertTrue(eventually(lambda: now() == ("cancelled", "cancelled", "expired"), 30), now())
        self.assertEqual(me.play(payment["id"]).code, "payment_settled")
        self.assertEqual(webhook(anyone(), "payment.succeeded", payment["id"], payment["amount"]).status, 200)
        self.assertTrue(eventually(lambda: status() == "refunded"), status())
        held = lambda: [line["held"] for line in anyone().get(f"/v1/events/{event}/availability").json["sections"]]
        self.assertTrue(eventually(lambda: not any(held())), held())
        self.assertEqual(third.session(bought)["status"], "completed", "what is paid stays")
