#!/usr/bin/env python3
"""Prepares a running Usher for load, through its HTTP API only.

    setup.py PORT DIR users N                     signs up N users            -> DIR/users.tsv      token
    setup.py PORT DIR events NAME COUNT SHAPE     puts COUNT events on sale   -> DIR/NAME.events    event id
    setup.py PORT DIR sessions NAME OUT COUNT [FIRST]
                                                  opens COUNT sessions        -> DIR/OUT.sessions   token, session, index
                                                  of the pairs of users and events from FIRST (0) on

SHAPE is SECTIONSxROWSxSEATS, for example 20x20x50, or arena. Standard library only.
"""
import asyncio
import json
import secrets
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

CONNECTIONS = 32
PASSWORD = "bench password 1"


class Client:
    """One keep-alive connection."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def ask(self, method, path, body=None, token=None):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(data)}\r\n"
        if body is not None:
            head += "Content-Type: application/json\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        self.writer.write(head.encode() + b"\r\n" + data)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((int(line.split(":")[1]) for line in answer.split("\r\n") if line.startswith("content-length:")), 0)
        text = await self.reader.readexactly(length)
        if "connection: close" in answer:
            self.writer.close()
            self.writer = None
        return int(answer.split(" ", 2)[1]), json.loads(text) if text[:1] in b"{[" and text else {}

    async def must(self, status, method, path, body=None, token=None):
        for attempt in range(60):  # passwords are hashed one after the other
            got, answer = await self.ask(method, path, body, token)
            if got == status:
                return answer
            if got not in (429, 503):
                break
            await asyncio.sleep(min(1, 0.2 * (attempt + 1)))
        raise SystemExit(f"{method} {path}: {got} instead of {status}: {json.dumps(answer)[:500]}")


async def in_parallel(port, jobs, run):
    """Runs `run(client, job)` for each job over a few connections; results in the order of the jobs."""
    results, queue = [None] * len(jobs), iter(range(len(jobs)))

    async def worker():
        client = Client(port)
        for index in queue:
            results[index] = await run(client, jobs[index])

    await asyncio.gather(*(worker() for _ in range(min(CONNECTIONS, len(jobs)))))
    return results


async def users(port, place, count):
    mark = secrets.token_hex(4)

    async def sign_up(client, number):
        email = f"bench-{mark}-{number}@example.com"
        await client.must(201, "POST", "/v1/auth/register",
                          {"email": email, "password": PASSWORD, "first_name": "Bench", "last_name": str(number)})
        answer = await client.must(200, "POST", "/v1/auth/login", {"email": email, "password": PASSWORD})
        return answer["access_token"]

    tokens = await in_parallel(port, list(range(count)), sign_up)
    (place / "users.tsv").write_text("".join(f"{t}\n" for t in tokens))


def sections_of(shape):
    if shape == "arena":  # about 18,000 seats in 60 sections of different sizes
        return [{"name": f"{100 + 100 * (n // 20) + n % 20}", "rows": 12 + n % 7, "seats_per_row": 18 + n % 5}
                for n in range(60)]
    count, rows, seats = map(int, shape.split("x"))
    return [{"name": f"S{n}", "rows": rows, "seats_per_row": seats} for n in range(1, count + 1)]


async def events(port, place, name, count, shape):
    token = (place / "users.tsv").read_text().split()[0]
    client, sections = Client(port), sections_of(shape)
    organization = (await client.must(201, "POST", "/v1/organizations", {"name": f"Bench {name}"}, token))["organization"]["id"]
    layout = (await client.must(201, "POST", "/v1/layouts", {"name": shape, "sections": sections}, token))["layout"]["id"]
    now = datetime.now(timezone.utc)

    def moment(days):
        return (now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def put_on_sale(client, number):
        event = (await client.must(201, "POST", "/v1/events", {
            "organization_id": organization, "title": f"{name} {number}", "venue": "Bench", "layout_id": layout,
            "currency": "VND", "timezone": "Asia/Ho_Chi_Minh", "starts_at": moment(90), "sale_starts_at": moment(-1),
            "sale_ends_at": moment(89),
            "ticket_types": [{"name": "All", "price": 100000, "sections": [s["name"] for s in sections]}],
            "settings": {"hold_seconds": 3600, "checkout_seconds": 3600, "max_per_user": 100000}}, token))["event"]["id"]
        for step in ("configure", "approve", "publish"):
            await client.must(200, "POST", f"/v1/events/{event}/{step}", {}, token)
        return event

    ids = await in_parallel(port, list(range(count)), put_on_sale)
    # The sale of a published event may begin a moment later.
    for _ in range(100):
        if (await client.must(200, "GET", f"/v1/events/{ids[-1]}"))["event"]["status"] == "on_sale":
            break
        await asyncio.sleep(0.1)
    (place / f"{name}.events").write_text("".join(f"{e}\n" for e in ids))


async def sessions(port, place, name, out, count, first):
    tokens = (place / "users.tsv").read_text().split()
    ids = (place / f"{name}.events").read_text().split()

    async def open_one(client, number):
        token, index = tokens[number % len(tokens)], number % len(ids)
        answer = await client.must(201, "POST", f"/v1/events/{ids[index]}/sessions", {}, token)
        return f"{token}\t{answer['session']['id']}\t{index}\n"

    lines = await in_parallel(port, list(range(first, first + count)), open_one)
    (place / f"{out}.sessions").write_text("".join(lines))


def main(words):
    port, place = int(words[0]), Path(words[1])
    match words[2:]:
        case ["users", count]:
            work = users(port, place, int(count))
        case ["events", name, count, shape]:
            work = events(port, place, name, int(count), shape)
        case ["sessions", name, out, count, *first]:
            work = sessions(port, place, name, out, int(count), int(first[0]) if first else 0)
        case _:
            raise SystemExit(__doc__)
    asyncio.run(work)


if __name__ == "__main__":
    main(sys.argv[1:])
