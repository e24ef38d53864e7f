"""One installation to be hurt: a PostgreSQL of its own and the real daemon, in a temporary folder."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from wire import Connection, Lost

ROOT = Path(__file__).resolve().parents[2]
PRIVATE_POSTGRES = ROOT / "tests/support/private-postgres"

SETTINGS = """\
node: {{name: fault, home: "{home}/node"}}
http: {{address: 127.0.0.1, port: {port}}}
database:
  owner: "host={socket} dbname=usher user=usher_owner"
  app: "host={socket} dbname=usher user=usher_app"
rate_limits: {{enabled: false}}
actors: {{idle_after: 3s, snapshot_every: 40}}
security:
  allow_insecure: true
  jwt_keys: [{{id: k1, secret: "a-secret-of-at-least-thirty-two-bytes"}}]
  access_token: 5h
  passwords: {{operations: 1, memory_mib: 8}}
sandbox:
  enabled: true
  webhook_secret: "whsec_c2VjcmV0IG9mIHRoZSBmYXVsdCB0ZXN0cywgMzIgYnl0ZXM="
  base_url: "http://127.0.0.1:{port}"
sales: {{hold: 8s, extension: 3s, max_hold: 8s}}
log: {{level: info}}
"""


def die_with_parent():
    """For the child between fork and exec: a test that is killed leaves no daemon behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def free_port(chance):
    while True:
        port = chance.randrange(20_000, 30_000)  # below what the system hands out by itself
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class Installation:
    def __init__(self, home, program, chance):
        self.home, self.program = Path(home), str(program)
        self.port = free_port(chance)
        self.process = None
        self.starts = 0
        self.fell = []  # exit codes of daemons that ended by themselves
        os.chmod(self.home, 0o755)
        (self.home / "node").mkdir()
        self.settings = self.home / "usher.yaml"
        self.settings.write_text(SETTINGS.format(home=self.home, port=self.port, socket=self.home / "pg/socket"))
        self.log = open(self.home / "usherd.log", "ab")

    def postgres(self, word):
        environment = dict(os.environ, PG_SHARED_BUFFERS="64MB")
        return subprocess.run([PRIVATE_POSTGRES, word, self.home / "pg"], check=True, env=environment,
                              stdout=subprocess.PIPE, text=True).stdout.strip()

    def make(self, guarded):
        self.conninfo = self.postgres("make")
        if guarded:
            self.postgres("guard")

    # -- the daemon -------------------------------------------------------------------------------------------------

    def start(self):
        self.starts += 1
        self.process = subprocess.Popen([self.program, "--config", self.settings], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, start_new_session=True,
                                        preexec_fn=die_with_parent)

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
