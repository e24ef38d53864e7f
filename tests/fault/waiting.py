"""11. Numbers of a waiting room are unique, and served in the order of their turns."""

import facts

MASK64 = (1 << 64) - 1


def draw(number, count, seed):
    """The turn of a number among `count` that were there before the sale: a Feistel permutation, walked until it
    falls within the range (actors/waiting_room)."""
    half = (count.bit_length() + 1) // 2
    mask = (1 << half) - 1

    def mix(x, turn):
        h = ((x + 1) * 0x9E3779B97F4A7C15 & MASK64) ^ (seed + turn & MASK64)
        h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9 & MASK64
        h = (h ^ (h >> 27)) * 0x94D049BB133111EB & MASK64
        return (h ^ (h >> 31)) & mask

    at = number - 1
    while True:
        left, right = at >> half, at & mask
        for turn in range(4):
            left, right = right, left ^ mix(right, turn)
        at = left << half | right
        if at < count:
            return at + 1


class Room:
    def __init__(self, key, entries):
        self.key, self.dealt, self.drawn, self.seed, self.served = key, 0, 0, 0, 0
        self.active, self.given_up, self.broken = {}, set(), []
        self.first = 0  # numbers up to it were sent away before the draw
        self.is_held = False
        self.ended = {}  # turn -> when it was over
        self.called = {}  # turn -> when it came
        self.early = {}  # number -> when it was given up, until the draw
        for self.row, name, body in facts.steps(entries):
            getattr(self, "on_" + name, lambda _: None)(body)

    def complain(self, what):
        self.broken.append(f"11. room {self.key} version {self.row['version']}: {what}")

    def on_opened(self, body):
        self.event, self.most, self.batch = body["event"], body["max_active"], body["batch"]
        self.draw_secret = body.get("draw_secret")

    def on_dealt(self, body):
        if body["number"] != self.dealt + 1:
            self.complain(f"number {body['number']} is dealt after {self.dealt}")
        self.dealt = body["number"]

    def on_drawn(self, body):
        self.drawn, self.seed = body["count"], body["seed"]
        if body.get("revealed") != self.draw_secret:
            self.complain("the draw is of another secret than the room was opened with")
        if sorted(self.turn_of(n) for n in range(1, self.drawn + 1)) != list(range(1, self.drawn + 1)):
            self.complain("the draw is no permutation")
        for number, when in self.early.items():
            self.given_up.add(self.turn_of(number))
            self.ended[self.turn_of(number)] = when
        self.early = {}

    def on_left_early(self, body):
        if self.drawn or not self.first < body["number"] <= self.dealt:
            self.complain(f"number {body['number']} leaves early with {self.dealt} dealt and {self.drawn} drawn")
        self.early[body["number"]] = self.row["at"]

    def on_came_back(self, body):
        if self.early.pop(body["number"], None) is None:
            self.complain(f"number {body['number']} comes back without having left early")

    def on_admitted(self, body):
        fresh = [turn for turn in range(self.served + 1, body["upto"] + 1) if turn not in self.given_up]
        if body["upto"] <= self.served or body["upto"] > self.dealt:
            self.complain(f"admits up to {body['upto']} after {self.served}, with {self.dealt} dealt")
        if self.is_held:
            self.complain(f"calls up to {body['upto']} while its calls are held")
        if len(fresh) > self.batch:
            self.complain(f"admits {len(fresh)} at once, more than {self.batch}")
        self.active.update((turn, None) for turn in fresh)
        self.called.update((turn, self.row["at"]) for turn in fresh)
        if len(self.active) > self.most:
            self.complain(f"{len(self.active)} are admitted at a time, more than {self.most}")
        self.served = body["upto"]

    def on_calls_held(self, body):
        self.is_held = body["is_held"]

    def on_rate_changed(self, body):
        self.most, self.batch = body["to"]["max_active"], body["to"]["batch"]

    def on_cleared(self, body):
        """Whoever waits, and nobody else; those who had left before, left then."""
        if body["upto"] != self.dealt:
            self.complain(f"is cleared up to {body['upto']} with {self.dealt} dealt")
        for number, when in self.early.items():
            self.given_up.add(number)
            self.ended[number] = when
        for turn in range(self.served + 1, body["upto"] + 1):
            if turn not in self.given_up:
                self.given_up.add(turn)
                self.ended[turn] = self.row["at"]
        self.early = {}
        if not self.drawn:
            self.first = body["upto"]

    def on_checked_in(self, body):
        if body["number"] not in self.active:
            self.complain(f"turn {body['number']} checks in without being admitted")
        elif self.active[body["number"]] not in (None, body["session"]):
            self.complain(f"turn {body['number']} checks in twice at a time")
        self.active[body["number"]] = body["session"]

    def on_turned_back(self, body):
        if body.get("has_shown_up"):
            if self.active.get(body["turn"], "gone") is not None:
                self.complain(f"turn {body['turn']} shows up, which does not wait for anybody")
            return
        if self.active.get(body["turn"]) is None:
            self.complain(f"turn {body['turn']} is turned back without having checked in")
        self.active[body["turn"]] = None

    def on_done(self, body):
        for turn in body["numbers"]:
            self.ended[turn] = self.row["at"]
            if turn in self.active:
                del self.active[turn]
            elif turn > self.served:
                self.given_up.add(turn)

    def turn_of(self, number):
        if not self.first < number <= self.drawn:
            return number
        return self.first + draw(number - self.first, self.drawn - self.first, self.seed)

    def has_called(self, number):
        return self.turn_of(number) <= self.served and self.turn_of(number) not in self.given_up


