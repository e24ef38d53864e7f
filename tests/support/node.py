"""A real daemon on a real, private PostgreSQL, for tests that speak HTTP to it."""
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DAEMON = os.environ.get("USHER", str(ROOT / "build/release/usherd"))
PSQL = "/usr/lib/postgresql/15/bin/psql"
JWT_SECRET = "a secret of the tests, long enough to sign with"
WEBHOOK_KEY = b"a webhook key for tests, 32 bytes"


class Postgres:
    """A cluster of its own, removed at the end or when this process dies."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="usher-pg-", dir="/tmp")
        self.databases = 0
        self.command("make")
        self.command("guard")

    def command(self, word):
        script = ROOT / "tests/support/private-postgres"
        subprocess.run([script, word, self.dir], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "PG_SHARED_BUFFERS": "64MB"})

    def query(self, sql, database="usher"):
        done = subprocess.run([PSQL, "-qXAt", "-h", self.dir + "/socket", "-U", "usher_owner", "-d", database, "-c", sql],
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def new_database(self):
        self.databases += 1
        name = f"usher_{self.databases}"
        self.query(f"CREATE DATABASE {name}")
        return name

    def remove(self):
        self.command("remove")


_ports = random.SystemRandom().sample(range(10_000, 30_000), 20_000)


def free_port():
    """One that is not given twice, and that the system does not meanwhile give to somebody's outgoing connection."""
    while True:
        port = _ports.pop()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def yaml_of(tree, depth=0):
    lines = []
    for name, value in tree.items():
        if isinstance(value, dict):
            lines += ["  " * depth + f"{name}:", yaml_of(value, depth + 1)]
        elif isinstance(value, bool):
            lines.append("  " * depth + f"{name}: {'true' if value else 'false'}")
        else:
            lines.append("  " * depth + f"{name}: {value}")
    return "\n".join(lines)


def merge(base, change):
    out = dict(base)
    for name, value in change.items():
        out[name] = merge(out.get(name, {}), value) if isinstance(value, dict) else value
    return out


class Node:
    """One daemon. `change` is laid over the settings, for example {"rate_limits": {"enabled": True}}."""

    def __init__(self, postgres, change=None, admin=None):
        self.postgres = postgres
        self.database = postgres.new_database()
        self.home = Path(tempfile.mkdtemp(prefix="usher-node-", dir="/tmp"))
        self.port = free_port()
        self.process = None
        self.admin = admin
        self.change = change or {}
        self.start()

    def settings(self):
        import base64
        socket_dir = self.postgres.dir + "/socket"
        keys = self.home / "jwt"
        keys.write_text(JWT_SECRET)
        hook = self.home / "webhook"
        hook.write_text("whsec_" + base64.b64encode(WEBHOOK_KEY).decode())
        return merge({
            "node": {"name": "one", "home": f'"{self.home}"'},
            "http": {"address": "127.0.0.1", "port": self.port,
                     "limits": {"head_deadline": "600ms", "body_deadline": "800ms", "write_deadline": "2s",
                                "keep_alive": "20s", "connections_per_address": 5000}},
            "database": {"owner": f'"host={socket_dir} dbname={self.database} user=usher_owner"',
                         "app": f'"host={socket_dir} dbname={self.database} user=usher_app"',
                         "readers": 2},
            "rate_limits": {"enabled": False},
            "security": {"jwt_keys": f'[{{id: k1, secret_file: "{keys}"}}]',
                         "passwords": {"operations": 1, "memory_mib": 8}},
            "sandbox": {"enabled": True, "webhook_secret_file": f'"{hook}"', "base_url": f'"http://127.0.0.1:{self.port}"'},
            "log": {"level": "warning"},
        }, self.change)

    def start(self):
        self.launch()
        self.wait_ready()

    def launch(self):
        config = self.home / "usher.yaml"
        config.write_text(yaml_of(self.settings()) + "\n")
        env = dict(os.environ)
        if self.admin:
            env["USHER_ADMIN_EMAIL"], env["USHER_ADMIN_PASSWORD"] = self.admin
        self.log = open(self.home / "log", "ab")
        self.process = subprocess.Popen([DAEMON, "--config", str(config)], stdout=self.log, stderr=self.log, env=env)

    def wait_ready(self, patience=90):
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the daemon ended ({self.process.returncode}): {self.last_words()}")
            if self.is_ready():
                return
            time.sleep(0.05)
        raise RuntimeError("the daemon is not ready: " + self.last_words())

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as s:
                s.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return s.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def last_words(self):
        return (self.home / "log").read_text(errors="replace")[-2000:]

    def is_alive(self):
        return self.process.poll() is None

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def stop(self, patience=40):
        """SIGTERM; returns the exit code."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def remove(self):
        try:
            if self.is_alive():
                self.kill9()
        finally:
            self.log.close()
            shutil.rmtree(self.home, ignore_errors=True)

    def query(self, sql):
        return self.postgres.query(sql, self.database)

    def journal_rows(self):
        return int(self.query("SELECT count(*) FROM journal"))

    def quiet_rows(self):
        """The journal's rows, once what was granted before has come to its end (a sale goes on behind its answer)."""
        before, since = self.journal_rows(), time.monotonic()
        while time.monotonic() - since < 0.25:
            time.sleep(0.05)
            now = self.journal_rows()
            if now != before:
                before, since = now, time.monotonic()
        return before

    def connections(self):
        """How many clients it has not parted with."""
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        established, close_wait = "01", "08"
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] in (established, close_wait) for row in rows)

    def cpu_seconds(self):
        """The time that its threads have run."""
        user, system = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def memory_kib(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0


class Locked:
    """While it lasts, its transaction has the locks that these words take."""

    def __init__(self, node, words):
        self.psql = [PSQL, "-qXAt", "-h", node.postgres.dir + "/socket", "-U", "usher_owner", "-d", node.database]
        self.words = words

    def __enter__(self):
        self.session = subprocess.Popen(self.psql, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.session.stdin.write(f"BEGIN; {self.words};\n\\echo locked\n")
        self.session.stdin.flush()
        while (said := self.session.stdout.readline()) != "locked\n":
            assert said, "psql is gone"

    def __exit__(self, *_):
        self.session.communicate()  # its transaction ends with it


class Unreadable(Locked):
    """While it lasts, nobody can read what is stored of an entity; the journal can be written."""

    def __init__(self, node):
        super().__init__(node, "LOCK TABLE snapshot")


def fresh(word="x"):
    """A name that nothing else has."""
    return f"{word}{secrets.token_hex(6)}"
