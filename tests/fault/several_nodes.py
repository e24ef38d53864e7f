#!/usr/bin/env python3
"""Sells tickets at the fronts of a cluster while its nodes, its PostgreSQL and the ways between them are hurt in many
ways, then lets a fresh reader of the journal judge what happened.

  tests/fault/several_nodes.py [--seed N] [--nodes N] [--buyers N] [--plain] [--plan PLAN] [--program FILE] [--from FILE]
                               [--keep] [--long] [--part K/N]

Prints its seed; the same seed makes the same plan (not the same interleaving). PLAN: `short`, `machine`, `long`, `mix`
(some of the long one), or faults and what they are given, as in "kill; freeze 5; database stop 8; lose_commits 20"
(nemesis.py). With --from the nodes are of that older program, until the plan says "upgrade" (tests/cluster/rolling). Exit
code 1: something was lost, or took too long."""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import aftermath  # noqa: E402
import buyers  # noqa: E402
import check  # noqa: E402
import lateness  # noqa: E402
import namespaces  # noqa: E402
import watchers  # noqa: E402
from cluster import Cluster  # noqa: E402
from installation import ROOT  # noqa: E402
from nemesis import Nemesis  # noqa: E402
from probes import Figures, Prober  # noqa: E402
from wire import Client, History, Lost  # noqa: E402

PLANS = {
    "short": """kill_slowly; freeze 1; lose_commits 8; database kill; freeze 5; leave; rest 8; join; cut_off hold 5.5; kill;
        rest 8; kill_giver; kill_taker; database immediate; stall_links hold_there 3; cut_pair hold_back 8; jump_clock -1 4;
        forget_links; database stop 5""",
    "machine": """jump_database_clock -1; partition 6; one_way 8; slow_disk 200 4; full_disk data 4; full_disk wal 4""",
    "long": "; ".join(
        ["kill"] * 50 + ["kill_giver", "kill_taker"] * 5 + ["freeze 1", "freeze 3", "freeze 5"] * 4 + ["freeze 60"]
        + ["database kill", "database immediate", "database stop"] * 7
        + ["database stop 30", "database_stopped 30", "database_stopped 5"]
        + ["lose_commits 50"] * 10 + ["cut_off hold 6", "cut_off refuse 6", "cut_off hold_back 6", "cut_off hold 2"]
        + ["forget_lease 7"] * 2
        + ["stall_links hold_there 5", "stall_links hold_back 5", "stall_links hold 5", "reset", "forget_links"] * 3
        + ["cut_pair hold 8", "cut_pair refuse 8", "cut_pair hold_there 8", "cut_pair hold_back 8"]
        + ["everything"] * 3 + ["roll", "leave_slowly", "join"] + ["kill_slowly"] * 4
        + ["late_append", "oversleep 6", "oversleep 8"] + ["jump_clock 1", "jump_clock -1", "jump_database_clock -1"] * 2
        + ["rest 10", "rest 20", "slow_disk 50", "slow_disk 200"])}
PLANS["mix"] = PLANS["long"]  # SOME of it
SHUFFLED, SOME = ("long", "mix"), 25
ANSWERED = 3_300  # milliseconds, for a call without a database: the node's own 2.8 s, as seen by a client on a busy machine
ENOUGH = {"hold": 100, "pay": 10, "seats": 10, "feed": 2}
WATCHERS = 10  # so many buyers, and one who only looks


def say(text):
    print(f"[{time.monotonic() - BEGUN:6.1f} s] {text}", flush=True)


def arguments():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    words.add_argument("--long", action="store_true", default=bool(os.environ.get("USHER_LONG")))
    words.add_argument("--nodes", type=int, default=3)
    words.add_argument("--buyers", type=int, default=20)
    words.add_argument("--plain", action="store_true", help="no certificates between nodes")
    words.add_argument("--several-threads", action="store_true", help="in each node, as where there are more cores")
    words.add_argument("--plan", help="one of short, machine, long, mix, or WORDS")
    words.add_argument("--part", default=(1, 1), type=lambda word: tuple(map(int, word.split("/"))),
                       help="K/N: only the Kth of N parts of the plan of a seed")
    words.add_argument("--program", type=Path, default=ROOT / "build/release/usherd")
    words.add_argument("--from", dest="older", type=Path, help="what the first nodes are; those that join are --program")
    words.add_argument("--keep", action="store_true", help="keep the folder with journal, history and logs")
    chosen = words.parse_args()
    chosen.plan = chosen.plan or ("long" if chosen.long else "short")
    return chosen


def wanted_namespaces(chosen):
    words = words_of(chosen)
    return ["mount"] * ("full_disk" in words) + ["net"] * ("partition" in words or "one_way" in words)


def words_of(chosen):
    return PLANS.get(chosen.plan, chosen.plan)


def number(word):
    try:
        return float(word)
    except ValueError:
        return word


