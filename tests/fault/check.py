#!/usr/bin/env python3
"""Judges a run by PostgreSQL alone, the journal and the provider's book, beside what clients were told.

  tests/fault/check.py FOLDER      a folder that tests/fault/run --keep left, its PostgreSQL started again
  tests/fault/check.py --self-test every lie about a small true story must be caught

The numbers of complaints are those of the invariants in README.md."""

import datetime
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import facts  # noqa: E402
import lateness  # noqa: E402
import registers  # noqa: E402
import views  # noqa: E402
import waiting  # noqa: E402
from installation import ask  # noqa: E402

CREATED = (200, 201)


class Story:
    """What is judged: the journal, the lists, the provider's book, what clients heard, what the restarted daemon says."""

    def __init__(self, journal, journaled, lists, book, history, after, wall=0, unwell=None):
        self.journal, self.lists, self.history, self.after = journal, lists, history, after
        self.book = book  # what the other side of each payment has done
        self.journaled = journaled  # how many rows its writers say they have committed
        self.wall = wall  # the moment of the journal when the clock of the history stood at 0
        self.unwell = unwell  # spans of the history in which something was wrong; None: nobody knows
        self.heard = [dict(one, said=json.loads(one["answer"])) for one in history + after
                      if one["status"] in CREATED and one["answer"][:1] == "{"]
        self.entities = {kind: facts.by_entity(journal, kind) for kind in facts.KINDS.values()}
        self.blocks = {key: facts.Block(key, rows) for key, rows in self.entities["seat_block"].items()}
        self.sessions = {key: facts.Session(key, rows) for key, rows in self.entities["booking_session"].items()}
        self.payments = {key: facts.Payment(key, rows) for key, rows in self.entities["payment"].items()}


