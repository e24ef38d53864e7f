"""Real HTTP/1.1 over kept connections, and the history of everything asked and answered."""

import asyncio
import json
import time


HOSTS = {}  # port -> where it is, if not on this host


class Lost(Exception):
    """No answer: whether the request was carried out is unknown."""


class Connection:
    """One client's kept connection; made anew whenever it breaks."""

    def __init__(self, port, host=None):
        self.port, self.host = port, host
        self.reader = self.writer = None

    def close(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def exchange(self, method, path, headers, body, hang_up_after=None, patience=6.0):
        """Status, headers and body text; `hang_up_after` seconds the client loses its patience."""
        try:
            return await asyncio.wait_for(self._exchange(method, path, headers, body), hang_up_after or patience)
        except (OSError, EOFError, ValueError, asyncio.TimeoutError) as why:
            self.close()
            raise Lost(type(why).__name__) from None
        except asyncio.CancelledError:
            self.close()
            raise

    async def _exchange(self, method, path, headers, body):
        if self.writer is None or self.writer.is_closing() or self.reader.at_eof():
            self.close()
            self.reader, self.writer = await asyncio.open_connection(self.host or HOSTS.get(self.port, "127.0.0.1"),
                                                                     self.port)
        data = body.encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"] + [f"{k}: {v}" for k, v in headers.items()]
        if body or method == "POST":
            lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        await self.writer.drain()
        first = await self.reader.readline()
        if not first.startswith(b"HTTP/1.1 "):
            raise EOFError
        status = int(first.split()[1])
        answer = {}
        while line := (await self.reader.readline()).strip():
            name, _, value = line.decode().partition(":")
            answer[name.lower()] = value.strip()
        text = await self.reader.readexactly(int(answer.get("content-length", 0)))
        if answer.get("connection") == "close":
            self.close()
        return status, answer, text.decode()


class History:
    """Everything asked and answered, one JSON object a line, in the order of the answers."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")
        self.start = time.monotonic()
        self.wall = round(time.time() * 1000)  # the moment of `start`, as the journal counts
        self.requests = 0
        self.may_speak = asyncio.Event()  # while it is not set, no client asks for anything
        self.may_speak.set()
        self.counts = {}

    def now(self):
        return round((time.monotonic() - self.start) * 1000, 3)

    def note(self, **what):
        self.requests += 1
        name = (what["op"], what["status"] if what["status"] is not None else "lost")
        self.counts[name] = self.counts.get(name, 0) + 1
        self.file.write(json.dumps(what, ensure_ascii=False) + "\n")

    def acknowledged(self, op):
        return sum(n for (name, status), n in self.counts.items() if name == op and status in (101, 200, 201))

    def close(self):
        self.file.close()


class Client:
    """One user of the API. `ask` sends once; `insist` repeats, under one key and at the next front, until the answer
    is known. `fronts` are their ports; others may change the list."""

    def __init__(self, name, fronts, history, chance):
        self.name, self.history, self.chance = name, history, chance
        self.fronts, self.at = fronts, chance.randrange(len(fronts))
        self.line = Connection(fronts[self.at])
        self.token = None
        self.keys = 0

    def go_elsewhere(self):
        """To the next front, if there is another."""
        self.at = (self.at + 1) % len(self.fronts)
        if self.line.port != self.fronts[self.at]:
            self.line.close()
            self.line = Connection(self.fronts[self.at])

    async def ask(self, op, method, path, body=None, key=None, again=False, hang_up_after=None):
        text = "" if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        await self.history.may_speak.wait()
        sent = self.history.now()
        status, answer, lost = None, None, None
        try:
            status, _, answer = await self.line.exchange(method, path, headers, text, hang_up_after)
        except Lost as why:
            lost = str(why)
        self.history.note(client=self.name, op=op, front=self.line.port, method=method, path=path, key=key, body=text,
                          sent=sent, got=self.history.now(), status=status, answer=answer, lost=lost, again=again)
        return status, json.loads(answer) if answer and answer[0] == "{" else None

    def new_key(self):
        self.keys += 1
        return f"{self.name}-{self.keys}"

    async def insist(self, op, method, path, body=None, within=25.0, keyed=True):
        """The first certain answer; None if there is none within the time. Some clients lose patience at once,
        some ask again although they were answered: both under the same key."""
        key = self.new_key() if method == "POST" and keyed else None
        end = time.monotonic() + within
        impatient = self.chance.random() < 0.04
        while time.monotonic() < end:
            hang_up = self.chance.uniform(0.0005, 0.01) if impatient else None
            impatient = False
            status, answer = await self.ask(op, method, path, body, key, hang_up_after=hang_up)
            if status is not None and status < 500 and not (status == 409 and code_of(answer) == "request_in_progress"):
                if status < 300 and key and self.chance.random() < 0.06:
                    await self.ask(op, method, path, body, key, again=True)
                return status, answer
            self.go_elsewhere()
            await asyncio.sleep(self.chance.uniform(0.02, 0.25))
        return None, None


def code_of(answer):
    return (answer or {}).get("code")
