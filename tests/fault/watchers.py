"""Who looks and does not buy: at seat maps and live feeds of one front after the other. Of each only the version is kept."""

import asyncio
import base64
import json
import os
import struct

from wire import HOSTS, Connection, Lost

OPS = ("seats", "feed")
TURN = 3, 8  # seconds at one front
PAUSE = 0.3  # seconds from one map to the next
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Feed:
    """A live feed: a WebSocket spoken by hand."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def open(self, path):
        """The status of the answer; 101, and the feed has begun."""
        self.reader, self.writer = await asyncio.open_connection(HOSTS.get(self.port, "127.0.0.1"), self.port)
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                           f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
        first = await self.reader.readline()
        if not first.startswith(b"HTTP/1.1 "):
            raise EOFError
        while (await self.reader.readline()).strip():
            pass
        return int(first.split()[1])

    async def next(self):
        while True:
            first, length = await self.reader.readexactly(2)
            if length == 126:
                length, = struct.unpack(">H", await self.reader.readexactly(2))
            elif length == 127:
                length, = struct.unpack(">Q", await self.reader.readexactly(8))
            text = await self.reader.readexactly(length)
            kind = first & 15
            if kind == TEXT:
                return json.loads(text)
            if kind == CLOSE:
                raise EOFError
            if kind == PING:
                mask = os.urandom(4)
                self.writer.write(bytes([0x80 | PONG, 0x80 | length]) + mask
                                  + bytes(byte ^ mask[at % 4] for at, byte in enumerate(text)))

    def close(self):
        if self.writer:
            self.writer.transport.abort()


class Watcher:
    def __init__(self, name, fronts, history, chance, market):
        self.name, self.fronts, self.history, self.chance, self.market = name, fronts, history, chance, market
        self.last = {}  # (front, event) -> the feed there, and the version of its last frame
        self.lines = 0  # connections for seat maps so far

    async def run(self, until):
        now = asyncio.get_running_loop().time
        while now() < until():
            await self.history.may_speak.wait()
            event, front = self.market.pick(self.chance)["id"], self.chance.choice(self.fronts)
            listening = asyncio.create_task(self.listen(front, event))
            end = now() + self.chance.uniform(*TURN)
            await self.look(front, event, lambda: now() < min(end, until()) and self.history.may_speak.is_set())
            listening.cancel()
            await asyncio.wait([listening])

    def note(self, op, front, path, sent, status, answer, lost, line):
        self.history.note(client=self.name, op=op, front=front, method="GET", path=path, key=None, body="", sent=sent,
                          got=self.history.now(), status=status, answer=answer, lost=lost, again=False, line=line)

    async def look(self, front, event, may_go_on):
        """At the map, again and again over one connection, until that breaks."""
        line, lost = Connection(front), None
        path = f"/v1/events/{event}/seats"
        while may_go_on() and not lost:
            before, sent = line.writer, self.history.now()
            status, answer = None, None
            try:
                status, _, answer = await line.exchange("GET", path, {}, "")
                if status == 200:
                    answer = json.dumps({"version": json.loads(answer)["version"]})
            except Lost as why:
                lost = str(why)
            if before is None or line.writer is not before:
                self.lines += 1
            self.note("seats", front, path, sent, status, answer, lost, self.lines)
            await asyncio.sleep(PAUSE)
        line.close()

    async def listen(self, front, event):
        """To the feed, from where it broke off at that front, until it breaks or is cancelled."""
        since = self.last.get((front, event))
        path = f"/v1/events/{event}/live" + (f"?feed={since[0]}&from={since[1]}" if since else "")
        feed, name, sent, frames = Feed(front), None, self.history.now(), []
        status, lost = None, None
        try:
            status = await feed.open(path)
            while status == 101:
                frame = await feed.next()
                name = frame.get("feed", name)
                frames.append((frame["type"], frame["version"]))
        except (OSError, EOFError, ValueError) as why:
            lost = type(why).__name__
        finally:
            feed.close()
            if frames:  # a welcome alone says where the feed stands, or to where what was missed is still on its way
                self.last[(front, event)] = (name, frames[-1][1]) if len(frames) > 1 else since or (name, frames[0][1])
            self.note("feed", front, path, sent, status, json.dumps({"since": since and since[1], "frames": frames}), lost, None)
