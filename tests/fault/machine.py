"""Faults of the machine below a node or the database: its clock, its disk."""

import asyncio
import subprocess
import time

from below import HOUR
from probes import BODY, PATH, Stream
from wire import Connection, Lost

RENEWAL = 1.0  # a quarter of a lease
CROWD = 400  # who come at once to a cluster whose disk is slow


class Machine:
    """Part of the nemesis."""

    async def rest(self, seconds):
        """Nothing; so it shows whether what was under way in the fault before goes on by itself (lateness.punctual)."""
        await asyncio.sleep(seconds)

    # -- clocks ---------------------------------------------------------------------------------------------------------

    async def jump_clock(self, hours, seconds=8):
        """The wall clock of a node jumps while it runs, and it connects anew. Nothing ends early there, and nothing
        late."""
        victim = self.victim()
        try:
            return await self.live_by_another_clock(victim, hours, seconds)
        finally:
            victim.shim.say()

    async def live_by_another_clock(self, victim, hours, seconds):
        shards = self.chance.sample(sorted(self.cluster.shards_of(victim)), 4)
        carts = [await self.prober.open_session(shard, victim.port, self.event) for shard in shards]
        victim.shim.say(ahead=hours * HOUR)
        for way in [victim.database_way, *(node.link_way for node in self.cluster.up())]:  # to connect by that clock
            self.cluster.proxy.say(name=way, do="reset")
        begun = time.monotonic()
        spans = await self.prober.first(shards, [victim.port], begun)
        across = await self.prober.first(self.chance.sample(self.cluster.shards_of(victim), 4), self.others(victim), begun)
        self.figures.spans["across a link that was forgotten"] += across
        await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))
        for cart in carts:
            told = await self.look_once(victim, cart, 3.0)
            if not told or '"status":"open"' not in told:
                self.complaints.append(f"9. after a jump of {hours} h {victim.name} says of {cart}: {told}")
        await asyncio.gather(*(self.prober.cancel(cart, [victim.port]) for cart in carts))
        return f"{victim.name}, written to there after {max(spans):.2f} s, from elsewhere after {max(across):.2f} s at most"

    async def jump_database_clock(self, hours, seconds=2):
        """The clock of PostgreSQL's machine is set, and a node dies; then it is set right. No lease ends by that, and the
        dead node is replaced as ever, but for the lease that all are promised anew. (Only back and then ahead: what the
        payment provider of the tests is to do later, by that clock, would be an hour late.)"""
        victim = self.victim()
        mine = self.cluster.shards_of(victim)
        self.cluster.database.shim.say(ahead=hours * HOUR)
        try:
            await asyncio.sleep(self.chance.uniform(0, seconds))
            begun = time.monotonic()
            victim.kill()
            spans = await self.prober.first(self.chance.sample(mine, min(16, len(mine))), self.others(victim), begun)
        finally:
            self.cluster.database.shim.say()
            self.judges_since = time.monotonic() + RENEWAL  # at the latest, for all to see it
        self.figures.spans["failover while PostgreSQL's clock is set"].append(max(spans))
        victim.start()
        return f"{victim.name}, its shards are back after {max(spans):.2f} s"

    # -- disks ----------------------------------------------------------------------------------------------------------

    async def slow_disk(self, milliseconds, seconds=8):
        """Each sync of PostgreSQL takes longer, and a crowd comes: new carts are put off, and memory does not grow."""
        node = self.victim()
        before = {one.name: one.memory() for one in self.cluster.up()}
        self.cluster.database.shim.say(slower=milliseconds * 1000)
        stream = Stream(self.prober, self.chance.sample(range(256), 4), self.cluster.fronts, 0.1)
        end = time.monotonic() + seconds
        seen = {}
        await asyncio.gather(*(self.come_again(node.port, end, seen) for _ in range(CROWD)))
        self.figures.growth["nodes on a slow disk"] += [one.memory() - before[one.name] for one in self.cluster.up()]
        self.cluster.database.shim.say()
        await stream.end()
        if not seen.get(503):
            self.complaints.append(f"nemesis: with {CROWD} who wait for a slow disk nobody was put off: {seen}")
        gap = max(map(stream.longest_gap, stream.shards))
        return f"{CROWD} at {node.name} were answered {seen}, a holder waited for {gap:.2f} s at most"

    async def come_again(self, port, end, seen):
        line = Connection(port)
        while time.monotonic() < end:
            headers = dict(self.prober.headers, **{"Idempotency-Key": self.prober.new_key()})
            begun = time.monotonic()
            try:
                status, answer, _ = await line.exchange("POST", f"/v1/events/{self.crowded}/sessions", headers, "{}")
            except Lost:
                status, answer = "lost", {}
            seen[status] = seen.get(status, 0) + 1
            if status == 503 and "retry-after" not in answer:
                self.complaints.append("nemesis: a 503 without Retry-After")
            self.figures.spans["an answer on a slow disk"].append(time.monotonic() - begun)
            await asyncio.sleep(0.5)
        line.close()

    async def full_disk(self, what, seconds):
        """The disk of PostgreSQL is full: of `data`, or so that the journal of PostgreSQL itself (`wal`) finds no room,
        which ends PostgreSQL. Nothing is acknowledged; with room again, all goes on by itself."""
        if self.cluster.disk is None:
            return "SKIPPED: only root may mount"
        for node in self.cluster.up():
            node.may_be_fenced = True  # a renewal may find no room either
        begun = self.history.now()
        self.cluster.disk.fill()
        if what == "wal":
            subprocess.run(["psql", "-qXAt", "-d", self.cluster.conninfo, "-c", "SELECT pg_switch_wal()"], check=False,
                           capture_output=True)
        seen = await self.write_in_vain(time.monotonic() + seconds)
        self.cluster.disk.make_room()
        room = time.monotonic()
        is_gone = await asyncio.to_thread(self.cluster.database.start_if_gone)
        self.judges_since = time.monotonic()
        spans = await self.prober.first(self.chance.sample(range(256), 8), self.cluster.fronts, room)
        self.figures.spans["acknowledging after a full disk has room"].append(max(spans))
        self.without_database.append((begun, self.history.now()))
        if not seen.get(503) or seen.get("acknowledged at the end"):
            self.complaints.append(f"nemesis: the disk was full, and writes were answered {seen}")
        return (f"{seen}, acknowledging {max(spans):.2f} s after it has room"
                + (", PostgreSQL was started again" if is_gone else ""))

    async def write_in_vain(self, end):
        """The answers to one write after the other at all fronts until then."""
        seen = {}

        async def one(front):
            line = Connection(front)
            while time.monotonic() < end:
                headers = dict(self.prober.headers, **{"Idempotency-Key": self.prober.new_key()})
                try:
                    status, _, answer = await line.exchange("POST", PATH, headers, BODY)
                    self.prober.note(status, answer)
                except Lost:
                    status = "lost"
                is_late = time.monotonic() > end - 2
                status = "acknowledged at the end" if status == 201 and is_late else status
                seen[status] = seen.get(status, 0) + 1
                await asyncio.sleep(0.02)
            line.close()

        await asyncio.gather(*(one(front) for front in self.cluster.fronts for _ in range(4)))
        return seen

