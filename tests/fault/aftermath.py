"""What comes after the faults: all is to come to rest, and to be as the journal says."""

import asyncio
import shutil
import time

import facts
from wire import History

WAITING = """SELECT json_build_object('kind', kind, 'entity', entity, 'shard', shard, 'left', due - now())
  FROM alarm WHERE kind IN (8, 9) ORDER BY due"""  # sessions, payments


def waiting(conninfo):
    """The alarms of sessions and payments. A payment that came to nothing is looked up once more, up to an hour later:
    nobody waits for that."""
    alarms = facts.rows(conninfo, WAITING)
    if not any(facts.KINDS[alarm["kind"]] == "payment" for alarm in alarms):
        return alarms
    payments = facts.by_entity(facts.read_journal(conninfo), "payment")
    over = {key for key, rows in payments.items() if facts.Payment(key, rows).status in ("failed", "expired")}
    return [alarm for alarm in alarms if facts.KINDS[alarm["kind"]] != "payment" or alarm["entity"] not in over]


async def settle(conninfo, mind, within=90.0):
    """Until nobody waits for a moment any more: no session, no open payment has an alarm, and nothing is held."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        mind()
        left = waiting(conninfo)
        if not left and not held(conninfo):
            return None
        await asyncio.sleep(1)
    return f"alarms: after {within:.0f} s there are still {len(left)}: {left[:9]}"


def close(complaints, again, logs, folder, keep):
    """The last words of a run: what was broken, and how it is run again. Its logs stay, under these names beside `folder`,
    which goes. Returns the exit code."""
    if complaints:
        print(f"\n{len(complaints)} violations ({again}):")
        for complaint in of_each_kind(complaints)[:50]:
            print(f"  {complaint}")
        for name, log in logs.items():
            shutil.copy(log, folder.parent / name)
    if keep:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if complaints else 0


def of_each_kind(complaints):
    """The same, but the first of each number or name comes before all others."""
    firsts = {}
    for complaint in complaints:
        firsts.setdefault(complaint.split(" ")[0], complaint)
    rest = list(complaints)
    for complaint in firsts.values():
        rest.remove(complaint)
    return [*firsts.values(), *rest]


def held(conninfo):
    """How many holds there are: an alarm of a block may be left over from one that has ended."""
    blocks = facts.by_entity(facts.read_journal(conninfo), "seat_block")
    return sum(len(facts.Block(key, rows).held) for key, rows in blocks.items())


async def look_again(market, people, chance, path):
    """What is answered after one more restart, beside what the journal says."""
    def some(looks, most):
        return sorted(chance.sample(looks, min(len(looks), most)), key=lambda look: look[1])

    history = History(path)
    looks = some([(person.client, f"/v1/sessions/{session}") for person in people for session in person.sessions], 600)
    looks += some([(person.client, f"/v1/payments/{key}") for person in people for key in person.payments], 200)
    looks += [(person.client, f"/v1/events/{event}/queue") for person in people for event in sorted(person.rooms)]
    looks += [(people[0].client, f"/v1/events/{event['id']}/{view}") for event in market.all
              for view in ("seats", "availability")]
    for client, where in looks:
        client.history = history
        await client.insist("look_again", "GET", where)
    history.close()
