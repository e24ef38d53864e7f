"""Several nodes over one PostgreSQL, each a process with a way to the database and a way to its peers that can be cut."""

import asyncio
import hashlib
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

import below
import namespaces
from installation import ROOT, Daemon, Database, ask, settings_of
from node import free_port
from proxy import Proxy
from wire import HOSTS, Connection, Lost

SHARDS = 256
MASK64 = (1 << 64) - 1
FENCED = 70  # the exit code of a process that was declared dead
OURS = """\
cluster: {{address: {address}, port: {port}, advertise: "{address}:{way}"{certificates}}}
"""


def shard_of(key):
    """Where an entity lives (protocol/entity.hpp)."""
    high, low = key.int >> 64, key.int & MASK64
    h = (high * 0x9E3779B97F4A7C15 & MASK64) ^ low
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9 & MASK64
    h = (h ^ (h >> 27)) * 0x94D049BB133111EB & MASK64
    return (h ^ (h >> 31)) % SHARDS


def derived(parent, name):
    """The id that a name gives below a parent (protocol/ids.hpp)."""
    told = hashlib.sha256(parent.bytes + name.encode()).digest()
    made = bytearray(parent.bytes[:6] + told[:10])
    made[6], made[8] = made[6] & 0x0F | 0x70, made[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(made))


def made_by(caller, key, path):
    """The id of what a POST with that Idempotency-Key makes."""
    return derived(derived(caller, f"{key}\nPOST {path}"), "new")


class Node(Daemon):
    def __init__(self, cluster, name, program):
        home = cluster.home / name
        home.mkdir()
        self.name = name
        self.database_way, self.link_way = name + " database", name + " links"
        way = home / "way"
        way.mkdir()
        cluster.proxy.say(name=self.database_way, listen=str(way / ".s.PGSQL.5432"),
                          to=str(cluster.database.socket / ".s.PGSQL.5432"))
        port, links = free_port(), free_port()
        cluster.proxy.say(name=self.link_way, listen=links, to=port)
        self.host = cluster.network.host() if cluster.network else None
        shown = "".join(f', {word}: "{file}"' for word, file in cluster.certificates(name).items())
        http = free_port()
        settings = settings_of(home, http, name, way, *cluster.threads)
        if self.host:  # the way to its peers is a wire, and not the proxy
            HOSTS[http] = self.host.address
            settings = settings.replace("http: {address: 127.0.0.1", "http: {address: 0.0.0.0")
            settings += OURS.format(address=self.host.address, port=port, way=port, certificates=shown)
        else:
            settings += OURS.format(address="127.0.0.1", port=port, way=links, certificates=shown)
        super().__init__(home, program, http, settings)
        self.before = self.host.inside if self.host else []
        self.may_be_fenced = False
        self.shim = below.Shim(home / "shim", cluster.shim_library)
        self.environment = self.shim.environment()

    def incarnation(self):
        file = self.settings.parent / "node/incarnation"
        return int(file.read_text() or 0) if file.exists() else 0

    def memory(self):
        """Resident bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)


class Cluster:
    """`older`: what the first nodes are; `has_small_disk`: the database is on one that can be filled; `has_network`: each
    node is a host of its own; `threads`: for sockets and for actors, of each node."""

    def __init__(self, home, program, chance, is_secret, has_small_disk, has_network, older=None, threads=(1, 0)):
        self.home, self.program, self.is_secret = Path(home), program, is_secret
        self.older, self.threads = older or program, threads
        os.chmod(self.home, 0o755)
        self.shim_library = below.build(self.home)
        (self.home / "disk").mkdir()
        self.disk = below.SmallDisk(self.home / "disk") if has_small_disk else None
        self.database = Database(self.home / "disk/pg")
        self.database.shim = below.Shim(self.home / "shim", self.shim_library)
        self.database.environment = self.database.shim.environment()
        if self.disk:
            self.database.environment["PG_EXTRA_CONF"] = "max_wal_size = 64MB\nmin_wal_size = 32MB"
        self.network = namespaces.Network() if has_network else None
        self.proxy = Proxy()
        self.nodes, self.made = [], 0
        self.fronts = []  # ports; shared with all clients
        self.is_watched = True  # whether what falls is started again
        self.unexpected = []

    @property
    def conninfo(self):
        return self.database.conninfo

    def certificates(self, name):
        if not self.is_secret:
            return {}
        folder = self.home / "certificates"
        subprocess.run([ROOT / "config/make-certificates", folder, name], check=True, stdout=subprocess.DEVNULL)
        return {"certificate": folder / f"{name}.pem", "key": folder / f"{name}.key", "authority": folder / "ca.pem"}

    def add(self, program=None):
        self.made += 1
        node = Node(self, f"node-{self.made}", program or self.program)
        self.nodes.append(node)
        node.start()
        return node

    async def make(self, count, guarded):
        await asyncio.to_thread(self.database.make, guarded)
        for _ in range(count):
            node = self.add(self.older)
            await self.ready(node)  # the first one migrates
            self.fronts.append(node.port)

    def up(self):
        return [node for node in self.nodes if node.is_up()]

    # -- who owns what ----------------------------------------------------------------------------------------------

    def owners(self):
        """{shard: incarnation of the living owner}, by the database."""
        said = ask(self.conninfo, "SELECT shard, owner FROM shard JOIN member ON incarnation = owner WHERE alive")
        return {int(shard): int(owner) for shard, owner in (line.split("|") for line in said.splitlines())}

    def shards_of(self, node):
        mine = node.incarnation()
        return [shard for shard, owner in self.owners().items() if owner == mine]

    # -- health -------------------------------------------------------------------------------------------------------

    def note_falls(self):
        """Starts again what has ended by itself; says so if it should not have."""
        for node in self.nodes:
            if self.is_watched and node.note_fall():
                code = node.fell[-1]
                if code != FENCED or not node.may_be_fenced:
                    self.unexpected.append(f"{node.name} ended by itself with code {code}")
                node.start()

    async def ready(self, node, patience=40.0):
        end = time.monotonic() + patience
        line = Connection(node.port)
        while time.monotonic() < end:
            self.note_falls()
            try:
                status, _, _ = await line.exchange("GET", "/readyz", {}, "", patience=1.0)
                if status == 200:
                    return line.close()
            except Lost:
                pass
            await asyncio.sleep(0.02)
        raise Lost(f"{node.name} is not ready within {patience} s")

    async def balanced(self, patience=40.0):
        """Until every node that is up is ready, and owns about its part of the shards."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for node in list(self.nodes):
                if node.process is not None:
                    await self.ready(node, patience)
            counts = {}
            for owner in self.owners().values():
                counts[owner] = counts.get(owner, 0) + 1
            alive = {node.incarnation() for node in self.up()}
            if set(counts) == alive and sum(counts.values()) == SHARDS and min(counts.values()) * len(alive) > SHARDS / 2:
                return
            await asyncio.sleep(0.1)
        raise Lost(f"not balanced within {patience} s: {counts}, alive {alive}")

    def end(self, keep):
        self.is_watched = False
        for node in self.nodes:
            if node.process is not None:
                node.kill()
            node.log.close()
        self.proxy.end()
        if self.network:
            self.network.end()
        self.database.do("stop" if keep else "remove")
        if self.disk and not keep:
            self.disk.end()

    # -- PostgreSQL ---------------------------------------------------------------------------------------------------

    def signal_database(self, number):
        postmaster = int((self.database.folder / "data/postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in [postmaster] + [int(child) for child in children]:
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass
