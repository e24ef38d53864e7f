"""Lies about a small true story: each must be caught, and the truth must pass, as must what only looks like a lie."""

import copy
import json

import check
from true_story import BLOCK, BUYER, EVENT, START, STEP, at, feed, truth


def find(pen, name, session=None):
    return next(body for row in pen.journal for said, body in row["facts"]
                if said == name and session in (None, body.get("session")))


def without(pen, name, session=None):
    """As if that row had never become durable: what follows it closes ranks."""
    gone = next(row for row in pen.journal for said, body in row["facts"]
                if said == name and session in (None, row["entity"], body.get("session")))
    pen.journal.remove(gone)
    pen.journaled -= 1
    for number, row in enumerate(pen.journal, 1):
        row["lsn"] = (1 << 32) + number
        if row["entity"] == gone["entity"] and row["version"] > gone["version"]:
            row["version"] -= 1


def lie(number, sentence):
    def keep(change):
        ALL.append((number, sentence, change))
        return change
    return keep


def truth_too(sentence):
    """What looks like a lie and is none."""
    def keep(change):
        TRUE.append((sentence, change))
        return change
    return keep


ALL, TRUE = [], []


@lie("1.", "a seat is held by two")
def _(pen): find(pen, "seat_block.held/1", "s2")["seats"] = [0, 2]


@lie("1.", "a seat is sold twice")
def _(pen): pen.row("seat_block", BLOCK, ("sold", {"session": "s2", "seats": [0], "places": 0}))


@lie("2.", "an acknowledged hold is missing in its session")
def _(pen): without(pen, "booking_session.added/1", "s2")


@lie("2.", "an acknowledged hold is missing in its block")
def _(pen): without(pen, "seat_block.held/1", "s2")


@lie("2.", "an acknowledged session is missing")
def _(pen): pen.journal = [row for row in pen.journal if row["entity"] != "s2"]


@lie("2.", "an acknowledged payment is missing")
def _(pen): pen.hear("pay", "/", json.dumps({"payment": {"id": "p9", "status": "completed"}}))


@lie("3.", "two are told, one after the other, that a seat is theirs")
def _(pen):
    taken = pen.session("s2", "open", ["A-1-1"], START + 60 * STEP)
    pen.hear("hold", "/v1/sessions/s2/seats", taken, "hold-again")
    pen.history[-1] |= {"sent": 100, "got": 101, "body": '{"seats": ["A-1-1"]}'}


@lie("3.", "a seat that nobody ever took is refused")
def _(pen):
    pen.hear("hold", "/v1/sessions/s2/seats", '{"code": "seat_unavailable"}', "hold-refused", 409)
    pen.history[-1]["body"] = '{"seats": ["A-1-4"]}'


@lie("3.", "a seat that was bought is given to another once its hold is over")
def _(pen):
    bought = pen.session("s1", "completed", ["A-1-1"], START, ["k1"], "p1")
    bought = bought.replace('{"id": "k1"}', '{"id": "k1", "seat": "A-1-1"}')
    pen.hear("show", "/v1/sessions/s1", bought)
    pen.history[-1] |= {"sent": START + 61 * STEP, "got": START + 62 * STEP}
    taken = pen.session("s2", "open", ["A-1-1"], START + 100 * STEP)
    pen.hear("hold", "/v1/sessions/s2/seats", taken, "hold-again")
    pen.history[-1] |= {"sent": START + 90 * STEP, "got": START + 91 * STEP, "body": '{"seats": ["A-1-1"]}'}


@lie("4.", "a number of the journal is missing")
def _(pen): pen.journal[3]["lsn"] += 99


@lie("4.", "the last row of the journal is lost")
def _(pen): pen.journal.pop()


@lie("4.", "an epoch falls")
def _(pen): pen.journal[5]["committed"] = 99


@lie("4.", "a version is missing")
def _(pen): pen.journal[-1]["version"] += 1


@lie("5.", "more is held than there is")
def _(pen): find(pen, "seat_block.held/1", "s2")["places"] = 9


@lie("5.", "a seat that was sold is free again, and still sold")
def _(pen): pen.row("seat_block", BLOCK, ("unblocked", {"seats": [0]}))


@lie("6.", "the amount is not that of what was sold")
def _(pen): find(pen, "payment.created/1")["amount"]["amount"] = 11


@lie("6.", "money is kept for a session that was not completed")
def _(pen): without(pen, "booking_session.completed/1")


@lie("6.", "an order is completed without payment")
def _(pen): without(pen, "payment.completed/1")


@lie("6.", "a ticket for a seat that was not sold")
def _(pen): find(pen, "booking_session.completed/1")["tickets"][0]["seat"] = "A-1-4"


@lie("6.", "the provider takes the money twice")
def _(pen): pen.book["captures"].append({"payment": "p1", "amount": 11, "currency": "VND"})


