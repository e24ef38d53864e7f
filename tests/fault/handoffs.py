"""Nodes that die while shards are on their way from one to another."""

import asyncio
import collections
import time

from probes import Stream
from wire import Lost

WATCHED = 12  # shards on their way that are written to all the time
SLOWLY = 150  # milliseconds that each append of the giver takes: a gift waits for it, so that it can be met


class Handoffs:
    """Part of the nemesis."""

    async def kill_giver(self):
        """A node drains, and dies when some of its shards have moved and others have not."""
        return await self.kill_in_a_handoff(lambda giver, moved: giver)

    async def kill_taker(self):
        """A node drains, and the one that it gives to dies when it has got some."""
        return await self.kill_in_a_handoff(lambda giver, moved: self.taker_of(moved))

    async def kill_in_a_handoff(self, choose):
        giver = self.victim()
        mine = sorted(self.cluster.shards_of(giver))
        self.cluster.fronts.remove(giver.port)  # an operator takes it out of the proxy first
        self.cluster.is_watched = False
        self.cluster.proxy.say(name=giver.database_way, do="slow_commit", least=SLOWLY)
        stream = Stream(self.prober, self.chance.sample(mine, min(WATCHED, len(mine))), self.cluster.fronts, 0.01)
        try:
            await asyncio.sleep(0.3)
            giver.process.terminate()
            moved = await self.some_have_moved(giver, mine)
            victim = choose(giver, moved)
            await asyncio.sleep(self.chance.uniform(0, SLOWLY / 1000))
            theirs = self.cluster.shards_of(victim)
            begun = time.monotonic()
            victim.kill()
        finally:
            self.cluster.proxy.say(name=giver.database_way, do="slow_commit", least=0)
        told = await self.all_are_owned(giver, victim, sorted({*mine, *theirs}), begun)
        await stream.end()
        await self.come_back(giver, victim)
        return f"{victim.name} with {len(moved)} of {len(mine)} moved from {giver.name}, {told}"

    async def some_have_moved(self, giver, mine, patience=10.0):
        """{shard: its new owner}, as soon as PostgreSQL knows of any."""
        self_of_giver, end = giver.incarnation(), time.monotonic() + patience
        while time.monotonic() < end:
            owners = self.cluster.owners()
            moved = {shard: owners[shard] for shard in mine if owners.get(shard, self_of_giver) != self_of_giver}
            if moved:
                return moved
            await asyncio.sleep(0.01)
        raise Lost(f"{giver.name} gives nothing away within {patience} s")

    def taker_of(self, moved):
        whose = collections.Counter(moved.values()).most_common(1)[0][0]
        return next(node for node in self.cluster.up() if node.incarnation() == whose)

    async def all_are_owned(self, giver, victim, shards, begun):
        """Each of them acknowledges a write within the time of a failover, whoever had it at that moment."""
        spans = await self.prober.first(shards, self.others(giver, victim), begun)
        name = "failover while PostgreSQL is new" if self.is_new(begun) else "failover in a handoff"
        self.figures.spans[name].append(max(spans))
        return f"all {len(shards)} shards of both are back after {min(spans):.2f} to {max(spans):.2f} s"

    async def come_back(self, giver, victim):
        if giver is not victim:
            end = time.monotonic() + 20
            while giver.is_up() and time.monotonic() < end:
                await asyncio.sleep(0.02)
            code, giver.process = giver.process.poll(), None
            if code != 0:
                self.complaints.append(f"nemesis: {giver.name} was to leave, and ended with {code}")
            giver.start()
        victim.start()
        self.cluster.is_watched = True
        for node in {giver, victim}:
            await self.cluster.ready(node)
        self.cluster.fronts.append(giver.port)
