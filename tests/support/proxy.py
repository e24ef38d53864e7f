#!/usr/bin/env python3
"""Stands between two processes, on sockets, and does to their bytes what networks do.

Reads a JSON object a line and answers with one:
  {"name": "db2", "listen": PATH or PORT, "to": PATH or PORT}    a new way
  {"name": "db2", "do": WORD, "least": N}
Words: pass; hold (nothing goes either way; all of it goes on later); hold_there, hold_back (one way only); hold_lease
(only what renews a lease or looks at those of others); refuse (ends all
connections and takes no new ones); reset (ends all at once); forget (what is open now is never carried again, what is
opened later is); lose_commit (the next N answers to an append are lost, and
their connections with them); slow_commit (every append comes N milliseconds late)."""

import asyncio
import json
import socket
import struct
import subprocess
import sys

from installation import die_with_parent

APPEND = b"\x00commit_rows"  # the empty portal, then the name of the statement: the Bind of an append

LEASE = b"lease_until"  # in the statements of a connection that is about leases


class Proxy:
    """The process through which ways go, for who starts it."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent)

    def say(self, **words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.kill()
        self.process.wait()


class Way:
    def __init__(self, listen, to):
        self.listen, self.to = listen, to
        self.word, self.left, self.lost, self.late = "pass", 0, 0, 0
        self.moved = asyncio.Event()
        self.pairs, self.forgotten = set(), set()

    async def open(self):
        if isinstance(self.listen, str):
            await asyncio.start_unix_server(self.serve, self.listen)
        else:
            await asyncio.start_server(self.serve, "127.0.0.1", self.listen)

    def obey(self, word, least):
        if word == "lose_commit":
            self.left = least
            return
        if word == "slow_commit":
            self.late = least
            return
        if word in ("reset", "refuse"):
            for pair in list(self.pairs):
                self.end(pair)
        if word == "forget":
            self.forgotten |= self.pairs
        if word not in ("reset", "forget"):
            self.word = word
            self.moved.set()
            self.moved = asyncio.Event()

    def end(self, pair):
        if pair not in self.pairs:
            return
        self.pairs.discard(pair)
        self.forgotten.discard(pair)
        for writer in pair:
            raw = writer.get_extra_info("socket")
            is_open = raw is not None and raw.fileno() >= 0
            if is_open and raw.family == socket.AF_INET:  # a reset, not a goodbye
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def serve(self, reader, writer):
        if self.word == "refuse":
            return writer.transport.abort()
        try:
            if isinstance(self.to, str):
                back, there = await asyncio.open_unix_connection(self.to)
            else:
                back, there = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            return writer.transport.abort()
        pair = (writer, there)
        self.pairs.add(pair)
        marks = {"doomed": False, "lease": False}
        await asyncio.gather(self.carry(reader, there, "hold_there", pair, marks, True),
                             self.carry(back, writer, "hold_back", pair, marks, False))

    async def carry(self, source, target, held_by, pair, marks, is_there):
        try:
            while data := await source.read(65536):
                marks["lease"] |= is_there and LEASE in data
                while self.word in ("hold", held_by) or self.word == "hold_lease" and is_there and marks["lease"]:
                    await self.moved.wait()
                if pair not in self.pairs:
                    return
                if pair in self.forgotten:
                    continue
                if is_there and self.late and APPEND in data:
                    await asyncio.sleep(self.late / 1000)
                    if source.at_eof():  # whoever sent it died meanwhile, and so does it
                        break
                if is_there and self.left > 0 and APPEND in data:
                    self.left -= 1
                    marks["doomed"] = True
                elif not is_there and marks["doomed"]:
                    self.lost += 1
                    break
                target.write(data)
                await target.drain()
        except OSError:
            pass
        self.end(pair)


async def main():
    ways = {}
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        said = json.loads(line)
        if "listen" in said:
            ways[said["name"]] = Way(said["listen"], said["to"])
            await ways[said["name"]].open()
        else:
            ways[said["name"]].obey(said["do"], said.get("least", 0))
        print(json.dumps({"lost": ways[said["name"]].lost}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
