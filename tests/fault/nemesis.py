"""What is done to a cluster, one fault after the other, and what is measured meanwhile."""

import asyncio
import time

import aftermath
from cluster import FENCED
from probes import BODY, PATH, Stream
from wire import Connection, Lost

TTL = 4.0  # lease.ttl
SAMPLE = 4  # shards that are written to all the time
LATE = 40  # writes that wait for a stopped node


class Nemesis:
    def __init__(self, cluster, prober, history, chance, figures, say):
        self.cluster, self.prober, self.history, self.chance = cluster, prober, history, chance
        self.figures, self.say = figures, say
        self.complaints = []
        self.event = None  # an event on sale
        self.without_database = []  # spans of the history
        self.done = 0

    async def run(self, plan):
        for words in plan:
            name, *rest = words
            begun = time.monotonic()
            try:
                told = await getattr(self, name)(*rest)
                await self.cluster.balanced()
            except Lost as why:
                self.complaints.append(f"nemesis: {words}: {why}")
                told = "LOST"
            self.done += 1
            self.say(f"{self.done} of {len(plan)}: {' '.join(map(str, words))}: {told or 'done'}; all is well after "
                     f"{time.monotonic() - begun:.1f} s")
            await asyncio.sleep(self.chance.uniform(0.1, 1))

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

        async def work(mine):
            begun = time.monotonic()
            victim.kill()
            spans = await self.prober.first(mine, self.others(victim), begun)
            self.figures.spans["failover after kill -9"].append(max(spans))
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
                self.figures.growth += [node.memory() - before[node.name] for node in peers]
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

    async def ask_too_late(self, victim, shard, end):
        """A write that reaches a stopped node, and is read by it when its shards are no longer its own."""
        line = Connection(victim.port)
        headers = dict(self.prober.headers, **{"Idempotency-Key": self.prober.key_in(shard)})
        try:
            status, _, _ = await line.exchange("POST", PATH, headers, BODY, patience=end - time.monotonic())
            if status == 201:
                self.complaints.append(f"nemesis: {victim.name} acknowledged a write after its lease was over")
        except Lost:
            pass
        line.close()

    async def expect_end(self, victim, within=5.0):
        end = time.monotonic() + within
        while victim.is_up() and time.monotonic() < end:
            await asyncio.sleep(0.02)
        code = victim.process.poll()
        if code != FENCED:
            self.complaints.append(f"nemesis: {victim.name} was declared dead and ended with {code}, not {FENCED}")

    async def handoff(self, shards, work, is_measured=True):
        """The longest time in which one of the shards acknowledged nothing while the work was done."""
        stream = Stream(self.prober, shards, self.cluster.fronts, 0.01)
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
        accepts = time.monotonic()
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
        begun = time.monotonic()
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

    async def taken_over(self, victim, shards, begun):
        if not self.history.may_speak.is_set():  # nor do we, or it would be busy writing
            await asyncio.sleep(TTL + 1)
        return await self.prober.first(shards, self.others(victim), begun)

    async def look_at_the_dead(self, victim, session, end):
        """Looks at a session all the time, so that it stays in memory; once the lease is over nothing may be told."""
        over = time.monotonic() + TTL + 0.2
        looks = 0
        while time.monotonic() < end:
            line, asked = Connection(victim.port), time.monotonic()
            try:
                status, _, _ = await line.exchange("GET", f"/v1/sessions/{session}", self.prober.headers, "", patience=0.3)
                if asked > over and status == 200:
                    self.complaints.append(f"nemesis: {victim.name} told of {session} after its lease was over")
            except Lost:
                pass
            looks += asked > over
            line.close()
            await asyncio.sleep(0.05)
        return looks

    async def hush(self):
        """The crowd is silent, and all comes to rest."""
        self.history.may_speak.clear()
        left = await aftermath.settle(self.cluster.conninfo, self.cluster.note_falls)
        return left

    async def speak(self):
        self.history.may_speak.set()

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
        self.cluster.proxy.say(name=victim.link_way, do=how)
        await asyncio.sleep(seconds)
        self.cluster.proxy.say(name=victim.link_way, do="pass")
        return victim.name
