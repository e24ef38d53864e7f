"""3. Each seat is a linearizable register of its owner: there is one order of all that was asked about it, in which every
answer is true and nobody's answer comes before a question that was asked after it.

Of a seat, an acknowledged hold takes it, a hold refused for it alone saw it taken, and a session shown as completed
has bought it; a hold without an answer may have taken it at any time since. Nothing tells when a seat becomes free: it may,
once it was given up, or its time was up. The search is that of Wing and Gong with the states it has seen kept
(Lowe): whatever was asked before the first answer that is still to come may be next.

Who asks for the best that are left may take other seats in passing: when the node of the session dies, the session asks
again at its new one, and what the block gave it the first time stays held until it checks out or its time is up. So an
answer that came late says nothing of who else was refused meanwhile."""

import datetime
import json
from collections import defaultdict
from dataclasses import dataclass

FOREVER = float("inf")
MOST_STATES = 100_000  # of one seat; beyond, it is left undecided
LATE = 1_000  # milliseconds: what took longer may have been begun twice
IN_PASSING = 15_000  # milliseconds that seats of the first time may be held for
EARLY = 50  # milliseconds: two clocks of one machine, read one after the other


@dataclass(frozen=True)
class Step:
    begin: float
    end: float  # FOREVER: nobody knows whether it happened
    what: str  # take, free, see (that it is taken), buy
    session: str = ""


def after(step, holder):
    """The holder (session, is it sold) after a step that may come now; False if it may not."""
    mine = (step.session, False)
    if step.what == "take":
        return mine if holder in (None, mine) else False
    if step.what == "free":
        return None if holder == mine else False
    if step.what == "see":
        return holder if holder is not None else False
    return (step.session, True) if holder in (None, mine) else False


def is_linearizable(steps):
    """Whether there is such an order; None if that took too long to tell."""
    steps = sorted(steps, key=lambda step: (step.end, step.begin))
    certain = sum(1 for step in steps if step.end < FOREVER)
    known, todo = {(0, None)}, [(0, None)]
    while todo:
        done, holder = todo.pop()
        first = next((number for number in range(certain) if not done >> number & 1), None)
        if first is None:
            return True
        if len(known) > MOST_STATES:
            return None
        for number in reversed(range(first, len(steps))):
            step = steps[number]
            if done >> number & 1 or step.begin > steps[first].end:
                continue
            then = after(step, holder)
            state = (done | 1 << number, then)
            if then is not False and state not in known:
                known.add(state)
                todo.append(state)
    return False


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def code_of(one):
    return json.loads(one["answer"]).get("code") if one["answer"] else None


class Requests:
    """All tries under one key, or one try without a key."""

    def __init__(self, tries):
        self.op, self.path = tries[0]["op"], tries[0]["path"]
        self.body = json.loads(tries[0]["body"]) if tries[0]["body"] else {}
        self.begin = min(one["sent"] for one in tries)
        granted = [one for one in tries if one["status"] in (200, 201)]
        self.end = min((one["got"] for one in granted), default=FOREVER)
        self.answer = json.loads(granted[0]["answer"]) if granted and granted[0]["answer"][:1] == "{" else {}
        self.refusals = [one for one in tries if one["status"] and 400 <= one["status"] < 500]
        self.is_unknown = not granted and len(self.refusals) < len(tries)


def gathered(history):
    piles = defaultdict(list)
    for number, one in enumerate(history):
        if one["op"] in ("open", "hold", "remove", "cancel", "checkout", "pay", "show"):
            piles[(one["client"], one["key"], one["path"]) if one["key"] else number].append(one)
    return sorted((Requests(tries) for tries in piles.values()), key=lambda one: one.begin)


