"""A small true story of some rows, for `lies` to be told about."""

import datetime
import json

EVENT, BLOCK, BUYER, CALLER = "event-1", "block-1", "user-1", "buyer"
STEP = 1_000  # milliseconds between rows
START = 1_800_000_000_000


def at(moment):
    return f"{datetime.datetime.fromtimestamp(moment / 1000, datetime.timezone.utc):%Y-%m-%dT%H:%M:%S}Z"


class Pen:
    """Writes a story as the daemon would: one shard, rows in the order of time."""

    def __init__(self):
        self.journal, self.journaled, self.history, self.versions = [], 0, [], {}
        self.lists = {"order_list": [], "ticket_list": [], "payment_list": []}
        self.book = {"captures": [], "refunds": []}
        self.unwell = []

    def now(self):
        return START + STEP * len(self.journal)

    def row(self, kind, entity, *facts, answer=None):
        version = self.versions[entity] = self.versions.get(entity, 0) + 1
        self.journaled += 1
        self.journal.append({"shard": 1, "lsn": (1 << 32) + len(self.journal) + 1, "epoch": 1, "kind": kind, "entity": entity,
                             "committed": len(self.journal),
                             "version": version, "at": self.now(),
                             "facts": [[f"{kind}.{name}/1", body] for name, body in facts],
                             "request": {"answer": answer} if answer else None})

    def hear(self, op, path, answer, key=None, status=200):
        self.history.append({"client": CALLER, "op": op, "method": "POST", "path": path, "key": key, "body": "",
                             "sent": 0, "got": 1, "status": status, "answer": answer, "lost": None, "again": False})

    def session(self, key, status, seats, expires_at, tickets=(), payment=None):
        items = [{"id": s, "section": "A", "quantity": 1, "price": {"amount": 10, "currency": "VND"}} for s in seats]
        said = {"session": {"id": key, "status": status, "seats": items, "expires_at": at(expires_at),
                            "tickets": [{"id": t} for t in tickets]}}
        return json.dumps(said | ({"payment": {"id": payment}} if payment else {}))


def truth():
    """One buyer pays for a seat, another lets a hold of two lapse and pays too late; a third waits in the room."""
    pen = Pen()
    plan = {"name": "A", "capacity": 0, "rows": [{"label": "1", "seats": 4, "first": 1, "step": 1}]}
    pen.row("seat_block", BLOCK, ("opened", {"event": EVENT, "plan": plan, "ticket_type": "t",
                                             "price": {"amount": 10, "currency": "VND"}, "no_orphans": False}))
    until, window = START + 60 * STEP, START + 90 * STEP
    for session in ("s1", "s2"):
        said = pen.session(session, "open", [], until)
        pen.row("booking_session", session, ("opened", {
            "event": EVENT, "buyer": BUYER, "currency": "VND", "expires_at": until, "queue_number": 0}), answer=said)
        pen.hear("open", f"/v1/events/{EVENT}/sessions", said, f"open-{session}", 201)
    hold(pen, "s1", [0], until)
    hold(pen, "s2", [1, 2], until)
    sale(pen, until, window)
    lapse_at = until + STEP
    pen.row("seat_block", BLOCK, ("lapsed", {"session": "s2", "seats": [1, 2], "places": 0}))
    pen.journal[-1]["at"] = lapse_at
    pen.row("booking_session", "s2", ("expired", {}))
    pen.journal[-1]["at"] = lapse_at
    late_money(pen, window)
    busy_room(pen)
    room(pen)
    watch(pen)
    look(pen)
    return pen


def hold(pen, session, seats, until):
    ids = [f"A-1-{seat + 1}" for seat in seats]
    pen.row("seat_block", BLOCK, ("held", {"session": session, "seats": seats, "places": 0, "until": until}))
    said = pen.session(session, "open", ids, until)
    items = [{"id": seat, "section": "A", "block": BLOCK, "price": 10, "places": 1, "general_admission": False}
             for seat in ids]
    pen.row("booking_session", session, ("added", {"items": items}), answer=said)
    for _ in range(2):
        pen.hear("hold", f"/v1/sessions/{session}/seats", said, f"hold-{session}")


def sale(pen, until, window):
    begun = pen.now()
    said = pen.session("s1", "checkout", ["A-1-1"], window, payment="p1")
    pen.row("booking_session", "s1", ("checkout_started", {
        "payment": "p1", "method": "sandbox", "amount": 10, "until": window, "event": EVENT, "buyer": BUYER,
        "currency": "VND", "at": begun}), answer=said)
    pen.hear("checkout", "/v1/sessions/s1/checkout", said, "checkout-s1")
    pen.row("payment", "p1", ("created", {"session": "s1", "event": EVENT, "payer": BUYER, "until": window,
                                          "amount": {"amount": 10, "currency": "VND"}, "at": pen.now()}))
    paid = pen.now()
    pen.book["captures"].append({"payment": "p1", "amount": 10, "currency": "VND"})
    pen.row("payment", "p1", ("completed", {"callback": "c", "at": paid}))
    pen.row("seat_block", BLOCK, ("sold", {"session": "s1", "seats": [0], "places": 0}))
    ticket = {"id": "k1", "number": "TK-1", "seat": "A-1-1", "section": "A", "ticket_type": "t", "price": 10}
    done = pen.now()
    pen.row("booking_session", "s1", ("completed", {"payment": "p1", "tickets": [ticket], "late": False, "at": done,
                                                    "event": EVENT, "buyer": BUYER, "currency": "VND"}))
    pen.hear("pay", "/v1/sandbox/payments/p1", json.dumps({"payment": {"id": "p1", "status": "completed"}}))
    pen.lists["order_list"].append({"id": "s1", "event": EVENT, "buyer": BUYER, "payment": "p1", "amount": 10,
                                    "created_at": at(begun), "completed_at": at(done), "status": "completed",
                                    "currency": "VND"})
    pen.lists["ticket_list"].append(ticket | {"session": "s1", "event": EVENT, "buyer": BUYER, "issued_at": at(done)})
    pen.lists["payment_list"].append({"id": "p1", "session": "s1", "event": EVENT, "payer": BUYER, "amount": 10,
                                      "status": "completed", "completed_at": at(paid)})


