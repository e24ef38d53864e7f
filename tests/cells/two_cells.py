"""The installation: two cells with a node each, and an event on sale in both."""

import asyncio
import itertools
import json
import os
import re
import subprocess
import time
from pathlib import Path

import sale
from installation import ROOT, Daemon, Database, ask, settings_of
from node import free_port
from people import Broken, cell_of
from proxy import Proxy
from wire import Connection, Lost

CELLS = (0, 1)


class Cells:
    """The installation."""

    def __init__(self, home, program):
        self.home, self.databases, self.nodes, self.proxy = Path(home), {}, {}, Proxy()
        os.chmod(home, 0o755)
        for cell in CELLS:
            self.databases[cell] = Database(self.home / f"pg{cell}")
        for cell, database in self.databases.items():
            folder, port, links = self.home / f"node{cell}", free_port(), free_port()
            folder.mkdir()
            every = ", ".join(f'{{number: {other}, database: "host={self.way(cell, other)} dbname=usher user=usher_app"}}'
                              for other in CELLS)
            settings = settings_of(folder, port, f"cells-{cell}", database.socket)
            settings += f"cluster: {{address: 127.0.0.1, port: {links}, cell: {cell}, cells: [{every}]}}\n"
            settings = re.sub("^sales: .*", "sales: {hold: 40s, max_hold: 60s}", settings, flags=re.M)
            self.nodes[cell] = Daemon(folder, program, port, settings)

    def way(self, cell, other):
        """The folder of the socket by which the node of a cell reaches a PostgreSQL."""
        real = self.databases[other].socket
        if other == cell:
            return real
        way = self.home / f"way{cell}to{other}"
        way.mkdir()
        self.proxy.say(name=f"{cell} to {other}", listen=str(way / ".s.PGSQL.5432"), to=str(real / ".s.PGSQL.5432"))
        return way

    async def start_anew(self, cell, other):
        """Kills the node of a cell and starts it, without a way to the PostgreSQL of the other."""
        self.nodes[cell].kill()
        self.proxy.say(name=f"{cell} to {other}", do="refuse")
        self.nodes[cell].start()
        await self.ready(self.nodes[cell])

    async def begin(self):
        await asyncio.gather(*(asyncio.to_thread(one.make, True) for one in self.databases.values()))
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            await self.ready(node)

    async def ready(self, node):
        line, end = Connection(node.port), time.monotonic() + 30
        while time.monotonic() < end:
            if node.note_fall():
                raise Broken(f"a node ended by itself: {node.fell}")
            try:
                if (await line.exchange("GET", "/readyz", {}, "", patience=1.0))[0] == 200:
                    return line.close()
            except Lost:
                pass
            await asyncio.sleep(0.05)
        raise Broken("a node is not ready")

    def check_alive(self):
        for cell, node in self.nodes.items():
            if node.note_fall():
                raise Broken(f"the node of cell {cell} ended by itself: {node.fell}")

    def rows(self, cell, sql):
        said = ask(self.databases[cell].conninfo, sql)
        return [line.split("|") for line in said.splitlines()]

    async def inspect(self, *words):
        """Exit code and answer of the inspector."""
        done = await asyncio.to_thread(subprocess.run, [ROOT / "build/release/usher", "--home", self.home, *words,
                                                        "-o", "json"], stdout=subprocess.PIPE, text=True, timeout=20)
        return done.returncode, json.loads(done.stdout)

    async def is_shown(self, events, silent=None):
        """By the inspector: all nodes and where the events are; of a silent cell, that it is."""
        code, said = await self.inspect("nodes")
        missing = {one["who"] for one in said["missing"]}
        known = {one["cell"] for one in said["nodes"] if one["state"] == "serving" and one["live"]}
        if silent is None and (code, missing, known) != (0, set(), set(CELLS)):
            raise Broken(f"usher nodes: {code}, {said}")
        if silent is not None and (code, missing, known) != (3, {f"PostgreSQL of cell {silent}"}, set(CELLS) - {silent}):
            raise Broken(f"usher nodes without cell {silent}: {code}, {said}")
        for cell, event in events.items():
            if cell != silent:
                _, said = await self.inspect("where", f"event:{event}")
                if (said["cell"], said["node"]) != (cell, f"cells-{cell}") or len(said["beliefs"]) < 1:
                    raise Broken(f"usher where {event}: {said}")

    def refuses_another_cell(self):
        """A database stays the cell it was opened as."""
        text = self.nodes[1].settings.read_text().replace(str(self.databases[1].socket), str(self.databases[0].socket), 2)
        file = self.home / "wrong.yaml"
        file.write_text(text.replace(f"{self.home}/node1", f"{self.home}/wrong"))
        done = subprocess.run([self.nodes[1].program, "--config", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=20)
        if done.returncode != 2 or "the database is cell 0, not 1" not in done.stdout:
            raise Broken(f"a node of cell 1 opened cell 0: exit code {done.returncode}\n{done.stdout[-500:]}")

    def end(self, keep):
        for node in self.nodes.values():
            if node.process is not None:
                node.kill()
            node.log.close()
        self.proxy.end()
        for database in self.databases.values():
            try:
                database.do("stop" if keep else "remove")
            except subprocess.CalledProcessError:
                pass  # it was killed, and is not to come back


async def put_on_sale(organizer):
    """Events until each cell has one: {cell: event}. Where they go is not ours to choose."""
    asked = itertools.count()

    async def post(path, form):
        return await organizer.insist("POST", path, form, key=f"sale-{next(asked)}")
    sections = [{"name": f"S{number}", "rows": 30, "seats_per_row": 40} for number in range(1, 6)]
    house = await sale.open_house(post, "Cells", sections)
    types = [{"name": "Seat", "price": 4200, "sections": [one["name"] for one in sections]}]
    found, number = {}, 0
    while len(found) < len(CELLS) and number < 60:
        number += 1
        form = sale.event_form(house, f"Night {number}", types, starts_at=sale.from_now(days=9 + number),
                               settings={"max_per_user": 10_000})
        event = (await sale.put_on_sale(post, form))["id"]
        found.setdefault(cell_of(event), event)
    if set(found) != set(CELLS):
        raise Broken(f"{number} events went to the cells {sorted(found)} only")
    return found