def ended(story):
    """{(event, number): when that place was over}"""
    found = [Room(key, entries) for key, entries in story.entities["waiting_room"].items()]
    return {(room.event, number): room.ended[room.turn_of(number)] for room in found
            for number in range(1, room.dealt + 1) if room.turn_of(number) in room.ended}


def places_after(story):
    """8. Who had a place has the same after the restart. The room goes on meanwhile: but nobody is waiting again who was
    called before the last of the crowd was answered, or is there again whose turn was over by then."""
    slots, users = {}, {}
    for entries in story.entities["queue_slot"].values():
        slot = {"user": None, "number": 0, "over": None}
        for _, name, body in facts.steps(entries):
            if name == "joined":
                slot = {"user": body["user"], "event": body["event"], "number": body["number"], "over": None}
                users[(body["event"], body["number"])] = body["user"]
            elif name in ("left", "completed"):
                slot["over"] = name
        slots[(slot.get("event"), slot["user"])] = slot
    found = [Room(key, entries) for key, entries in story.entities["waiting_room"].items()]
    found = {room.event: room for room in found}
    closing = story.wall + max((one["got"] for one in story.history), default=0)
    known = {}
    for one in story.heard:
        if one["op"] not in ("join", "look", "look_again") or not one["path"].endswith("/queue"):
            continue
        event, said = one["path"].split("/")[3], one["said"]
        user = users.get((event, said["number"]))
        if one["op"] != "look_again":
            known[(event, one["client"])] = user
            continue
        slot = slots.get((event, known.get((event, one["client"]))))
        if slot is None:
            continue  # and that is a complaint of rooms
        why = wrong_place(found[event], slot, said, closing)
        if why:
            yield f"8. {one['client']} has number {slot['number']} of {event}, and is told {said['status']}: {why}"


def wrong_place(room, slot, said, closing):
    turn, status = room.turn_of(slot["number"]), said["status"]
    if said["number"] != slot["number"]:
        return f"it is number {said['number']}"
    if slot["over"]:
        return status != slot["over"] and f"it is {slot['over']}"
    if status in ("left", "completed"):
        return "it is not over so"
    if status in ("waiting", "admitted") and room.ended.get(turn, closing) < closing:
        return f"turn {turn} is over"
    if status == "waiting" and room.called.get(turn, closing) < closing:
        return f"turn {turn} was called"
    if status == "admitted" and not room.has_called(slot["number"]):
        return f"turn {turn} was never called"
    return None


def rooms(story):
    """11. Rooms by themselves, the slots of their users, and what those were told."""
    found = {}
    for key, entries in story.entities["waiting_room"].items():
        room = Room(key, entries)
        found[room.event] = room
        yield from room.broken
    holder = {}
    for key, entries in story.entities["queue_slot"].items():
        for _, name, body in facts.steps(entries):
            if name != "joined":
                continue
            place = (body["event"], body["number"])
            if holder.setdefault(place, body["user"]) != body["user"]:
                yield f"11. number {place} was given to {holder[place]} and to {body['user']}"
            if body["number"] > found[body["event"]].dealt:
                yield f"11. number {place} was never dealt"
    for one in story.heard:
        if one["op"] not in ("join", "look"):
            continue
        room, number = found[one["path"].split("/")[3]], one["said"]["number"]
        if (room.event, number) not in holder:
            yield f"2. number {number} of room {room.key} was told to {one['client']}; nobody has it"
        elif one["said"]["status"] == "admitted" and not room.has_called(number):
            yield f"11. {one['client']} was admitted with turn {room.turn_of(number)}; served up to {room.served}"
    for session in story.sessions.values():
        room = found.get(session.event)
        if room and not room.has_called(session.number):
            yield f"11. session {session.key} was opened with number {session.number}, which was never admitted"