class Seats:
    """Sorts what was asked by the seat it is about."""

    def __init__(self, wall):
        self.wall = wall
        self.steps = defaultdict(list)  # (event, seat) -> steps
        self.event, self.sold = {}, set()
        self.known = defaultdict(set)  # session -> seats that it was shown to have
        self.asked = defaultdict(set)  # session -> seats that it ever wanted or had
        self.unsure = {}  # session -> since when it may hold just any seat
        self.wild = defaultdict(list)  # event -> from when to when just any seat of it may be taken
        self.payments, self.paying = {}, {}

    def add(self, session, seat, begin, end, what):
        self.asked[session].add(seat)
        self.steps[(self.event[session], seat)].append(Step(begin, end, what, session))

    def take_in(self, one):
        parts = one.path.split("/")
        if one.op == "open":
            if one.answer:
                self.event[one.answer["session"]["id"]] = parts[3]
            return
        if one.op == "pay":
            return self.pay(one, self.payments.get(parts[-1]))
        session = parts[3]
        if session not in self.event:
            return
        if one.op == "hold":
            self.hold(session, one)
        elif one.op == "remove":
            self.free(session, [parts[5]], one.begin)
        elif one.op == "cancel":
            self.free(session, self.asked[session], one.begin)
        elif one.op == "checkout" and "payment" in one.answer:
            self.payments[one.answer["payment"]["id"]] = session
        self.look(session, one)

    def hold(self, session, one):
        wanted = set(one.body.get("seats", []))
        for seat in wanted if one.is_unknown else ():
            self.add(session, seat, one.begin, FOREVER, "take")
        if one.is_unknown and not wanted:
            self.unsure.setdefault(session, one.begin)
            self.wild[self.event[session]].append((one.begin, FOREVER))
        if one.answer and not wanted and one.end - one.begin > LATE:
            self.wild[self.event[session]].append((one.begin, one.end + IN_PASSING))
        for refusal in one.refusals:
            if code_of(refusal) != "seat_unavailable":  # granted by the block, and then the session was over
                for seat in wanted:
                    self.add(session, seat, one.begin, FOREVER, "take")
                    self.free(session, [seat], one.begin)
            elif len(wanted) == 1:
                seat = next(iter(wanted))
                self.steps[(self.event[session], seat)].append(Step(refusal["sent"], refusal["got"], "see"))
        if one.answer:
            self.held(session, wanted, one)

    def held(self, session, wanted, one):
        said = one.answer["session"]
        now = {item["id"] for item in said["seats"] if item["id"].count("-") > 1}
        for seat in now - self.known[session]:
            begin = one.begin if seat in wanted else min(one.begin, self.unsure.get(session, FOREVER))
            self.add(session, seat, begin, one.end, "take")
            self.free(session, [seat], moment(said["expires_at"]) - self.wall - EARLY)
        self.known[session] |= now

    def free(self, session, seats, since):
        for seat in list(seats):
            self.add(session, seat, since, FOREVER, "free")
            self.known[session].discard(seat)

    def pay(self, one, session):
        if session is None:
            return
        self.paying.setdefault(session, one.begin)
        if one.body.get("outcome", "succeed") != "succeed":  # what fails may give up seats, what is late may take them again
            for seat in list(self.asked[session]):
                self.add(session, seat, one.begin, FOREVER, "free")
                self.add(session, seat, one.begin, FOREVER, "take")

    def look(self, session, one):
        said = one.answer.get("session", {})
        if said.get("status") != "completed" or session in self.sold:
            return
        self.sold.add(session)
        for ticket in said.get("tickets", []):
            if ticket["seat"].count("-") > 1:
                self.add(session, ticket["seat"], self.paying.get(session, one.begin), one.end, "buy")


def linearizable(story):
    """3. Seat by seat; those that cannot be told in time are counted."""
    seats = Seats(story.wall)
    for one in gathered(story.history):
        seats.take_in(one)
    undecided = 0
    for (event, seat), steps in seats.steps.items():
        wild = seats.wild[event]
        verdict = is_linearizable([step for step in steps if step.what != "see" or not any(
            since <= step.end and step.begin <= until for since, until in wild)])
        undecided += verdict is None
        if verdict is False:
            line = [(round(s.begin), s.end if s.end == FOREVER else round(s.end), s.what, s.session[-8:]) for s in
                    sorted(steps, key=lambda step: step.begin) if s.end < FOREVER]
            yield f"3. seat {seat} of event {event} is not linearizable: {line[:40]}"
    if undecided > len(seats.steps) // 20:
        yield f"3. {undecided} of {len(seats.steps)} seats could not be told"