@lie("6.", "the provider took nothing, and was said to")
def _(pen): pen.book["captures"].pop(0)


@lie("6.", "the provider gives back more than it took")
def _(pen): pen.book["refunds"][0]["amount"] += 1


@lie("6.", "the provider gives back what is kept")
def _(pen): pen.book["refunds"].append({"payment": "p1", "amount": 10, "currency": "VND"})


@lie("6.", "the provider has given nothing back, and was said to")
def _(pen): pen.book["refunds"].clear()


@lie("6.", "the provider took money for nobody")
def _(pen): pen.book["captures"].append({"payment": "p9", "amount": 10, "currency": "VND"})


@lie("7.", "a repeat gets other bytes")
def _(pen): next(one for one in pen.history if one["op"] == "hold")["answer"] += " "


@lie("8.", "the daemon shows a sold seat as free")
def _(pen): pen.history[-2]["answer"] = pen.history[-2]["answer"].replace("sold", "available")


@lie("8.", "the daemon shows an older session")
def _(pen): pen.history[-1]["answer"] = pen.session("s1", "checkout", ["A-1-1"], START + 90 * STEP, payment="p1")


def restarted(pen, path, old, new):
    one = next(one for one in pen.history if one["op"] == "look_again" and one["path"] == path)
    assert old in one["answer"]
    one["answer"] = one["answer"].replace(old, new)


@lie("8.", "the daemon shows a payment as it was before")
def _(pen): restarted(pen, "/v1/payments/p1", "completed", "pending")


@lie("8.", "the daemon shows another amount of a payment")
def _(pen): restarted(pen, "/v1/payments/p1", "10", "11")


@lie("8.", "the daemon has forgotten a session")
def _(pen): pen.history[-1] |= {"status": 404, "answer": '{"code": "not_found"}'}


@lie("8.", "the daemon lets somebody wait again who was called")
def _(pen): restarted(pen, "/v1/events/event-2/queue", "admitted", "waiting")


@lie("8.", "the daemon gives somebody another place in the room")
def _(pen): restarted(pen, "/v1/events/event-2/queue", '"number": 1', '"number": 2')


@lie("8.", "the daemon shows a place as left that nobody gave up")
def _(pen): restarted(pen, "/v1/events/event-2/queue", "admitted", "left")


@lie("8.", "the daemon admits somebody again whose turn was over")
def _(pen):
    pen.row("waiting_room", "r1", ("done", {"numbers": [1]}))
    pen.journal[-1]["at"] = START


@truth_too("money comes late for a payment that had failed, and is shown on its way back")
def _(pen):
    pen.row("payment", "p3", ("created", {"session": "s2", "event": EVENT, "payer": BUYER, "until": START,
                                          "amount": {"amount": 20, "currency": "VND"}, "at": pen.now()}))
    pen.row("payment", "p3", ("failed", {}))
    paid = pen.now()
    pen.row("payment", "p3", ("completed", {"callback": "c3", "at": paid}), ("refund_started", {}))
    pen.row("payment", "p3", ("refunded", {}))
    price = {"payment": "p3", "amount": 20, "currency": "VND"}
    pen.book["captures"].append(price)
    pen.book["refunds"].append(price)
    pen.lists["payment_list"].append({"id": "p3", "session": "s2", "event": EVENT, "payer": BUYER, "amount": 20,
                                      "status": "refunded", "completed_at": at(paid)})
    for status in ("failed", "refunding"):
        pen.hear("look_again", "/v1/payments/p3", json.dumps({"payment": {"id": "p3", "status": status, "amount": {
            "amount": 20, "currency": "VND"}}}))


@truth_too("somebody's turn runs out after the restart")
def _(pen):
    pen.row("waiting_room", "r1", ("done", {"numbers": [1]}))
    restarted(pen, "/v1/events/event-2/queue", "admitted", "expired")


@lie("9.", "a hold lapses early")
def _(pen): next(r for r in pen.journal if r["facts"][0][0] == "seat_block.lapsed/1")["at"] = START + 59 * STEP


@lie("9.", "a session expires early")
def _(pen): next(r for r in pen.journal if r["facts"][0][0] == "booking_session.expired/1")["at"] = START


@lie("9.", "a hold lapses late, though all was well")
def _(pen): next(r for r in pen.journal if r["facts"][0][0] == "seat_block.lapsed/1")["at"] = START + 66 * STEP


def lapse(pen, when, *unwell):
    """The time of that hold was up at START + 60 * STEP."""
    next(r for r in pen.journal if r["facts"][0][0] == "seat_block.lapsed/1")["at"] = START + round(when * STEP)
    pen.unwell = [[START + round(begin * STEP), START + round(end * STEP)] for begin, end in unwell]


