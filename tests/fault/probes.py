"""Writes to chosen shards, and what they tell: how long a shard was not to be had, and how often."""

import asyncio
import json
import time
import uuid

from cluster import made_by, shard_of
from wire import Connection, Lost

PATH = "/v1/organizations"
BODY = '{"name":"probe"}'


class Figures:
    """Measured spans in seconds by name, with what they may be at most."""

    BOUNDS = {"failover after kill -9": 3.0, "failover while PostgreSQL is new": 7.5, "failover in a handoff": 3.0,
              "failover while PostgreSQL's clock is set": 7.5,
              "failover after SIGSTOP": 6.0, "pause of a handoff": 0.5,
              "across a link that was forgotten": 6.0, "across a cut, at some front": 12.0, "failover of a node that is alone": 6.0,
              "across a cut, at each front": 12.0, "across a cut that lasts": 2.5,  # the patience of a request
              "acknowledging after PostgreSQL accepts": 3.0, "serving after all was killed": 15.0,
              "an answer on a slow disk": 3.3,  # the node's own deadline is 2.8 s; this client is busy
              "acknowledging after a full disk has room": 10.0}
    SELDOM = {"pause of a handoff": 2.0}  # one of a hundred may take so long, and one of less
    RATE = 0.999
    MEMORY = 20 * 1024 * 1024

    def __init__(self):
        self.spans = {name: [] for name in self.BOUNDS}
        self.tried = self.failed = 0
        self.growth = {"peers of a stopped node": [], "nodes on a slow disk": []}  # bytes
        self.commits_lost = self.handoffs_missed = 0

    def lines(self):
        for name, spans in self.spans.items():
            if spans:
                spans.sort()
                last = spans[min(len(spans) - 1, int(len(spans) * 0.99))]
                if len(spans) <= 100:
                    yield f"{name}: {' '.join(f'{span:.2f}' for span in spans)}"
                yield (f"{name}: {len(spans)} measured, p50 {spans[len(spans) // 2]:.2f} s, p99 {last:.2f} s, "
                       f"max {spans[-1]:.2f} s (bound {self.BOUNDS[name]} s)")
        if self.tried:
            yield f"unaffected shards: {self.tried - self.failed} of {self.tried} writes acknowledged at the first try"
        for whose, growth in self.growth.items():
            if growth:
                yield f"memory of the {whose}: {max(growth) / 1048576:+.1f} MiB at most"
        yield f"answers of PostgreSQL to a commit that were lost: {self.commits_lost}"
        if self.handoffs_missed:
            yield f"handoffs that were over before anybody could be killed in them: {self.handoffs_missed}"

    def complaints(self):
        for name, spans in self.spans.items():
            late = [span for span in spans if span > self.BOUNDS[name]]
            seldom = self.SELDOM.get(name)
            most = max(1, len(spans) // 100) if seldom else len(spans) // 100
            if len(late) > most or seldom and late and max(late) > seldom:
                yield f"figures: {name}: {', '.join(f'{span:.2f}' for span in late)} s, more than {self.BOUNDS[name]} s"
        if self.tried and (self.tried - self.failed) / self.tried < self.RATE:
            yield f"figures: {self.failed} of {self.tried} writes to unaffected shards failed"
        for whose, growth in self.growth.items():
            if growth and max(growth) > self.MEMORY:
                yield f"figures: one of the {whose} grew by {max(growth)} bytes"


class Prober:
    """Makes organizations whose ids fall into a shard: the cheapest write there is."""

    def __init__(self, caller, token, chance):
        self.caller, self.chance = caller, chance
        self.acknowledged = set()  # ids of what was made
        self.never = set()  # ids of what may not be made: it was asked of a node that was dead for the others
        self.forgotten = []  # answers that say that a key has done its work, and not what it was answered
        self.headers = {"Authorization": f"Bearer {token}"}

    def new_key(self):
        return f"probe-{self.chance.getrandbits(64):x}"

    def note(self, status, answer):
        """Keeps in mind what was made, if it was acknowledged."""
        if status != 201:
            return None
        made = json.loads(answer)["organization"]["id"]
        self.acknowledged.add(made)
        return made

    def key_in(self, shard, path=PATH):
        while True:
            key = self.new_key()
            if shard_of(made_by(self.caller, key, path)) == shard:
                return key

    async def open_session(self, shard, port, event):
        """The id of a new session in that shard; None if it was not granted."""
        path = f"/v1/events/{event}/sessions"
        line = Connection(port)
        headers = dict(self.headers, **{"Idempotency-Key": self.key_in(shard, path)})
        status, _, answer = await line.exchange("POST", path, headers, "{}")
        line.close()
        return json.loads(answer)["session"]["id"] if status == 201 else None

    async def cancel(self, session, fronts):
        """Gives a session up, at one front after the other until it is acknowledged."""
        for turn in range(100):
            line = Connection(fronts[turn % len(fronts)])
            try:
                status, _, _ = await line.exchange("POST", f"/v1/sessions/{session}/cancel", self.headers, "{}")
                if status == 200:
                    return
            except Lost:
                pass
            finally:
                line.close()
            await asyncio.sleep(0.1)
        raise Lost(f"session {session} cannot be cancelled")

    def note_never(self, key):
        self.never.add(str(made_by(self.caller, key, PATH)))

    def lost(self, story):
        """2. What was acknowledged is in the journal; 4. what the dead were asked is not."""
        there = story.entities["organization"].keys()
        for made in self.acknowledged - there:
            yield f"2. organization {made} was acknowledged to a probe and is not in the journal"
        for made in self.never & there:
            yield f"4. organization {made} was written by a node that had been declared dead"
        for made, answer in self.forgotten:
            yield f"7. organization {made} was made, and its answer is not known to a repeat: {answer[:200]}"

    async def write(self, shard, fronts, lines, patience=30.0):
        """Until it is acknowledged, at one front after the other; the tries that failed. Raises Lost."""
        key = self.key_in(shard)
        headers = dict(self.headers, **{"Idempotency-Key": key})
        end = time.monotonic() + patience
        failed, at = 0, self.chance.randrange(len(fronts))
        while time.monotonic() < end:
            port = fronts[at % len(fronts)]
            line = lines.setdefault(port, Connection(port))
            try:
                status, _, answer = await line.exchange("POST", PATH, headers, BODY)
                if made := self.note(status, answer):
                    assert shard_of(uuid.UUID(made)) == shard
                    return failed
                if status == 409 and '"already_exists"' in answer:
                    self.forgotten.append((made_by(self.caller, key, PATH), answer))
                    return failed
                if status == 409:  # request_in_progress
                    failed -= 1
            except Lost:
                pass
            failed += 1
            at += 1
            await asyncio.sleep(0.02)
        raise Lost(f"shard {shard} takes no writes for {patience} s")

    async def first(self, shards, fronts, since):
        """For each of the shards the seconds from `since` to an acknowledged write."""
        async def one(shard):
            lines = {}
            await self.write(shard, fronts, lines)
            for line in lines.values():
                line.close()
            return time.monotonic() - since
        return await asyncio.gather(*(one(shard) for shard in shards))


class Stream:
    """Writes to some shards again and again, one after the other for each time that a shard is named."""

    def __init__(self, prober, shards, fronts, pause=0.02):
        self.prober, self.shards, self.fronts, self.pause = prober, shards, fronts, pause
        self.acknowledged = {shard: [time.monotonic()] for shard in shards}
        self.tried = self.failed = 0
        self.is_over = False
        self.tasks = [asyncio.create_task(self.run(shard)) for shard in shards]

    async def run(self, shard):
        lines = {}
        while not self.is_over:
            failed = await self.prober.write(shard, self.fronts, lines)
            self.tried += 1
            self.failed += failed > 0
            self.acknowledged[shard].append(time.monotonic())
            await asyncio.sleep(self.pause)
        for line in lines.values():
            line.close()

    async def end(self):
        self.is_over = True
        await asyncio.gather(*self.tasks)

    def longest_gap(self, shard):
        times = self.acknowledged[shard]
        return max(after - before for before, after in zip(times, times[1:]))
