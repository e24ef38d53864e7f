"""Runs a test where what it mounts and which networks it makes are nobody else's, and end with it."""

import asyncio
import os
import subprocess
import time
from pathlib import Path

from installation import die_with_parent

ENTERED = "USHER_FAULT_NAMESPACES"  # in the environment: which of `mount`, `net` are our own
SUBNET = "10.77.0"


def enter(kinds, words):
    """Runs the words again with namespaces of these kinds of its own; returns if there are, or if that may not be."""
    if not kinds or ENTERED in os.environ or os.geteuid() != 0:
        return
    flags = [f"--{kind}" for kind in kinds] + ["--propagation", "private"] * ("mount" in kinds)
    try:
        subprocess.run(["unshare", *flags, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return
    os.environ[ENTERED] = " ".join(kinds)
    os.execvp("unshare", ["unshare", *flags, *words])


def has(kind):
    return kind in os.environ.get(ENTERED, "").split()


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True)


class Network:
    """A bridge, and a host on it for each node, with a network stack of its own."""

    def __init__(self):
        ip("link", "set", "lo", "up")
        ip("link", "add", "wires", "type", "bridge")
        ip("addr", "add", f"{SUBNET}.254/24", "dev", "wires")
        ip("link", "set", "wires", "up")
        self.hosts = []

    def host(self):
        self.hosts.append(Host(len(self.hosts) + 1))
        return self.hosts[-1]

    def end(self):
        for host in self.hosts:
            host.keeper.kill()
            host.keeper.wait()


class Host:
    def __init__(self, number):
        self.address, self.wire = f"{SUBNET}.{number}", f"wire{number}"
        self.keeper = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], preexec_fn=die_with_parent)
        stack = Path(f"/proc/{self.keeper.pid}/ns/net")
        while os.readlink(stack) == os.readlink("/proc/self/ns/net"):
            time.sleep(0.01)
        self.inside = ["nsenter", f"--net={stack}"]  # before the words of a command that is to run there
        ip("link", "add", self.wire, "type", "veth", "peer", "name", "eth0", "netns", self.keeper.pid)
        ip("link", "set", self.wire, "master", "wires", "up")
        for words in (f"addr add {self.address}/24 dev eth0", "link set eth0 up", "link set lo up"):
            self.do(*words.split())

    def do(self, *words):
        subprocess.run([*self.inside, "ip", *words], check=True)

    def unplug(self):
        ip("link", "set", self.wire, "down")

    def plug(self):
        ip("link", "set", self.wire, "up")

    def lose_all_to(self, other):
        """Nothing that is sent to that host leaves, and nobody is told."""
        self.do("route", "add", "blackhole", other.address)

    def lose_nothing_to(self, other):
        self.do("route", "del", "blackhole", other.address)


class Wires:
    """Part of the nemesis."""

    async def partition(self, seconds):
        """A node is alone: neither its peers nor the database nor clients hear it."""
        victim = self.victim()
        if victim.host is None:
            return "SKIPPED: only root may make networks"
        victim.may_be_fenced = True

        async def work(mine):
            begun = time.monotonic()
            self.cluster.proxy.say(name=victim.database_way, do="hold")
            victim.host.unplug()
            spans = await self.prober.first(mine, self.others(victim), begun)
            self.figures.spans["failover of a node that is alone"].append(max(spans))
            await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))
            return f"{victim.name}, its {len(mine)} shards are back after {min(spans):.2f} to {max(spans):.2f} s"

        self.cluster.is_watched = False
        told = await self.unaffected(victim, work)
        victim.host.plug()
        self.cluster.proxy.say(name=victim.database_way, do="pass")
        await self.expect_end(victim)
        self.cluster.is_watched = True
        self.cluster.note_falls()
        return told

    async def one_way(self, seconds):
        """What a node sends to a peer is lost, and what that sends arrives; both see the database and their clients."""
        victim = self.victim()
        if victim.host is None:
            return "SKIPPED: only root may make networks"
        peer = self.chance.choice([node for node in self.cluster.up() if node is not victim])
        victim.host.lose_all_to(peer.host)
        try:
            return await self.across_a_cut(victim, peer, seconds)
        finally:
            victim.host.lose_nothing_to(peer.host)