@lie("9.", "a hold whose alarm was lost in a move lapses late, long after all was well again")
def _(pen): lapse(pen, 70, (58, 62))


@lie("9.", "a hold that nobody remembers is overdue between two faults, and lapses in the second")
def _(pen): lapse(pen, 75, (58, 62), (71, 80))


@lie("9.", "a hold is forgotten while all is well, and remembered in a fault")
def _(pen): lapse(pen, 67, (66, 68))


@truth_too("a hold lapses late, and something was wrong until then")
def _(pen): lapse(pen, 90, (58, 74), (75, 89))


@truth_too("a hold lapses a while after all was well again")
def _(pen): lapse(pen, 68.5, (58, 62))


@lie("9.", "a list lacks an order")
def _(pen): pen.lists["order_list"].clear()


@lie("9.", "a list shows another amount")
def _(pen): pen.lists["payment_list"][0]["amount"] = 9


@lie("10.", "a client sees an older session than before")
def _(pen): pen.hear("show", "/v1/sessions/s1", pen.session("s1", "open", ["A-1-1"], START + 60 * STEP))


def seen(pen, number, **what):
    [one for one in pen.history if one["op"] == "seats"][number] |= what


@lie("10.", "a seat map is older than the one before it")
def _(pen): seen(pen, 2, sent=1_800, answer='{"version": 3}')


@lie("10.", "a front still shows a seat map that others had seen changed long before")
def _(pen): seen(pen, 2, answer='{"version": 4}')


@lie("10.", "a live feed goes back")
def _(pen): feed(pen, 91, ["welcome", 92], ["seat-sold", 91])


@lie("10.", "a live feed leaves something out, and does not say so")
def _(pen): feed(pen, 91, ["welcome", 94], ["seat-sold", 92], ["seat-sold", 94])


@lie("10.", "a live feed begins before what was heard there")
def _(pen): feed(pen, None, ["welcome", 60])


@truth_too("a map is older than that of another front, over another connection, asked for at once")
def _(pen): seen(pen, 2, sent=1_800, got=1_801, line=3, answer='{"version": 3}')


@lie("11.", "two users have one number")
def _(pen): find(pen, "queue_slot.joined/1")["number"] = 2


@lie("11.", "somebody is admitted out of turn")
def _(pen): pen.hear("look", "/v1/events/event-2/queue", json.dumps({"status": "admitted", "number": 2}))


@lie("11.", "somebody is called while the calls are held")
def _(pen):
    pen.row("waiting_room", "r1", ("done", {"numbers": [1]}))
    pen.row("waiting_room", "r1", ("calls_held", {"is_held": True, "at": pen.now()}))
    pen.row("waiting_room", "r1", ("admitted", {"upto": 2, "at": pen.now(), "until": pen.now()}))


@lie("11.", "somebody shows up who was not called")
def _(pen): pen.row("waiting_room", "r1", ("turned_back", {"turn": 2, "has_shown_up": True}))


@lie("11.", "more are called than the rate allows that was set last")
def _(pen):
    for most in (2, 1):
        pen.row("waiting_room", "r1", ("rate_changed", {"to": {"max_active": most, "batch": 2, "token_seconds": 60}}))
    pen.row("waiting_room", "r1", ("admitted", {"upto": 2, "at": pen.now(), "until": pen.now()}))


@lie("11.", "somebody is admitted who was sent away")
def _(pen):
    pen.row("waiting_room", "r1", ("cleared", {"upto": 2}))
    pen.row("waiting_room", "r1", ("dealt", {"number": 3}))
    pen.row("waiting_room", "r1", ("done", {"numbers": [1]}), ("admitted", {"upto": 3, "at": pen.now(), "until": pen.now()}))
    pen.hear("look", "/v1/events/event-2/queue", json.dumps({"status": "admitted", "number": 2}))


@lie("11.", "some who wait are sent away, and some are not")
def _(pen): pen.row("waiting_room", "r1", ("cleared", {"upto": 1}))


def complaints_about(pen):
    after = [one for one in pen.history if one["op"] == "look_again"]
    before = [one for one in pen.history if one["op"] != "look_again"]
    story = check.Story(pen.journal, pen.journaled, pen.lists, pen.book, before, after, unwell=pen.unwell)
    return check.judge(story, lambda _: None)


def run():
    """The lies that went unnoticed."""
    honest = complaints_about(truth())
    missed = [f"the truth: {complaint}" for complaint in honest]
    for number, sentence, change in ALL:
        pen = copy.deepcopy(truth())
        change(pen)
        if not any(complaint.startswith(number) for complaint in complaints_about(pen)):
            missed.append(f"{number} {sentence}")
    for sentence, change in TRUE:
        pen = copy.deepcopy(truth())
        change(pen)
        missed += [f"as true as the truth: {sentence}: {complaint}" for complaint in complaints_about(pen)]
    return missed
