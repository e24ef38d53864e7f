"""Faults of which a node knows nothing: others have buried it, and it must not say a word about what was its own."""

import asyncio
import time

import aftermath
from cluster import FENCED
from probes import BODY, PATH, Stream
from wire import Connection, Lost

TTL = 4.0  # lease.ttl
LATE = 40  # writes that wait for a stopped node
LOOKS = 8  # sessions that are looked at there


class Stale:
    """Part of the nemesis."""

    # -- what was its own -----------------------------------------------------------------------------------------------

    async def cut_off(self, how, seconds):
        """A node does not reach PostgreSQL (hold, refuse, hold_there, hold_back), but its peers."""
        victim = self.victim()
        victim.may_be_fenced = True
        mine = self.cluster.shards_of(victim)
        looked_at = await self.prober.open_session(self.chance.choice(mine), victim.port, self.event)
        await asyncio.sleep(0.5)  # until what follows from it is written
        self.cluster.proxy.say(name=victim.database_way, do=how)
        begun = time.monotonic()
        told = victim.name
        if seconds > TTL:
            spans, seen = await asyncio.gather(self.taken_over(victim, mine, begun),
                                               self.look_at_the_dead(victim, looked_at, begun + seconds - 0.2))
            told += f", its shards are back after {max(spans):.2f} s, {seen} looks at what it had"
        await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))
        self.cluster.proxy.say(name=victim.database_way, do="pass")
        if looked_at:
            await self.prober.cancel(looked_at, self.others(victim))
        return told

    async def forget_lease(self, seconds):
        """A node's renewals do not arrive, but its appends do: others take over while it does not know."""
        victim = self.victim()
        victim.may_be_fenced = True
        mine = self.cluster.shards_of(victim)
        self.cluster.proxy.say(name=victim.database_way, do="hold_lease")
        stream = Stream(self.prober, self.chance.sample(mine, min(16, len(mine))), self.cluster.fronts, 0.01)
        await asyncio.sleep(seconds)
        self.cluster.proxy.say(name=victim.database_way, do="pass")
        await stream.end()
        return f"{victim.name}, one of its shards paused for {max(map(stream.longest_gap, stream.shards)):.2f} s"

    async def late_append(self):
        """A node's renewals do not arrive, and its appends not until others have its shards, to which they have written
        nothing yet: no number is taken, the node knows nothing, and nothing but the fence refuses what it offers."""
        victim, say = self.victim(), self.cluster.proxy.say
        victim.may_be_fenced = True
        await self.hush()
        mine = self.chance.sample(sorted(self.cluster.shards_of(victim)), LOOKS + LATE)
        self.cluster.is_watched = False
        say(name=victim.database_way, do="hold_lease")
        say(name=victim.database_way, do="slow_commit", least=60_000)
        begun = time.monotonic()
        late = [asyncio.create_task(self.ask_too_late(victim, shard, begun + 30)) for shard in mine[LOOKS:]]
        await asyncio.sleep(TTL)
        await self.prober.first(mine[:LOOKS], self.others(victim), begun)
        say(name=victim.database_way, do="slow_commit", least=0)
        await self.expect_end(victim, within=8.0)
        say(name=victim.database_way, do="pass")
        await asyncio.gather(*late)
        self.cluster.is_watched = True
        self.cluster.note_falls()
        await self.speak()
        return f"{victim.name} had {len(late)} writes under way"

    async def oversleep(self, seconds):
        """A node is stopped while nobody else speaks, and finds on waking nothing but looks, asked before it woke, at
        sessions that were cancelled elsewhere before."""
        victim = self.victim()
        victim.may_be_fenced = True
        await self.hush()
        others = self.others(victim)
        shards = self.chance.sample(sorted(self.cluster.shards_of(victim)), LOOKS)
        carts = [await self.prober.open_session(shard, victim.port, self.event) for shard in shards]
        await asyncio.sleep(1)
        await asyncio.gather(*(self.look_once(victim, cart, 1.0) for cart in carts))
        self.cluster.is_watched = False
        begun = time.monotonic()
        victim.freeze()
        late = [asyncio.create_task(self.look_too_late(victim, cart, begun + seconds + 2)) for cart in carts]
        await self.prober.first(shards, others, begun)
        await asyncio.gather(*(self.prober.cancel(cart, others) for cart in carts))
        await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))
        victim.thaw()
        await self.expect_end(victim)
        await asyncio.gather(*late)
        self.cluster.is_watched = True
        self.cluster.note_falls()
        await self.speak()
        return f"{victim.name} woke to {len(late)} looks"

    # -- what is asked of it --------------------------------------------------------------------------------------------

    async def ask_too_late(self, victim, shard, end):
        """A write that reaches a stopped node, and is read by it when its shards are no longer its own."""
        line = Connection(victim.port)
        key = self.prober.key_in(shard)
        self.prober.note_never(key)
        headers = dict(self.prober.headers, **{"Idempotency-Key": key})
        try:
            status, _, _ = await line.exchange("POST", PATH, headers, BODY, patience=end - time.monotonic())
            if status == 201:
                self.complaints.append(f"nemesis: {victim.name} acknowledged a write after its lease was over")
        except Lost:
            pass
        line.close()

    async def look_once(self, victim, session, patience):
        """Whether the node told of it, and as what."""
        line = Connection(victim.port)
        try:
            status, _, answer = await line.exchange("GET", f"/v1/sessions/{session}", self.prober.headers, "",
                                                    patience=patience)
            return answer if status == 200 else None
        except Lost:
            return None
        finally:
            line.close()

    async def look_too_late(self, victim, session, end):
        told = await self.look_once(victim, session, end - time.monotonic())
        if told and '"status":"open"' in told:
            self.complaints.append(f"10. {victim.name} showed {session} as open, which was cancelled elsewhere before")

    async def look_at_the_dead(self, victim, session, end):
        """Looks at a session all the time, so that it stays in memory; once the lease is over nothing may be told."""
        over = time.monotonic() + TTL + 0.2
        looks = 0
        while time.monotonic() < end:
            asked = time.monotonic()
            if await self.look_once(victim, session, 0.3) and asked > over:
                self.complaints.append(f"nemesis: {victim.name} told of {session} after its lease was over")
            looks += asked > over
            await asyncio.sleep(0.05)
        return looks

    async def taken_over(self, victim, shards, begun):
        if not self.history.may_speak.is_set():  # nor do we, or it would be busy writing
            await asyncio.sleep(TTL + 1)
        return await self.prober.first(shards, self.others(victim), begun)

    async def expect_end(self, victim, within=5.0):
        end = time.monotonic() + within
        while victim.is_up() and time.monotonic() < end:
            await asyncio.sleep(0.02)
        code = victim.process.poll()
        if code != FENCED:
            self.complaints.append(f"nemesis: {victim.name} was declared dead and ended with {code}, not {FENCED}")

    # -- silence --------------------------------------------------------------------------------------------------------

    async def hush(self):
        """The crowd is silent, and all comes to rest."""
        self.history.may_speak.clear()
        return await aftermath.settle(self.cluster.conninfo, self.cluster.note_falls)

    async def speak(self):
        self.history.may_speak.set()
