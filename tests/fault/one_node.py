#!/usr/bin/env python3
"""Sells tickets to a crowd while the daemon and its PostgreSQL are killed again and again, then lets a fresh reader
of the journal judge what happened.

  tests/fault/one_node.py [--seed N] [--kills N] [--database-kills N] [--buyers N] [--program FILE] [--keep] [--long]

Prints its seed; the same seed makes the same plan (not the same interleaving). Exit code 1: something was lost."""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import aftermath  # noqa: E402
import buyers  # noqa: E402
import check  # noqa: E402
import watchers  # noqa: E402
from installation import ROOT, Installation  # noqa: E402
from wire import Client, History, Lost  # noqa: E402

RECOVERY = 10.0  # seconds from SIGKILL to the next acknowledged write
ENOUGH = {"hold": 200, "pay": 20, "seats": 10, "feed": 2}
WATCHERS = 10  # so many buyers, and one who only looks


def say(text):
    print(f"[{time.monotonic() - BEGUN:6.1f} s] {text}", flush=True)


def arguments():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    words.add_argument("--long", action="store_true", default=bool(os.environ.get("USHER_LONG")))
    words.add_argument("--kills", type=int)
    words.add_argument("--database-kills", type=int)
    words.add_argument("--buyers", type=int, default=20)
    words.add_argument("--program", type=Path, default=ROOT / "build/release/usherd")
    words.add_argument("--keep", action="store_true", help="keep the folder with journal, history and log")
    chosen = words.parse_args()
    if chosen.kills is None:
        chosen.kills = 100 if chosen.long else 20
    if chosen.database_kills is None:
        chosen.database_kills = 20 if chosen.long else 5
    return chosen


