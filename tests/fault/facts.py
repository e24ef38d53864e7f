"""Reads the journal with psql alone, and folds it by rules written anew from the words of protocol/."""

import json
from collections import defaultdict

from installation import ask

KINDS = {1: "account", 2: "login", 3: "organization", 4: "layout", 5: "event", 6: "seat_block", 7: "allowance",
         8: "booking_session", 9: "payment", 10: "waiting_room", 11: "queue_slot"}

JOURNAL = """SELECT json_build_object('shard', shard, 'lsn', lsn, 'epoch', epoch, 'kind', kind, 'entity', entity,
  'version', version, 'at', round(extract(epoch FROM at) * 1000), 'facts', facts, 'request', request,
  'committed', -age(xmin))
  FROM journal ORDER BY shard, lsn"""
LISTS = {name: f"SELECT row_to_json(t) FROM {name} t" for name in ("order_list", "ticket_list", "payment_list")}

BOOK = {"captures": "SELECT row_to_json(t) FROM sandbox_callback t WHERE report = 0",  # payment::report::succeeded
        "refunds": "SELECT row_to_json(t) FROM sandbox_refund t"}


def rows(conninfo, query):
    return [json.loads(line) for line in ask(conninfo, query).splitlines()]


def read_journal(conninfo):
    out = rows(conninfo, JOURNAL)
    for row in out:
        row["kind"] = KINDS[row["kind"]]
        row["facts"] = [[name, body] for name, body in json.loads(row["facts"])]
        row["request"] = json.loads(row["request"]) if row["request"] else None
    return out


def by_entity(journal, kind):
    """{entity: its rows by version}"""
    out = defaultdict(list)
    for row in journal:
        if row["kind"] == kind:
            out[row["entity"]].append(row)
    for entries in out.values():
        entries.sort(key=lambda row: row["version"])
    return dict(out)


def steps(entries):
    """Every fact of an entity as (row, short name, body), in order."""
    for row in entries:
        for name, body in row["facts"]:
            yield row, name.split(".")[1].split("/")[0], body


def places(body):
    return len(body["seats"]) + body["places"]


class Block:
    """One section for sale. `broken` collects what must never happen."""

    def __init__(self, key, entries):
        self.key, self.held, self.sold, self.blocked = key, {}, {}, set()
        self.taken, self.broken, self.seats = {}, [], []
        self.ends = []  # (when the time of a hold was up, when it ended)
        self.ever_held = set()  # (session, seat or "") for whoever was promised something
        for row, name, body in steps(entries):
            self.row = row
            getattr(self, "on_" + name)(body)

    def complain(self, what):
        self.broken.append(f"{what}: block {self.key} ({getattr(self, 'name', '?')}) version {self.row['version']}: "
                           f"{json.dumps(self.row['facts'])[:300]}")

    def on_opened(self, body):
        plan = body["plan"]
        self.name, self.event, self.price = plan["name"], body["event"], body["price"]["amount"]
        self.room = plan["capacity"]  # places that are no seats
        self.capacity = self.room + sum(row["seats"] for row in plan["rows"])
        self.seats = [f"{plan['name']}-{row['label']}-{row['first'] + row['step'] * i}"
                      for row in plan["rows"] for i in range(row["seats"])]

    def on_held(self, body):
        mine = self.held.setdefault(body["session"], {"seats": set(), "places": 0, "until": 0})
        for seat in body["seats"]:
            if seat in self.taken:
                self.complain(f"1. seat {self.seats[seat]} is {self.taken[seat]} and is held anew")
            self.taken[seat] = "held"
            self.ever_held.add((body["session"], self.seats[seat]))
        if body["places"]:
            self.ever_held.add((body["session"], self.name))
        mine["seats"] |= set(body["seats"])
        mine["places"] += body["places"]
        mine["until"] = body["until"]
        if self.count("held") + self.count("sold") + len(self.blocked) > self.capacity or self.places_left() < 0:
            self.complain("5. more is held and sold than there is")

    def on_extended(self, body):
        if body["session"] not in self.held:
            return self.complain("1. extends what is not held")
        self.held[body["session"]]["until"] = body["until"]

    def leave(self, body, why):
        """The seats of `body` out of its session's hold; false if they were not in it."""
        mine = self.held.get(body["session"])
        if mine is None or not set(body["seats"]) <= mine["seats"] or body["places"] > mine["places"]:
            return self.complain(f"1. {why} of what the session does not hold")
        mine["seats"] -= set(body["seats"])
        mine["places"] -= body["places"]
        for seat in body["seats"]:
            self.taken.pop(seat, None)
        if not mine["seats"] and not mine["places"]:
            del self.held[body["session"]]

    def on_released(self, body):
        self.leave(body, "release")

    def on_lapsed(self, body):
        until = self.held.get(body["session"], {}).get("until", 0)
        if self.row["at"] < until:
            self.complain(f"9. lapsed {until - self.row['at']} ms early")
        self.ends.append((until, self.row["at"]))
        self.leave(body, "lapse")

    def on_sold(self, body):
        for seat in body["seats"]:
            if self.taken.get(seat) == "sold":
                self.complain(f"1. seat {self.seats[seat]} is sold twice")
        self.leave(body, "sale")
        bought = self.sold.setdefault(body["session"], {"seats": set(), "places": 0})
        bought["seats"] |= set(body["seats"])
        bought["places"] += body["places"]
        self.taken.update((seat, "sold") for seat in body["seats"])

    def on_returned(self, body):
        bought = self.sold.pop(body["session"], {"seats": set()})
        for seat in bought["seats"]:
            self.taken.pop(seat, None)

    def on_blocked(self, body):
        for seat in body["seats"]:
            if seat in self.taken:
                self.complain(f"1. seat {self.seats[seat]} is {self.taken[seat]} and is blocked")
            self.taken[seat] = "blocked"
        self.blocked |= set(body["seats"])

    def on_unblocked(self, body):
        for seat in body["seats"]:
            self.taken.pop(seat, None)
        self.blocked -= set(body["seats"])

    def on_closed(self, body):
        pass

    def on_event_told(self, body):
        pass

    def count(self, pile):
        return sum(len(mine["seats"]) + mine["places"] for mine in getattr(self, pile).values())

    def places_left(self):
        return self.room - sum(mine["places"] for mine in [*self.held.values(), *self.sold.values()])

    def counts(self):
        """The piles, and beside them the seats that are marked as nobody's: nothing else says that they add up."""
        free = sum(number not in self.taken for number in range(len(self.seats)))
        return {"total": self.capacity, "available": free + self.places_left(), "held": self.count("held"),
                "sold": self.count("sold"), "blocked": len(self.blocked)}

    def misplaced(self):
        """Seats that are in another pile than they are marked for, or in two, with their mark and their piles."""
        piles = {}
        for name, some in (("held", self.held), ("sold", self.sold)):
            for mine in some.values():
                for seat in mine["seats"]:
                    piles.setdefault(seat, []).append(name)
        for seat in self.blocked:
            piles.setdefault(seat, []).append("blocked")
        for seat in sorted(piles.keys() | self.taken.keys()):
            if piles.get(seat) != [self.taken.get(seat)]:
                yield self.seats[seat], self.taken.get(seat), piles.get(seat, [])

    def status_of(self, seat):
        return self.taken.get(seat, "available")


