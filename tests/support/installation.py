"""What is to be hurt: the real daemon and a PostgreSQL of its own, in a temporary folder."""

import asyncio
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

from node import ROOT, free_port
from wire import Connection, Lost

PRIVATE_POSTGRES = ROOT / "tests/support/private-postgres"

SETTINGS = """\
node: {{name: {name}, home: "{home}/node"}}
http: {{address: 127.0.0.1, port: {port}, io_threads: {threads}}}
database:
  owner: "host={socket} dbname=usher user=usher_owner"
  app: "host={socket} dbname=usher user=usher_app"
rate_limits: {{enabled: false}}
actors: {{idle_after: 3s, snapshot_every: 40, scheduler_threads: {schedulers}}}
security:
  allow_insecure: true
  jwt_keys: [{{id: k1, secret: "a-secret-of-at-least-thirty-two-bytes"}}]
  access_token: 5h
  passwords: {{operations: 1, memory_mib: 8}}
sandbox:
  enabled: true
  webhook_secret: "whsec_c2VjcmV0IG9mIHRoZSBmYXVsdCB0ZXN0cywgMzIgYnl0ZXM="
  base_url: "http://127.0.0.1:{port}"
sales: {{hold: 8s, extension: 3s, max_hold: 12s}}
shedding: {{max_appends_waiting: 200}}
log: {{level: info}}
"""


def settings_of(home, port, name, socket, threads=1, schedulers=0):
    """The settings of a node, as YAML. With these threads it is as on a machine of two cores."""
    return SETTINGS.format(home=home, port=port, name=name, socket=socket, threads=threads, schedulers=schedulers)


def die_with_parent():
    """For the child between fork and exec: a test that is killed leaves no daemon behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Daemon:
    """One process of usherd, with a home and settings of its own."""

    def __init__(self, home, program, port, settings):
        self.program, self.port = str(program), port
        self.process = None
        self.starts = 0
        self.environment = {}  # besides that of the test
        self.before = []  # words before those of the command
        self.fell = []  # exit codes of processes that ended by themselves
        (Path(home) / "node").mkdir(parents=True)
        self.settings = Path(home) / "usher.yaml"
        self.settings.write_text(settings)
        self.log = open(Path(home) / "usherd.log", "ab")

    def start(self):
        self.starts += 1
        self.process = subprocess.Popen([*self.before, self.program, "--config", self.settings], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, start_new_session=True,
                                        env=dict(os.environ, **self.environment), preexec_fn=die_with_parent)

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def note_fall(self):
        """True if the daemon has ended without being asked."""
        if self.process is None or self.process.poll() is None:
            return False
        self.fell.append(self.process.returncode)
        self.process = None
        return True

    def kill(self):
        if self.is_up():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self):
        if not self.is_up():
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def ask(conninfo, query):
    """What PostgreSQL answers, with | between columns."""
    return subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-c", query], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()


class Database:
    """A private PostgreSQL in `folder`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.socket = self.folder / "socket"
        self.environment = {}  # of the server, besides that of the test

    def do(self, word):
        environment = dict(os.environ, PG_SHARED_BUFFERS="64MB", **self.environment)
        return subprocess.run([PRIVATE_POSTGRES, word, self.folder], check=True, env=environment,
                              stdout=subprocess.PIPE, text=True).stdout.strip()

    def make(self, guarded):
        self.conninfo = self.do("make")
        if guarded:
            self.do("guard")

    def start_if_gone(self):
        """Starts the server again if it has ended; says whether it had."""
        file = self.folder / "data/postmaster.pid"
        if file.exists() and Path(f"/proc/{file.read_text().split()[0]}").exists():
            return False
        self.do("start")
        return True


class Installation(Daemon):
    """One node, and the PostgreSQL that nobody else uses."""

    def __init__(self, home, program):
        self.home, self.database = Path(home), Database(Path(home) / "pg")
        os.chmod(self.home, 0o755)
        port = free_port()
        super().__init__(home, program, port, settings_of(home, port, "fault", self.database.socket))

    @property
    def conninfo(self):
        return self.database.conninfo

    def postgres(self, word):
        return self.database.do(word)

    def make(self, guarded):
        self.database.make(guarded)

    async def serving(self, token, patience=60.0):
        """Waits until a write is acknowledged; seconds since the call. Starts whatever fell meanwhile, as an operator
        would. Raises Lost after `patience`."""
        begun = time.monotonic()
        line = Connection(self.port)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method, path, body = ("POST", "/v1/organizations", '{"name":"probe"}') if token else ("GET", "/readyz", "")
        while time.monotonic() < begun + patience:
            if self.note_fall():
                self.start()
            try:
                status, _, _ = await line.exchange(method, path, headers, body, patience=1.0)
                if status in (200, 201):
                    line.close()
                    return time.monotonic() - begun
            except Lost:
                pass
            await asyncio.sleep(0.02)
        raise Lost(f"not serving within {patience} s")

    def end(self, keep):
        if self.process is not None:
            self.kill()
        self.postgres("stop" if keep else "remove")
        self.log.close()