class Nemesis:
    """Kills at random moments, and starts again what was killed, as an operator would."""

    def __init__(self, usher, chance, probe, kills, database_kills):
        self.usher, self.chance, self.probe = usher, chance, probe
        both = min(kills, database_kills * 2 // 5)  # only these can tell an answer given before its commit
        self.plan = ["daemon"] * (kills - both) + ["database"] * (database_kills - both) + ["everything"] * both
        chance.shuffle(self.plan)
        self.recoveries = {"daemon": [], "database": [], "everything": []}
        self.after_database = []  # seconds from PostgreSQL accepting connections to the next acknowledged write

    async def run(self):
        for number, what in enumerate(self.plan, 1):
            await asyncio.sleep(self.chance.uniform(0.2, 2.5))
            begun = time.monotonic()
            await {"daemon": self.kill_daemon, "database": self.kill_database,
                   "everything": self.kill_everything}[what]()
            waited = await self.usher.serving(self.probe)
            if what == "database":
                self.after_database.append(waited)
            self.recoveries[what].append(time.monotonic() - begun)
            say(f"kill {number} of {len(self.plan)}, {what}: serving again after {self.recoveries[what][-1]:.2f} s")

    async def kill_daemon(self):
        if self.usher.note_fall():
            self.usher.start()
        self.usher.kill()
        while self.chance.random() < 0.15:  # also while it starts
            self.usher.start()
            await asyncio.sleep(self.chance.uniform(0.01, 0.6))
            self.usher.kill()
        self.usher.start()

    async def kill_database(self):
        await asyncio.to_thread(self.usher.postgres, "kill")
        if self.chance.random() < 0.3:
            await asyncio.sleep(self.chance.uniform(0.2, 2))
        await asyncio.to_thread(self.usher.postgres, "start")

    async def kill_everything(self):
        await asyncio.to_thread(self.usher.postgres, "kill")
        await asyncio.sleep(self.chance.uniform(0, 0.2))
        self.usher.kill()
        await asyncio.to_thread(self.usher.postgres, "start")
        self.usher.start()

    def figures(self):
        for what, times in self.recoveries.items():
            if times:
                times.sort()
                yield f"{what}: {len(times)} kills, back after p50 {times[len(times) // 2]:.2f} s, max {times[-1]:.2f} s"
        if self.after_database:
            yield f"database: acknowledging {max(self.after_database):.2f} s at most after PostgreSQL accepts again"

    def too_slow(self):
        return [t for times in self.recoveries.values() for t in times if t > RECOVERY]


async def scenario(usher, chosen, chance, folder):
    usher.make(guarded=not chosen.keep)
    usher.start()
    await usher.serving(None)
    say(f"the daemon serves at port {usher.port}")
    history = History(folder / "history.jsonl")
    chances = lambda: random.Random(chance.random())  # noqa: E731
    organizer = Client("organizer", [usher.port], history, chances())
    await buyers.sign_up(organizer)
    market = await buyers.open_market(organizer)
    crowd = buyers.crowd(chosen.buyers, [usher.port], history, chances)
    await asyncio.gather(*(buyers.sign_up(client) for client in crowd))
    say(f"{len(crowd)} buyers have signed up; {len(market.all)} events are on sale")

    nemesis = Nemesis(usher, chances(), organizer.token, chosen.kills, chosen.database_kills)
    closing = [float("inf")]
    people = [buyers.Buyer(client, market) for client in crowd]
    lookers = [watchers.Watcher(f"watcher{number}", [usher.port], history, chances(), market)
               for number in range(max(1, chosen.buyers // WATCHERS))]
    shopping = asyncio.gather(*(person.run(lambda: closing[0]) for person in [*people, *lookers]))
    await nemesis.run()
    closing[0] = asyncio.get_running_loop().time() + (12 if chosen.long else 5)  # late payments come in peace
    await shopping
    say(f"the sale is over after {history.requests} requests; waiting until all is settled")

    def restart_what_fell():
        if usher.note_fall():
            usher.start()

    unsettled = await aftermath.settle(usher.conninfo, restart_what_fell)
    usher.kill()
    usher.start()
    await usher.serving(None)
    history.close()
    await aftermath.look_again(market, people, chance, folder / "after.jsonl")
    await asyncio.sleep(1)
    usher.stop()
    return history, nemesis, unsettled


def judge(usher, folder, history, nemesis, unsettled):
    (folder / "summary.json").write_text(json.dumps({"conninfo": usher.conninfo, "wall": history.wall}))
    complaints = check.judge(check.read(folder, usher.conninfo), say)
    for figure in nemesis.figures():
        say(figure)
    for (op, status), count in sorted(history.counts.items(), key=str):
        print(f"           {op:9} {status!s:5} {count}")
    complaints += [unsettled] if unsettled else []
    for slow in nemesis.too_slow():
        complaints.append(f"recovery: {slow:.2f} s from SIGKILL to serving, more than {RECOVERY} s")
    for code in usher.fell:
        complaints.append(f"daemon: it ended by itself with code {code}")
    for op, least in ENOUGH.items():
        if history.acknowledged(op) < least:
            complaints.append(f"workload: only {history.acknowledged(op)} of {op} were acknowledged, {least} wanted")
    return complaints


def main():
    chosen = arguments()
    check.self_test(say)
    say(f"seed {chosen.seed}")
    chance = random.Random(chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="usher-fault-"))
    usher = Installation(folder, chosen.program)
    complaints = ["unfinished"]
    try:
        complaints = judge(usher, folder, *asyncio.run(scenario(usher, chosen, chance, folder)))
    except (Lost, AssertionError) as why:
        complaints = [f"run: {why!r}"]
    finally:
        usher.end(chosen.keep)
        code = aftermath.close(complaints, f"tests/fault/one_node.py --seed {chosen.seed}",
                               {"usher-fault.log": folder / "usherd.log"}, folder, chosen.keep)
    if not complaints:
        say("every promise was kept")
    return code


BEGUN = time.monotonic()
if __name__ == "__main__":
    sys.exit(main())
