"""Nodes that die while shards are on their way from one to another."""

import asyncio
import collections
import time

from probes import Stream
from wire import Lost

WATCHED = 12  # shards on their way that are written to all the time
SLOWLY = 150  # milliseconds that each append of the giver takes: a gift waits for it, so that it can be met
TRIES = 3  # to meet one: on a fast machine it may be over
PATIENCE = 20.0  # seconds, for the first gift and for the end of who has given all


class Handoffs:
    """Part of the nemesis."""

    async def kill_giver(self):
        """A node drains, and dies when some of its shards have moved and others have not."""
        return await self.kill_in_a_handoff(lambda giver, moved: giver)

    async def kill_taker(self):
        """A node drains, and the one that it gives to dies when it has got some."""
        return await self.kill_in_a_handoff(lambda giver, moved: self.taker_of(moved))

    async def kill_in_a_handoff(self, choose):
        for _ in range(TRIES):
            if told := await self.drain_and_kill(self.victim(), choose):
                return told
            self.figures.handoffs_missed += 1
            await self.cluster.balanced()
        return f"MISSED: {TRIES} handoffs were over before anybody could be killed in one"

    async def drain_and_kill(self, giver, choose):
        mine, killed = sorted(self.cluster.shards_of(giver)), []
        self.cluster.fronts.remove(giver.port)  # an operator takes it out of the proxy first
        self.cluster.is_watched = False
        stream = Stream(self.prober, self.chance.sample(mine, min(WATCHED, len(mine))), self.cluster.fronts, 0.01)
        try:
            try:
                return await self.meet_a_handoff(giver, mine, choose, killed)
            finally:
                await stream.end()
        finally:
            await self.come_back(giver, killed)

    async def meet_a_handoff(self, giver, mine, choose, killed):
        """None, with nobody killed, if it was over too soon."""
        self.cluster.proxy.say(name=giver.database_way, do="slow_commit", least=SLOWLY)
        try:
            await asyncio.sleep(0.3)
            giver.process.terminate()
            victim = choose(giver, await self.some_have_moved(giver, mine))
            await asyncio.sleep(self.chance.uniform(0, SLOWLY / 1000))
            theirs = self.cluster.shards_of(victim)
            moved = self.moved_from(giver, mine)
            if not 0 < len(moved) < len(mine) or not giver.is_up():
                return None
            begun = time.monotonic()
            killed.append(victim)
            victim.kill()
        finally:
            self.cluster.proxy.say(name=giver.database_way, do="slow_commit", least=0)
        told = await self.all_are_owned(giver, victim, sorted({*mine, *theirs}), begun)
        return f"{victim.name} with {len(moved)} of {len(mine)} moved from {giver.name}, {told}"

    def moved_from(self, giver, mine):
        """{shard: its new owner}, as far as PostgreSQL knows."""
        self_of_giver, owners = giver.incarnation(), self.cluster.owners()
        return {shard: owners[shard] for shard in mine if owners.get(shard, self_of_giver) != self_of_giver}

    async def some_have_moved(self, giver, mine):
        """The same, as soon as there are any."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if moved := self.moved_from(giver, mine):
                return moved
            await asyncio.sleep(0.01)
        raise Lost(f"{giver.name} gives nothing away within {PATIENCE} s")

    def taker_of(self, moved):
        whose = collections.Counter(moved.values()).most_common(1)[0][0]
        return next(node for node in self.cluster.up() if node.incarnation() == whose)

    async def all_are_owned(self, giver, victim, shards, begun):
        """Each of them acknowledges a write within the time of a failover, whoever had it at that moment."""
        spans = await self.prober.first(shards, self.others(giver, victim), begun)
        name = "failover while PostgreSQL is new" if self.is_new(begun) else "failover in a handoff"
        self.figures.spans[name].append(max(spans))
        return f"all {len(shards)} shards of both are back after {min(spans):.2f} to {max(spans):.2f} s"

    async def come_back(self, giver, killed):
        """Whatever happened."""
        try:
            if giver not in killed:
                await self.has_left(giver)
            fallen = list(dict.fromkeys([giver, *killed]))
            for node in fallen:
                node.start()
            self.cluster.is_watched = True
            for node in fallen:
                await self.cluster.ready(node)
        finally:
            self.cluster.is_watched = True
            self.cluster.fronts.append(giver.port)

    async def has_left(self, giver):
        end = time.monotonic() + PATIENCE
        while giver.is_up() and time.monotonic() < end:
            await asyncio.sleep(0.02)
        code = giver.process.poll()
        if code != 0:
            self.complaints.append(f"nemesis: {giver.name} was to leave, and ended with {code}")
        giver.kill()
