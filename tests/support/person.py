"""People who use the API through several fronts, and the figures of what they meet. For `crowd`."""
import asyncio
import collections
import json
import random
import re
import sys
import time
from urllib.parse import urlsplit

PASSWORD = "correct horse battery staple"
PATIENCE = 30.0  # seconds until somebody gives up a request
TIMEOUT = 4.0    # a node that lives answers within 3 s, if only that it cannot
NO_ANSWER = (OSError, EOFError, ValueError, asyncio.TimeoutError)


class Fronts:
    """Where the installation answers. One that did not is left alone for a while."""

    def __init__(self, urls, home):
        self.home, self.avoided = home, {}
        self.all = [(urlsplit(url).hostname, urlsplit(url).port or 80) for url in urls]
        self.look()

    def look(self):
        if self.home is None:
            return
        found = []
        for file in [self.home / "usher.yaml", *sorted(self.home.glob("nodes/*/usher.yaml"))]:
            runs = file.is_file() and (file.parent / "usherd.pid").is_file()
            if runs and (port := re.search(r"^http:\n(?:  .*\n)*?  port: *(\d+)", file.read_text(), re.M)):
                found.append(("127.0.0.1", int(port[1])))
        self.all = found or self.all

    def avoid(self, front, seconds):
        self.avoided[front] = time.monotonic() + seconds

    def answering(self):
        now = time.monotonic()
        return [front for front in self.all if self.avoided.get(front, 0) <= now]

    def pick(self, chance):
        return chance.choice(self.answering() or self.all)


class Figures:
    """What was asked, and how it was answered."""

    def __init__(self):
        self.times, self.second = [], []
        self.requests = self.errors = self.given_up = self.sold = 0
        self.kinds = collections.Counter()
        self.last_sale, self.longest = None, 0.0

    def note(self, took, trouble=None):
        self.requests += 1
        if trouble:
            self.errors += 1
            self.kinds[trouble] += 1
        else:
            self.times.append(took)
            self.second.append(took)

    def note_sale(self, tickets):
        now = time.monotonic()
        self.longest = max(self.longest, now - (self.last_sale or now))
        self.last_sale = now
        self.sold += tickets


def quantile(times, part):
    """In milliseconds, or - if there is nothing to tell."""
    times = sorted(times)
    return f"{times[min(len(times) - 1, int(len(times) * part))] * 1000:.0f} ms" if times else "-"


class Person:
    """One user of the API, on one connection at a time."""

    def __init__(self, name, world):
        self.name, self.world = name, world
        self.chance = random.Random(world.chance.random())
        self.email = f"{name}.{world.run}@crowd.example"
        self.token = self.reader = self.writer = self.front = None
        self.keys = 0
        self.turn = asyncio.Lock()  # one request at a time

    def move(self):
        """To a front of which nothing bad is known."""
        self.hang_up()
        self.front = self.world.fronts.pick(self.chance)

    def hang_up(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def exchange(self, method, path, headers, body):
        if self.writer is None or self.writer.is_closing() or self.reader.at_eof():
            self.hang_up()
            self.reader, self.writer = await asyncio.open_connection(*self.front)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.front[0]}", *headers]
        if method == "POST":
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        first = await self.reader.readline()
        if not first.startswith(b"HTTP/1.1 "):
            raise EOFError
        told = {}
        while line := (await self.reader.readline()).strip():
            name, _, value = line.decode().partition(":")
            told[name.lower()] = value.strip()
        text = await self.reader.readexactly(int(told.get("content-length", 0)))
        if told.get("connection") == "close":
            self.hang_up()
        return int(first.split()[1]), told, json.loads(text) if text[:1] == b"{" else {}

    async def once(self, method, path, headers, body):
        """Status, headers and answer; status 0 if there was none."""
        async with self.turn:
            if self.front is None:
                self.move()
            begun, front = time.monotonic(), self.front
            try:
                status, told, answer = await asyncio.wait_for(self.exchange(method, path, headers, body), TIMEOUT)
            except NO_ANSWER as why:
                self.hang_up()
                status, told, answer = 0, {}, {"code": type(why).__name__}
            if not 0 < status < 500:
                self.world.fronts.avoid(front, 5 if time.monotonic() - begun > 3 else 1)
                self.move()
        trouble = None if 0 < status < 500 else f"{status or 'no answer'} {answer.get('code', '')}".strip()
        self.world.figures.note(time.monotonic() - begun, trouble)
        return status, told, answer

    async def ask(self, method, path, body=None):
        """The first certain answer: status and document. Status 0 if there is none in time."""
        data = b"" if body is None else json.dumps(body).encode()
        self.keys += 1
        key = [f"Idempotency-Key: {self.name}.{self.world.run}.{self.keys}"] if method == "POST" else []
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            who = [f"Authorization: Bearer {self.token}"] if self.token else []
            status, told, answer = await self.once(method, path, who + key, data)
            if status == 401 and self.token and answer.get("code") != "wrong_password":
                self.token = None
                await self.sign_in()
            elif status == 429 or answer.get("code") == "request_in_progress":
                await asyncio.sleep(min(float(told.get("retry-after", 0.1)), 2) + self.chance.uniform(0, 0.1))
            elif 0 < status < 500:
                return status, answer
            else:
                await asyncio.sleep(self.chance.uniform(0.02, 0.3))
        self.world.figures.given_up += 1
        return 0, {}

    async def insist(self, *words):
        """What must be granted for the sale to begin."""
        status, answer = await self.ask(*words)
        if status not in (200, 201):
            sys.exit(f"crowd: {words[0]} {words[1]}: {status} {json.dumps(answer)}")
        return answer

    async def sign_in(self):
        said = await self.insist("POST", "/v1/auth/login", {"email": self.email, "password": PASSWORD})
        self.token = said["access_token"]

    async def sign_up(self):
        await self.insist("POST", "/v1/auth/register", {"email": self.email, "password": PASSWORD,
                                                        "first_name": "Clara", "last_name": "Crowd"})
        await self.sign_in()