class Session:
    """A booking session; `shown` has what it looked like after each fact."""

    def __init__(self, key, entries):
        self.key, self.status, self.items, self.tickets = key, "none", {}, []
        self.expires_at, self.payment, self.refunds, self.listed = 0, None, set(), None
        self.early, self.shown, self.ends = [], [], []
        for row, name, body in steps(entries):
            self.row = row
            getattr(self, "on_" + name)(body)
            self.shown.append(self.look())

    def look(self):
        """What an answer shows of it, in a form that can be compared. Once all is called off, no payment is shown."""
        payment = self.payment if self.status in ("checkout", "failed", "completed") else None
        return (self.status, tuple(sorted((i["id"], i["places"], i["price"]) for i in self.items.values())),
                self.expires_at, tuple(t["id"] for t in self.tickets), payment)

    def total(self):
        return sum(item["price"] * item["places"] for item in self.items.values())

    def on_opened(self, body):
        self.status, self.event, self.buyer = "open", body["event"], body["buyer"]
        self.currency, self.expires_at, self.number = body["currency"], body["expires_at"], body["queue_number"]

    def on_added(self, body):
        for said in body["items"]:
            item = {"places": 1, "general_admission": False, **said}
            known = self.items.get(item["id"])
            if known is None:
                self.items[item["id"]] = item
            elif item["general_admission"]:
                known["places"] += item["places"]

    def on_removed(self, body):
        self.items.pop(body["seat"], None)

    def on_reduced(self, body):
        self.items[body["seat"]]["places"] -= body["places"]

    def on_extended(self, body):
        self.expires_at = body["until"]

    def on_checkout_started(self, body):
        self.status, self.payment, self.expires_at = "checkout", body["payment"], body["until"]
        created = self.listed["created_at"] if self.listed else body["at"]
        self.listed = {"event": body["event"], "buyer": body["buyer"], "payment": body["payment"],
                       "amount": body["amount"], "created_at": created, "completed_at": None,
                       "currency": body["currency"], "status": "checkout"}

    def end(self, status):
        self.status = status
        if self.listed:
            self.listed["status"] = status

    def on_payment_failed(self, body):
        self.end("failed")

    def on_completed(self, body):
        self.end("completed")
        self.payment, self.tickets = body["payment"], body["tickets"]
        self.completed_at = body["at"]
        if self.listed:
            self.listed |= {"payment": body["payment"], "completed_at": body["at"]}

    def on_expired(self, body):
        if self.status == "open" and self.row["at"] < self.expires_at:
            self.early.append(f"9. session {self.key} expired {self.expires_at - self.row['at']} ms early")
        if self.status == "open":
            self.ends.append((self.expires_at, self.row["at"]))
        self.end("expired")

    def on_cancelled(self, body):
        self.end("cancelled")

    def on_shared(self, body):
        pass

    def on_refund_due(self, body):
        self.refunds.add(body["payment"])

    def on_undone(self, body):
        pass


class Payment:
    """One attempt to take money; `shown` has its status after each fact."""

    NEXT = {"created": "pending", "completed": "completed", "failed": "failed", "expired": "expired",
            "refund_started": "refunding", "refunded": "refunded"}

    def __init__(self, key, entries):
        self.key, self.status, self.completed_at, self.shown = key, "none", None, []
        self.captures, self.ends = 0, []
        for row, name, body in steps(entries):
            if name == "expired":
                self.ends.append((self.terms["until"], row["at"]))
            if name == "created":
                self.terms = body
            if name == "completed":
                self.completed_at = body["at"]
                self.captures += 1
            self.status = self.NEXT.get(name, self.status)
            self.shown.append(self.status)

    def since_it_failed(self):
        """The last status; of one that had come to nothing before, all since then."""
        ends = [number for number, status in enumerate(self.shown) if status in ("failed", "expired")]
        return self.shown[ends[-1] if ends else -1:]