def late_money(pen, window):
    """It goes back."""
    price = {"amount": 20, "currency": "VND"}
    pen.row("payment", "p2", ("created", {"session": "s2", "event": EVENT, "payer": BUYER, "until": window,
                                          "amount": price, "at": pen.now()}))
    paid = pen.now()
    pen.book["captures"].append({"payment": "p2", **price})
    pen.row("payment", "p2", ("completed", {"callback": "c2", "at": paid}))
    pen.row("payment", "p2", ("refund_started", {}))
    pen.book["refunds"].append({"payment": "p2", **price})
    pen.row("payment", "p2", ("refunded", {}))
    pen.lists["payment_list"].append({"id": "p2", "session": "s2", "event": EVENT, "payer": BUYER, "amount": 20,
                                      "status": "refunded", "completed_at": at(paid)})


def busy_room(pen):
    """Its organizer sends away who waits, before the draw and after it, and lets in two at a time instead of one."""
    def say(*facts):
        pen.row("waiting_room", "r2", *facts)

    say(("opened", {"event": "event-3", "max_active": 1, "batch": 1}))
    for number in (1, 2, 3):
        say(("dealt", {"number": number}))
    say(("left_early", {"number": 2}))
    say(("cleared", {"upto": 3}))
    for number in (4, 5):
        say(("dealt", {"number": number}))
    say(("rate_changed", {"to": {"max_active": 2, "batch": 2, "token_seconds": 60}}))
    say(("drawn", {"seed": 5, "count": 5}), ("admitted", {"upto": 5, "at": pen.now(), "until": pen.now()}))
    say(("dealt", {"number": 6}))
    say(("cleared", {"upto": 6}))
    say(("dealt", {"number": 7}))
    say(("done", {"numbers": [4]}), ("admitted", {"upto": 7, "at": pen.now(), "until": pen.now()}))


def room(pen):
    pen.row("waiting_room", "r1", ("opened", {"event": "event-2", "max_active": 1, "batch": 1}))
    for number in (1, 2):
        pen.row("waiting_room", "r1", ("dealt", {"number": number}))
        pen.row("queue_slot", f"slot-{number}", ("joined", {"event": "event-2", "user": f"user-{number}",
                                                            "number": number}))
    pen.row("waiting_room", "r1", ("admitted", {"upto": 1, "at": pen.now(), "until": pen.now(), "show_up_by": pen.now()}))
    pen.row("waiting_room", "r1", ("turned_back", {"turn": 1, "has_shown_up": True}))
    pen.hear("look", "/v1/events/event-2/queue", json.dumps({"status": "admitted", "number": 1}))
    pen.history[-1]["got"] = pen.now()  # the last of the crowd


def watch(pen):
    """Two fronts, of which one is a second behind."""
    for sent, front, version, line in ((0, 1, 5, 1), (900, 2, 4, 2), (4_000, 2, 6, 2)):
        pen.hear("seats", f"/v1/events/{EVENT}/seats", json.dumps({"version": version}))
        pen.history[-1] |= {"sent": sent, "got": sent + 1, "front": front, "line": line}
    feed(pen, None, ["welcome", 50], ["seat-locked", 51], ["resync", 52], ["seat-sold", 53])
    feed(pen, 53, ["welcome", 54], ["seat-released", 54])
    feed(pen, 54, ["welcome", 90], ["resync", 90], ["seat-sold", 91])


def feed(pen, since, *frames):
    path = f"/v1/events/{EVENT}/live" + (f"?feed=ab12&from={since}" if since else "")
    pen.hear("feed", path, json.dumps({"since": since, "frames": frames}), status=101)
    pen.history[-1] |= {"front": 1, "line": None}


def look(pen):
    """What the restarted daemon answers."""
    pen.hear("look_again", "/v1/events/event-2/queue", json.dumps({"status": "admitted", "number": 1}))
    pen.hear("look_again", "/v1/payments/p1", json.dumps({"payment": {"id": "p1", "status": "completed", "amount": {
        "amount": 10, "currency": "VND"}}}))
    seats = [{"id": f"A-1-{n}", "status": "sold" if n == 1 else "available"} for n in range(1, 5)]
    pen.hear("look_again", f"/v1/events/{EVENT}/seats", json.dumps({"sections": [{"name": "A", "seats": seats}]}))
    pen.hear("look_again", "/v1/sessions/s1",
             pen.session("s1", "completed", ["A-1-1"], START + 90 * STEP, ["k1"], "p1"))
