"""Who buys and who watches, and what they saw."""

import asyncio
import collections
import json
import time
import uuid

from wire import Connection, Lost

PASSWORD = "correct horse battery staple"


class Broken(Exception):
    """Cells promise something else."""


def cell_of(text):
    """The cell that an id says (protocol/ids.hpp)."""
    number = uuid.UUID(text).int
    return number >> 64 & 0xFFF if number >> 76 & 0xF == 8 else 0


class Front:
    """A user at one front."""

    def __init__(self, port, seen):
        self.line, self.seen, self.token = Connection(port), seen, None

    async def ask(self, method, path, body=None, key=None, about=None, patience=6.0):
        """Status and answer as they came, once; status 0 without one. `about`: the cell that must answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        begun = time.monotonic()
        try:
            status, _, text = await self.line.exchange(method, path, headers,
                                                       "" if body is None else json.dumps(body), patience=patience)
        except Lost as why:
            status, text = 0, json.dumps({"code": str(why)})
        answer = json.loads(text) if text[:1] == "{" else {}
        self.seen.note(about, self.line.port, f"{method} {path.split('?')[0].split('/')[-1]}", status,
                       answer.get("code", ""), time.monotonic() - begun)
        return status, answer

    async def insist(self, method, path, body=None, key=None, within=30.0):
        end = time.monotonic() + within
        while True:
            status, answer = await self.ask(method, path, body, key)
            if 0 < status < 300:
                return answer
            if 0 < status < 500 or time.monotonic() > end:
                raise Broken(f"{method} {path}: {status} {answer}")
            await asyncio.sleep(0.1)

    async def sign_in(self, email):
        said = await self.insist("POST", "/v1/auth/login", {"email": email, "password": PASSWORD})
        self.token = said["access_token"]

    async def sign_up(self, email):
        await self.insist("POST", "/v1/auth/register", {"email": email, "password": PASSWORD, "first_name": "Cella",
                                                        "last_name": "Crowd"}, key=f"sign-up-{email}")
        await self.sign_in(email)


class Seen:
    """The answers of one phase: {(cell, front): [(what, status, code, seconds)]}."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.answers = collections.defaultdict(list)
        self.sold = collections.Counter()  # (cell, front): seats

    def note(self, about, front, what, status, code, took):
        self.answers[about, front].append((what, status, code, took))

    def bad(self, cell, front):
        return [one for one in self.answers[cell, front] if not 0 < one[1] < 500]

    def line(self, cell, front):
        all_of_it, bad = self.answers[cell, front], self.bad(cell, front)
        kinds = collections.Counter(f"{status} {code}" for _, status, code, _ in bad)
        slowest = max((took for *_, took in all_of_it), default=0)
        return (f"cell {cell} at front {front}: {len(all_of_it):5} answers, slowest {slowest * 1000:5.0f} ms, "
                f"sold {self.sold[cell, front]:4}, errors {len(bad)}" + (f" {dict(kinds)}" if bad else ""))


class Buyer(Front):
    """Buys in one event at one front, again and again. A request that got no certain answer is asked again under the
    same key, and every try is counted."""

    def __init__(self, port, world, event, chance):
        super().__init__(port, world.seen)
        self.world, self.event, self.cell, self.chance = world, event, cell_of(event), chance
        self.keys = 0

    async def sure(self, method, path, body=None):
        self.keys += 1
        key = f"{id(self)}.{self.keys}" if method == "POST" else None
        while not self.world.is_over:
            status, answer = await self.ask(method, path, body, key, self.cell)
            if 0 < status < 500 and answer.get("code") != "request_in_progress":
                return status, answer
            await asyncio.sleep(self.chance.uniform(0.05, 0.2))
        return 0, {}

    async def run(self):
        while not self.world.is_over:
            await asyncio.sleep(self.chance.uniform(0.02, 0.1))
            status, answer = await self.sure("POST", f"/v1/events/{self.event}/sessions", {})
            if status == 201:
                await self.shop(f"/v1/sessions/{answer['session']['id']}")

    async def shop(self, session):
        if cell_of(session.split("/")[-1]) != self.cell:
            raise Broken(f"{session} is not in the cell of its event {self.event}")
        seat = f"S{self.chance.randrange(1, 6)}-{self.chance.randrange(1, 31)}-{self.chance.randrange(1, 41)}"
        wish = {"seats": [seat]} if self.chance.random() < 0.5 else {"best_available": {"count": 2}}
        status, _ = await self.sure("POST", session + "/seats", wish)
        if status != 200:
            await self.sure("POST", session + "/cancel", {})  # one may have only so many open ones
            return
        status, answer = await self.sure("POST", session + "/checkout", {"payment_method": "sandbox"})
        if status != 200:
            return
        payment = answer["payment"]["id"]
        status, answer = await self.sure("POST", f"/v1/sandbox/payments/{payment}", {"outcome": "succeed"})
        paid = status == 200 and answer["payment"]["status"] == "completed"
        if paid:
            self.world.paid.add(session)
        for _ in range(40):
            status, answer = await self.sure("GET", session)
            if status == 200 and answer["session"]["status"] == "completed":
                for ticket in answer["session"]["tickets"]:
                    self.world.tickets[ticket["id"]] = (self.event, ticket["seat"], self)
                self.world.paid.discard(session)
                self.seen.sold[self.cell, self.line.port] += len(answer["session"]["tickets"])
                return
            if not paid:
                return  # expired meanwhile, or so
            await asyncio.sleep(0.05)


class Watcher:
    """A live feed of an event's seats: how often what happened."""

    def __init__(self, port, event):
        self.port, self.event, self.told = port, event, collections.Counter()

    async def run(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write((f"GET /v1/events/{self.event}/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
            raise Broken(f"no live feed at {self.port}")
        while True:
            kind, length = await reader.readexactly(2)
            if length > 125:
                length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
            text = await reader.readexactly(length)
            if kind & 15 == 1:
                self.told[json.loads(text)["type"]] += 1


class World:
    def __init__(self):
        self.seen, self.is_over = Seen(), False
        self.tickets = {}  # id: event, seat, buyer
        self.paid = set()  # sessions whose payment was acknowledged, but not yet their tickets