def plan_of(chosen, chance):
    steps = [[number(word) for word in step.split()] for step in words_of(chosen).split(";")]
    if chosen.plan in SHUFFLED:
        chance.shuffle(steps)
        if chosen.plan == "mix":
            return steps[:SOME]
        for _ in range(20):  # in this order, or there would be too many or none to leave
            at = chance.randrange(len(steps))
            steps[at:at] = [["join"], ["leave"]]
    part, parts = chosen.part
    return [step for step in steps if step][len(steps) * (part - 1) // parts:len(steps) * part // parts]


async def open_doors(cluster, history, chances, chosen):
    organizer = Client("organizer", cluster.fronts, history, chances())
    await buyers.sign_up(organizer)
    market = await buyers.open_market(organizer)
    crowd = buyers.crowd(chosen.buyers, cluster.fronts, history, chances)
    await asyncio.gather(*(buyers.sign_up(client) for client in crowd))
    say(f"{len(crowd)} buyers have signed up at {len(cluster.fronts)} fronts; {len(market.all)} events are on sale")
    _, me = await organizer.insist("me", "GET", "/v1/users/me")
    return organizer, uuid.UUID(me["user"]["id"]), market, crowd


async def start_anew(cluster):
    for node in cluster.up():
        node.kill()
    for node in cluster.nodes:
        node.start()
    await cluster.balanced()


async def stop(cluster):
    cluster.is_watched = False
    await asyncio.gather(*(asyncio.to_thread(node.stop) for node in cluster.nodes))


async def scenario(cluster, chosen, chance, folder, figures):
    chances = lambda: random.Random(chance.random())  # noqa: E731
    plan = plan_of(chosen, chances())
    await cluster.make(chosen.nodes, guarded=not chosen.keep)
    await cluster.balanced()
    say(f"{chosen.nodes} nodes serve at {cluster.fronts}, {'plain' if chosen.plain else 'with certificates'}")
    history = History(folder / "history.jsonl")
    organizer, caller, market, crowd = await open_doors(cluster, history, chances, chosen)
    nemesis = Nemesis(cluster, Prober(caller, organizer.token, chances()), history, chances(), figures, say)
    nemesis.event, nemesis.crowded = market.long["id"], market.all[1]["id"]
    closing = [float("inf")]
    people = [buyers.Buyer(client, market) for client in crowd]
    lookers = [watchers.Watcher(f"watcher{number}", cluster.fronts, history, chances(), market)
               for number in range(max(1, chosen.buyers // WATCHERS))]
    shopping = asyncio.gather(*(person.run(lambda: closing[0]) for person in [*people, *lookers]))
    try:
        await nemesis.run(plan)
    finally:
        history.may_speak.set()
        closing[0] = asyncio.get_running_loop().time() + 3
        await shopping
    say(f"the sale is over after {history.requests} requests; waiting until all is settled")
    unsettled = await aftermath.settle(cluster.conninfo, cluster.note_falls)
    say("all is settled; every node is killed and started once more")
    await start_anew(cluster)
    history.close()
    await aftermath.look_again(market, people, chance, folder / "after.jsonl")
    await asyncio.sleep(1)
    await stop(cluster)
    return history, nemesis, [unsettled] if unsettled else []


def slow_answers(story, spans):
    """Every call that was made while there was no database was answered in time. (A map may ask twice in a row, a feed lasts.)"""
    for one in story.history:
        if one["op"] not in watchers.OPS and any(begin <= one["sent"] <= end for begin, end in spans):
            took = one["got"] - one["sent"]
            if took > ANSWERED or one["lost"] == "TimeoutError" and took > 1_000:  # not those who lost their patience
                yield (f"figures: without a database {one['op']} {one['path']} at {one['front']} took {took:.0f} ms: "
                       f"{one['status']} {one['lost'] or ''}")


def judge(cluster, folder, figures, enough, history, nemesis, complaints):
    (folder / "summary.json").write_text(json.dumps({"conninfo": cluster.conninfo, "wall": history.wall,
                                                     "unwell": nemesis.unwell}))
    story = check.read(folder, cluster.conninfo)
    complaints += check.judge(story, say)
    complaints += nemesis.prober.lost(story)
    complaints += nemesis.complaints + cluster.unexpected
    complaints += slow_answers(story, nemesis.without_database)
    for line in figures.lines():
        say(line)
    say(lateness.punctuality(story))
    complaints += figures.complaints()
    for (op, status), count in sorted(history.counts.items(), key=str):
        print(f"           {op:9} {status!s:5} {count}")
    for op, least in enough.items():
        if history.acknowledged(op) < least:
            complaints.append(f"workload: only {history.acknowledged(op)} of {op} were acknowledged, {least} wanted")
    return complaints


def main():
    chosen = arguments()
    namespaces.enter(wanted_namespaces(chosen), [sys.executable] + sys.argv)
    check.self_test(say)
    say(f"seed {chosen.seed}")
    chance = random.Random(chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="usher-fault-"))
    figures = Figures()
    cluster = Cluster(folder, chosen.program, chance, not chosen.plain, namespaces.has("mount"), namespaces.has("net"),
                      chosen.older, (2, 3) if chosen.several_threads else (1, 0))
    complaints = ["unfinished"]
    try:
        complaints = judge(cluster, folder, figures, ENOUGH if chosen.plan in PLANS else {},
                           *asyncio.run(scenario(cluster, chosen, chance, folder, figures)))
    except (Lost, AssertionError) as why:
        complaints = [f"run: {why!r}"] + cluster.unexpected
    finally:
        cluster.end(chosen.keep)
        logs = {f"usher-fault-{node.name}.log": node.settings.parent / "usherd.log" for node in cluster.nodes}
        code = aftermath.close(complaints, f"tests/fault/several_nodes.py --seed {chosen.seed}", logs, folder, chosen.keep)
    if not complaints:
        say("every promise was kept")
    return code


BEGUN = time.monotonic()
if __name__ == "__main__":
    sys.exit(main())
