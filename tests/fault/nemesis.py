"""What is done to a cluster, one fault after the other, and what is measured meanwhile."""

import asyncio
import time

from handoffs import Handoffs
from machine import Machine
from namespaces import Wires
from probes import Stream
from stale import LATE, TTL, Stale
from wire import Lost

LEAST = 3  # nodes, for a fault to leave anybody who is not hurt
SAMPLE = 4  # shards that are written to all the time
HARMLESS = ("rest", "jump_clock")  # whatever ends meanwhile ends in time


class Nemesis(Stale, Machine, Wires, Handoffs):
    def __init__(self, cluster, prober, history, chance, figures, say):
        self.cluster, self.prober, self.history, self.chance = cluster, prober, history, chance
        self.figures, self.say = figures, say
        self.complaints = []
        self.event = self.crowded = None  # events on sale: with long holds; for a crowd
        self.unwell = []  # spans of the history in which something was wrong
        self.without_database = []  # spans of the history
        self.done = 0
        self.judges_since = float("-inf")  # when PostgreSQL came up, or all promised anew by another clock

    async def run(self, plan):
        for words in plan:
            name, *rest = words
            begun, since = time.monotonic(), self.history.now()
            try:
                if len(self.cluster.up()) < LEAST and name not in ("join", "rest"):
                    await self.join()
                told = await getattr(self, name)(*rest)
                await self.cluster.balanced()
            except Lost as why:
                self.complaints.append(f"nemesis: {words}: {why}")
                told = "LOST"
            self.done += 1
            if name not in HARMLESS:
                self.unwell.append((since, self.history.now()))
            self.say(f"{self.done} of {len(plan)}: {' '.join(map(str, words))}: {told or 'done'}; all is well after "
                     f"{time.monotonic() - begun:.1f} s")
            await asyncio.sleep(self.chance.uniform(0.1, 1))

    def is_new(self, moment):
        """Nobody is declared dead before a lease is over by a clock that all go by."""
        return moment < self.judges_since + TTL + 0.5

    def victim(self):
        return self.chance.choice(self.cluster.up())

    def others(self, *but):
        return [node.port for node in self.cluster.up() if node not in but]

    async def unaffected(self, victim, work):
        """Does the work while shards that the victim does not own are written to at the other fronts."""
        mine = set(self.cluster.shards_of(victim))
        shards = self.chance.sample([shard for shard in self.cluster.owners() if shard not in mine], SAMPLE)
        stream = Stream(self.prober, shards, self.others(victim))
        told = await work(mine)
        await stream.end()
        self.figures.tried += stream.tried
        self.figures.failed += stream.failed
        return told

    # -- nodes --------------------------------------------------------------------------------------------------------

    async def kill(self):
        victim = self.victim()
        name = "failover while PostgreSQL is new" if self.is_new(time.monotonic()) else "failover after kill -9"

        async def work(mine):
            begun = time.monotonic()
            victim.kill()
            spans = await self.prober.first(mine, self.others(victim), begun)
            self.figures.spans[name].append(max(spans))
            return f"{victim.name}, its {len(mine)} shards are back after {min(spans):.2f} to {max(spans):.2f} s"

        told = await self.unaffected(victim, work)
        victim.start()
        return told

    async def kill_slowly(self):
        """A node dies whose appends take long: what it acknowledged must have been in before."""
        victim = self.victim()
        mine = self.cluster.shards_of(victim)
        self.cluster.proxy.say(name=victim.database_way, do="slow_commit", least=150)
        stream = Stream(self.prober, self.chance.sample(mine, min(40, len(mine))), self.cluster.fronts, 0.01)
        await asyncio.sleep(self.chance.uniform(0.8, 1.2))
        victim.kill()
        self.cluster.proxy.say(name=victim.database_way, do="slow_commit", least=0)
        await stream.end()
        victim.start()
        return f"{victim.name}, {sum(len(times) - 1 for times in stream.acknowledged.values())} writes acknowledged"

    async def freeze(self, seconds):
        """Stops a node, which must not say a word when it comes back too late."""
        victim = self.victim()
        victim.may_be_fenced = True
        peers = [node for node in self.cluster.up() if node is not victim]
        late = []

        async def work(mine):
            before = {node.name: node.memory() for node in peers}
            begun = time.monotonic()
            victim.freeze()
            told = victim.name
            if seconds > TTL:
                late.extend(asyncio.create_task(self.ask_too_late(victim, shard, begun + seconds + 2))
                            for shard in self.chance.sample(sorted(mine), min(LATE, len(mine))))
                spans = await self.prober.first(mine, self.others(victim), begun)
                self.figures.spans["failover after SIGSTOP"].append(max(spans))
                told += f", its {len(mine)} shards are back after {max(spans):.2f} s"
            while time.monotonic() < begun + seconds:
                self.figures.growth["peers of a stopped node"] += [node.memory() - before[node.name] for node in peers]
                await asyncio.sleep(0.1)
            return told

        self.cluster.is_watched = False
        told = await self.unaffected(victim, work)
        victim.thaw()
        if seconds > TTL:
            await self.expect_end(victim)
            await asyncio.gather(*late)
        self.cluster.is_watched = True
        self.cluster.note_falls()
        return told

    async def handoff(self, shards, work, is_measured=True):
        """The longest time in which one of the shards acknowledged nothing while the work was done."""
        each = 1 if is_measured else 2  # so that somebody else writes there the moment it has moved
        stream = Stream(self.prober, shards * each, self.cluster.fronts, 0.01)
        await asyncio.sleep(0.3)
        before = self.cluster.owners()
        told = await work()
        await asyncio.sleep(0.3)
        after = self.cluster.owners()
        await stream.end()
        moved = [shard for shard in shards if before.get(shard) != after.get(shard)]
        gaps = [stream.longest_gap(shard) for shard in moved]
        if is_measured:
            self.figures.spans["pause of a handoff"] += gaps
        return f"{told}, {len(moved)} watched shards moved, paused for {max(gaps, default=0) * 1000:.0f} ms at most"

    async def join(self):
        """A node that was not there."""
        async def work():
            node = self.cluster.add()
            await self.cluster.ready(node)
            await self.cluster.balanced()
            self.cluster.fronts.append(node.port)
            return node.name

        return await self.handoff(self.chance.sample(range(256), 12), work)

    async def leave_slowly(self):
        """A node goes while each of its appends takes long: what it gives away must be durable before."""
        victim = self.victim()
        self.cluster.proxy.say(name=victim.database_way, do="slow_commit", least=150)
        return await self.leave(victim, is_measured=False)

    async def leave(self, victim=None, comes_back=False, is_measured=True):
        """A node drains and goes."""
        victim = victim or self.victim()
        self.cluster.fronts.remove(victim.port)  # an operator takes it out of the proxy first

        async def work():
            victim.process.terminate()
            end = time.monotonic() + 20
            while victim.is_up() and time.monotonic() < end:
                await asyncio.sleep(0.02)
            code, victim.process = victim.process.poll(), None
            if code != 0:
                self.complaints.append(f"nemesis: {victim.name} was to leave, and ended with {code}")
            return victim.name

        self.cluster.is_watched = False
        mine = self.cluster.shards_of(victim)
        told = await self.handoff(self.chance.sample(mine, min(8 if is_measured else 40, len(mine))), work, is_measured)
        self.cluster.is_watched = True
        if comes_back:
            victim.start()
            await self.cluster.ready(victim)
            self.cluster.fronts.append(victim.port)
        else:
            self.cluster.nodes.remove(victim)
        return told

    async def roll(self):
        """Every node leaves and comes back, one after the other."""
        for victim in list(self.cluster.up()):
            told = await self.leave(victim, comes_back=True)
            await self.cluster.balanced()
        return told

    async def upgrade(self, count=0):
        """So many nodes of the older program, or all, leave and come back as the newer, one after the other."""
        return await self.exchange(self.cluster.older, self.cluster.program, count)

    async def downgrade(self, count=0):
        """And the other way: the older starts on what the newer has made of the database."""
        return await self.exchange(self.cluster.program, self.cluster.older, count)

    async def exchange(self, older, newer, count):
        victims = [node for node in self.cluster.up() if node.program == str(older)]
        told = []
        for victim in victims[:int(count) or None]:
            victim.program = str(newer)
            told.append(await self.leave(victim, comes_back=True))
            await self.cluster.balanced()
        return "; ".join(told) or "there was none"

    # -- the database -------------------------------------------------------------------------------------------------

    async def database(self, how, down=0.0):
        """Ends PostgreSQL by kill, immediate or stop (fast); starts it again after `down` seconds."""
        begun = self.history.now()
        do = self.cluster.database.do
        self.cluster.is_watched = False
        await asyncio.to_thread(do, how)
        await asyncio.sleep(down)
        await asyncio.to_thread(do, "start")
        return await self.database_back(begun)

    async def database_back(self, begun):
        self.judges_since = accepts = time.monotonic()
        await self.prober.first([self.chance.randrange(256)], self.cluster.fronts, accepts)
        back = time.monotonic() - accepts
        self.figures.spans["acknowledging after PostgreSQL accepts"].append(back)
        self.without_database.append((begun, self.history.now()))
        self.cluster.is_watched = True
        self.cluster.note_falls()
        return f"acknowledging {back:.2f} s after it accepts"

    async def database_stopped(self, seconds):
        begun = self.history.now()
        self.cluster.signal_database(19)  # SIGSTOP
        await asyncio.sleep(seconds)
        self.cluster.signal_database(18)  # SIGCONT
        return await self.database_back(begun)

    async def everything(self):
        self.cluster.is_watched = False
        for node in self.cluster.up():
            node.kill()
        await asyncio.to_thread(self.cluster.database.do, "kill")
        await asyncio.to_thread(self.cluster.database.do, "start")
        self.judges_since = begun = time.monotonic()
        for node in self.cluster.nodes:
            node.start()
        self.cluster.is_watched = True
        spans = await self.prober.first(self.chance.sample(range(256), 16), self.cluster.fronts, begun)
        self.figures.spans["serving after all was killed"].append(max(spans))
        return f"sampled shards are back after {max(spans):.2f} s"

    # -- the ways between ---------------------------------------------------------------------------------------------

    async def lose_commits(self, count):
        """The answer of PostgreSQL to an append is lost, again and again: nobody knows whether it is in."""
        victim = self.victim()
        say = self.cluster.proxy.say
        before = say(name=victim.database_way, do="pass")["lost"]
        end = time.monotonic() + count
        while (lost := say(name=victim.database_way, do="pass")["lost"] - before) < count and time.monotonic() < end:
            say(name=victim.database_way, do="lose_commit", least=1)
            await asyncio.sleep(0.1)
        say(name=victim.database_way, do="lose_commit", least=0)
        self.figures.commits_lost += lost
        return f"{victim.name}, {lost} lost"

    async def reset(self):
        """All connections of a node to PostgreSQL and of its peers to it are reset."""
        victim = self.victim()
        for way in (victim.database_way, victim.link_way):
            self.cluster.proxy.say(name=way, do="reset")
        return victim.name

    async def forget_links(self):
        """All that is open between nodes carries nothing any more, though nobody closed it; what is opened later does."""
        victim = self.victim()
        for node in self.cluster.up():
            self.cluster.proxy.say(name=node.link_way, do="forget")
        begun = time.monotonic()
        shards = self.cluster.shards_of(victim)
        for front in self.others(victim):
            spans = await self.prober.first(self.chance.sample(shards, min(4, len(shards))), [front], begun)
            self.figures.spans["across a link that was forgotten"] += spans
        return f"{victim.name}, reached again after {max(spans):.2f} s"

    async def stall_links(self, how, seconds):
        """Whoever dialed a node is heard by it no more (hold_there), or hears it no more (hold_back), or neither. It is
        the youngest, as the older one dials."""
        victim = max(self.cluster.up(), key=lambda node: node.incarnation())
        shards = self.chance.sample(sorted(self.cluster.shards_of(victim)), 8)
        self.cluster.proxy.say(name=victim.link_way, do=how)
        begun = time.monotonic()
        spans = await self.prober.first(shards, self.cluster.fronts, begun)
        self.figures.spans["across a cut, at some front"] += spans
        await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))
        self.cluster.proxy.say(name=victim.link_way, do="pass")
        return f"{victim.name}, its shards were had at some front after {max(spans):.2f} s"

    async def cut_pair(self, how, seconds):
        """The two oldest nodes do not reach each other (hold, refuse), or one of them not the other (hold_there, hold_back),
        and all others reach both: nobody but the oldest dials the second."""
        one, other = sorted(self.cluster.up(), key=lambda node: node.incarnation())[:2]
        self.cluster.proxy.say(name=other.link_way, do=how)
        try:
            return await self.across_a_cut(one, other, seconds)
        finally:
            self.cluster.proxy.say(name=other.link_way, do="pass")

    async def across_a_cut(self, one, other, seconds):
        """Each of two nodes that are cut from each other is asked for shards of the other, and must be helped: once that has
        begun, no answer is late."""
        begun = time.monotonic()
        ways = [(front.port, self.chance.sample(sorted(self.cluster.shards_of(owner)), SAMPLE))
                for front, owner in ((one, other), (other, one))]

        async def ask(since):
            found = await asyncio.gather(*(self.prober.first(shards, [port], since) for port, shards in ways))
            return [span for spans in found for span in spans]

        spans = await ask(begun)
        self.figures.spans["across a cut, at each front"] += spans
        again = []
        while time.monotonic() < begun + seconds:
            again += await ask(time.monotonic())
            await asyncio.sleep(0.1)
        self.figures.spans["across a cut that lasts"] += again
        return (f"{one.name} and {other.name}, each had the other's shards after {max(spans):.2f} s, "
                f"then within {max(again, default=0):.2f} s")
