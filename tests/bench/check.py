#!/usr/bin/env python3
"""Replays every seat block from the journal alone, and counts what buyers were told against what is stored.

    psql .. -c "COPY (SELECT entity, (extract(epoch FROM at) * 1000)::bigint, facts FROM journal WHERE kind = 6
                ORDER BY entity, version) TO STDOUT" | check.py

Prints one line: held=N sold=N double=N; double counts seats given to a second session while a first one had them.
"""
import json
import sys

HELD, EXTENDED, RELEASED, LAPSED, SOLD = (f"seat_block.{name}/1" for name in ("held", "extended", "released", "lapsed", "sold"))


def main():
    holds = sales = double = 0
    block, owner, until, sold = None, {}, {}, set()
    for line in sys.stdin:
        entity, at, facts = line.rstrip("\n").split("\t", 2)
        if entity != block:
            block, owner, until, sold = entity, {}, {}, set()
        at = int(at)
        for name, fact in json.loads(facts.replace("\\\\", "\\")):
            session = fact.get("session")
            if name == HELD:
                holds += 1
                until[session] = fact["until"]
                for seat in fact["seats"]:
                    other = owner.get(seat)
                    if seat in sold or (other not in (None, session) and until.get(other, 0) > at):
                        double += 1
                    owner[seat] = session
            elif name == EXTENDED:
                until[session] = fact["until"]
            elif name == RELEASED:
                for seat in fact["seats"]:
                    owner.pop(seat, None)
            elif name == LAPSED:
                owner = {seat: who for seat, who in owner.items() if who != session}
            elif name == SOLD:
                sales += 1
                for seat in fact["seats"]:
                    if seat in sold or owner.get(seat, session) != session:
                        double += 1
                    sold.add(seat)
                    owner.pop(seat, None)
    print(f"held={holds} sold={sales} double={double}")


main()