def read(folder, conninfo):
    def lines(name):
        with open(Path(folder) / name, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    lists = {name: facts.rows(conninfo, query) for name, query in facts.LISTS.items()}
    book = {name: facts.rows(conninfo, query) for name, query in facts.BOOK.items()}
    summary = json.loads((Path(folder) / "summary.json").read_text())
    journaled = int(ask(conninfo, "SELECT sum(journaled) FROM member"))
    return Story(facts.read_journal(conninfo), journaled, lists, book, lines("history.jsonl"), lines("after.jsonl"),
                 summary["wall"], summary.get("unwell"))


def moment(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


# -- the journal by itself ----------------------------------------------------------------------------------------------


def numbering(story):
    """4. No row is missing; lsn (within its epoch) and versions have no gaps; no epoch comes after a later one."""
    if len(story.journal) != story.journaled:
        yield f"4. the journal has {len(story.journal)} rows, its writers committed {story.journaled}"
    shards = defaultdict(list)
    for row in story.journal:
        shards[row["shard"]].append((row["epoch"], row["lsn"], row["committed"]))
    for shard, line in shards.items():
        line.sort()
        for (epoch, lsn, committed), (old, before, earlier) in zip(line[1:], line):
            if committed < earlier:
                yield f"4. shard {shard}: epoch falls, lsn {before} was committed after {lsn}"
                break
        for (epoch, lsn, _), (old, before, _) in zip(line, [(0, 0, 0)] + line):
            first = (epoch << 32) + 1
            if lsn != before + 1 and (epoch == old or lsn != first):  # nodes before schema 12 count on in a new epoch
                yield f"4. shard {shard}: lsn {lsn} stands where {before + 1 if epoch == old else first} should"
                break
    for kind, entities in story.entities.items():
        for key, rows in entities.items():
            versions = [row["version"] for row in rows]
            if versions != list(range(1, len(versions) + 1)):
                yield f"4. {kind} {key}: versions {versions[:20]}"


def seats(story):
    """1., 5. and 9. for each block, and nothing is left over at the end."""
    for block in story.blocks.values():
        yield from block.broken
        counts = block.counts()
        if counts["available"] < 0 or sum(v for k, v in counts.items() if k != "total") != counts["total"]:
            yield f"5. block {block.name} of {block.event}: {counts}"
        for seat, mark, piles in block.misplaced():
            yield f"5. seat {seat} of {block.event} is {mark or 'free'}, and is among the {' and the '.join(piles) or 'free'}"
        for session in block.held:
            yield f"9. block {block.name} of {block.event}: session {session} still holds seats after all is over"
        for session, bought in block.sold.items():
            owner = story.sessions.get(session)
            if owner is None or owner.status != "completed":
                yield (f"6. block {block.name} of {block.event}: sold {len(bought['seats']) or bought['places']} to "
                       f"session {session}, which is {owner.status if owner else 'unknown'}")
    for session in story.sessions.values():
        yield from session.early
        if session.status not in ("completed", "expired", "cancelled"):
            yield f"9. session {session.key} is still {session.status} after all is over"


def tickets(story):
    """6. A completed session has a ticket for everything it was sold, and was sold what it has tickets for."""
    sold = defaultdict(Counter)
    for block in story.blocks.values():
        for session, bought in block.sold.items():
            sold[session].update(block.seats[seat] for seat in bought["seats"])
            sold[session][block.name] += bought["places"]
    owners = Counter()
    for session in story.sessions.values():
        if session.status != "completed":
            continue
        issued = Counter(ticket["seat"] for ticket in session.tickets)
        if issued != +sold[session.key]:
            yield f"6. session {session.key}: tickets for {dict(issued)}, sold {dict(+sold[session.key])}"
        owners.update(ticket["id"] for ticket in session.tickets)
    yield from (f"6. ticket {key} was issued {count} times" for key, count in owners.items() if count > 1)


def money(story):
    """6. What was captured paid for what was sold, or went back."""
    kept = Counter()
    for payment in story.payments.values():
        session = story.sessions.get(payment.terms["session"])
        about = f"payment {payment.key} ({payment.status}) of session {payment.terms['session']}"
        if payment.status == "pending":
            yield f"6. {about} is pending after all is over"
        if payment.captures > 1:
            yield f"6. {about} was captured {payment.captures} times"
        if payment.status != "completed":
            continue
        kept[payment.terms["session"]] += 1
        if session is None or session.status != "completed" or session.payment != payment.key:
            yield f"6. {about}: the money was kept, and the session is {session.status if session else 'unknown'}"
        elif session.total() != payment.terms["amount"]["amount"]:
            yield f"6. {about}: took {payment.terms['amount']['amount']} for items of {session.total()}"
    for session in story.sessions.values():
        if session.status == "completed" and kept[session.key] != 1:
            yield f"6. session {session.key} is completed with {kept[session.key]} payments kept"


def provider(story):
    """6. The provider took the money of a payment once at most and gave back no more of it, and the journal knows of both.
    What it took by the book may be another amount than was wanted: that is not kept."""
    captures, refunds = defaultdict(list), {}
    for row in story.book["captures"]:
        captures[row["payment"]].append({"amount": row["amount"], "currency": row["currency"]})
    for row in story.book["refunds"]:
        refunds[row["payment"]] = {"amount": row["amount"], "currency": row["currency"]}
    for key in captures.keys() | refunds.keys() | story.payments.keys():
        payment, took, back = story.payments.get(key), captures.get(key, []), refunds.get(key)
        about = f"payment {key} ({payment.status if payment else 'unknown'}): the provider took {took}"
        if len(took) > 1:
            yield f"6. {about}, more than once"
        if back and not any(one["currency"] == back["currency"] and one["amount"] >= back["amount"] for one in took):
            yield f"6. {about}, and gave back {back}"
        if payment is None:
            yield f"6. {about}, and the journal does not know of it"
            continue
        if payment.captures and payment.terms["amount"] not in took:
            yield f"6. {about}, and is said to have taken {payment.terms['amount']}"
        if back and payment.status not in ("refunding", "refunded"):
            yield f"6. {about}, and gave back {back} that nobody asked for"
        if payment.status == "refunded" and not back:
            yield f"6. {about}, and has given nothing back"


# -- what clients heard -------------------------------------------------------------------------------------------------


def told(one):
    """What a repeat must say again: every byte; of a place in a waiting room, which moves, its number."""
    return json.loads(one["answer"])["number"] if one["op"] == "join" else one["answer"]


def has_ended(story, before, one, over):
    """Whether the place that was told before was over when it was asked for again: then there is a new one."""
    at = over.get((one["path"].split("/")[3], told(before)))
    return at is not None and at <= story.wall + one["got"]


def same_key_same_bytes(story):
    """7. Repeats under one key; and every keyed answer stands in the row of the facts it acknowledges."""
    stored = Counter(row["request"]["answer"] for row in story.journal if row["request"])
    first, over = {}, waiting.ended(story)
    for one in story.history:
        if not one["key"] or one["status"] is None:
            continue
        name = (one["client"], one["key"], one["path"])
        known = first.get(name)
        if one["status"] in CREATED:
            if known and told(known) != told(one) and not (one["op"] == "join" and has_ended(story, known, one, over)):
                yield f"7. {name}: answered {known['answer'][:200]} and then {one['answer'][:200]}"
            if one["op"] != "join" and not stored[one["answer"]]:
                yield f"2. {name}: the journal does not have the answer {one['answer'][:200]}"
            first.setdefault(name, one)
        elif known and one["status"] < 500 and one["status"] != 429 and "in_progress" not in one["answer"]:
            yield f"7. {name}: answered {known['status']} and then {one['status']} {one['answer'][:200]}"


def shown(said):
    """A session in an answer, in the form of Session.look()."""
    session = said["session"]
    return (session["status"], tuple(sorted((i["id"], i["quantity"], i["price"]["amount"]) for i in session["seats"])),
            moment(session["expires_at"]), tuple(t["id"] for t in session.get("tickets", [])),
            said["payment"]["id"] if "payment" in said else None)


def sessions_heard(story):
    """2., 8. and 10. Every session that was shown is a state the facts led through, and never an older one than was
    shown before. What the restarted daemon shows is the last."""
    last = {}
    for one in story.heard:
        if "session" not in one["said"] or one["again"]:
            continue
        key = one["said"]["session"]["id"]
        session = story.sessions.get(key)
        if session is None:
            yield f"2. session {key} was shown to {one['client']} and is not in the journal"
            continue
        look, begin = shown(one["said"]), last.get(key, 0)
        if one["op"] == "look_again":
            if look != session.shown[-1]:
                yield f"8. session {key}: the daemon says {look}, the facts say {session.shown[-1]}"
        elif look in session.shown[begin:]:
            last[key] = session.shown.index(look, begin)
        elif look in session.shown:
            yield f"10. session {key} went back for {one['client']} in {one['op']}: {look}"
        else:
            yield f"2. session {key} was shown to {one['client']} by {one['op']} as it never was: {look}"


def holds_heard(story):
    """2. Whatever a session was shown to hold, its block had promised to it."""
    promised = set().union(*(block.ever_held for block in story.blocks.values()), set())
    for one in story.heard:
        if one["op"] in ("hold", "checkout", "pay") and "session" in one["said"]:
            session = one["said"]["session"]
            for item in session["seats"]:
                if (session["id"], item["id"]) not in promised:
                    yield f"2. {item['id']} was acknowledged to session {session['id']}; its block never held it"


def others_heard(story):
    """2. Accounts, sign-ins, organizations, layouts, events and payments that were acknowledged."""
    known = {"user": "account", "organization": "organization", "layout": "layout", "event": "event"}
    signed_in = Counter(row["entity"] for row in story.journal if row["kind"] == "account"
                        for name, _ in row["facts"] if name.startswith("account.signed_in"))
    if any(one["op"] == "login" for one in story.heard) and not signed_in:
        yield "2. sign-ins were acknowledged, and the journal has none"
    for one in story.heard:
        for member, kind in known.items():
            if member in one["said"] and one["said"][member]["id"] not in story.entities[kind]:
                yield f"2. {kind} {one['said'][member]['id']} was acknowledged and is not in the journal"
        if one["op"] == "pay":
            key, status = one["said"]["payment"]["id"], one["said"]["payment"]["status"]
            payment = story.payments.get(key)
            if payment is None or status not in payment.shown:
                yield f"2. payment {key} was shown as {status}, and never was"
            elif status == "completed":
                session = story.sessions[payment.terms["session"]]
                if session.status != "completed" and key not in session.refunds:
                    yield f"2. payment {key} was acknowledged, and session {session.key} is {session.status}"


def maps_after(story):
    """8. Seat maps and counts of the restarted daemon are the fold of the facts."""
    blocks = {(block.event, block.name): block for block in story.blocks.values()}
    for one in story.heard:
        if one["op"] != "look_again" or not one["path"].endswith(("/seats", "/availability")):
            continue
        event = one["path"].split("/")[3]
        for section in one["said"]["sections"]:
            block = blocks[(event, section["name"])]
            if "seats" in section:
                said = {seat["id"]: seat["status"] for seat in section["seats"]}
                want = {seat: block.status_of(number) for number, seat in enumerate(block.seats)}
            else:
                said, want = {k: section[k] for k in block.counts()}, block.counts()
            wrong = {key: (said.get(key), want.get(key)) for key in want | said if said.get(key) != want.get(key)}
            if wrong:
                yield f"8. {one['path']} {section['name']}: said and in the facts: {dict(list(wrong.items())[:5])}"


def vanished(story):
    """8. What was told of before the restart is there after it."""
    for one in story.after:
        if one["status"] == 404:
            yield f"8. {one['path']}: the restarted daemon does not know it"


def payments_after(story):
    """8. So are payments. Money that comes late may move one on at any moment."""
    for one in story.heard:
        if one["op"] != "look_again" or "/payments/" not in one["path"]:
            continue
        said = one["said"]["payment"]
        payment = story.payments.get(said["id"])
        if payment is None:
            yield f"2. payment {said['id']} was shown to {one['client']} and is not in the journal"
        elif said["status"] not in payment.since_it_failed() or said["amount"] != payment.terms["amount"]:
            yield (f"8. payment {payment.key}: the daemon says {said['status']} of {said['amount']}, the facts say "
                   f"{payment.status} of {payment.terms['amount']}")


# -- the read model -----------------------------------------------------------------------------------------------------


def compare(name, listed, wanted):
    listed = {row["id"]: row for row in listed}
    for key in wanted.keys() | listed.keys():
        row, want = listed.get(key), wanted.get(key)
        if row is None or want is None:
            yield f"9. {name} {key}: {'is missing' if row is None else 'has no facts'}"
            continue
        for column, value in want.items():
            said = moment(row[column]) if row[column] and column.endswith("_at") else row[column]
            if said != value:
                yield f"9. {name} {key}: {column} is {said!r}, the facts say {value!r}"


def lists(story):
    """9. Orders, tickets and payments as listed are the fold of the journal."""
    orders = {s.key: s.listed for s in story.sessions.values() if s.listed}
    yield from compare("order_list", story.lists["order_list"], orders)
    issued = {t["id"]: {"session": s.key, "event": s.event, "buyer": s.buyer, "price": t["price"], "seat": t["seat"],
                        "section": t["section"], "number": t["number"], "issued_at": s.completed_at}
              for s in story.sessions.values() for t in s.tickets}
    yield from compare("ticket_list", story.lists["ticket_list"], issued)
    paid = {p.key: {"session": p.terms["session"], "event": p.terms["event"], "payer": p.terms["payer"],
                    "amount": p.terms["amount"]["amount"], "status": p.status, "completed_at": p.completed_at}
            for p in story.payments.values()}
    yield from compare("payment_list", story.lists["payment_list"], paid)


CHECKS = (numbering, registers.linearizable, seats, lateness.punctual, tickets, money, provider, same_key_same_bytes,
          sessions_heard, holds_heard, others_heard, vanished, maps_after, payments_after, lists, waiting.rooms,
          waiting.places_after, views.maps, views.feeds)


def judge(story, say):
    complaints = []
    for one in CHECKS:
        complaints += one(story)
    sold = sum(len(session.tickets) for session in story.sessions.values())
    states = Counter(session.status for session in story.sessions.values())
    paid = Counter(payment.status for payment in story.payments.values())
    say(f"{len(story.journal)} rows of journal, {len(story.sessions)} sessions {dict(states)}, {sold} tickets, payments "
        f"{dict(paid)}, {len(story.heard)} acknowledged answers, {len(complaints)} violations")
    return complaints


def self_test(say):
    import lies

    missed = lies.run()
    say(f"{len(lies.ALL)} lies about a true story, {len(lies.ALL) - len(missed)} caught")
    if missed:
        raise SystemExit("the checker is blind: " + "; ".join(missed))


def main(words):
    if words == ["--self-test"]:
        return self_test(print)
    if len(words) != 1:
        raise SystemExit(__doc__)
    conninfo = json.loads((Path(words[0]) / "summary.json").read_text())["conninfo"]
    complaints = judge(read(words[0], conninfo), print)
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
