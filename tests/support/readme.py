"""README.md's own commands, done at a shell in a folder of their own. For what holds it to its word."""
import os
import re
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BEGUN = time.monotonic()


class Broken(Exception):
    """The README promises something else."""


def say(text):
    print(f"[{time.monotonic() - BEGUN:5.1f} s] {text}", flush=True)


def blocks(word, at_least):
    """What is printed in the blocks that begin with ```sh and `word`."""
    found = re.findall(rf"^```sh {word}\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    if len(found) < at_least:
        raise Broken(f"README.md has {len(found)} blocks that begin with ```sh {word}, and had {at_least}")
    return found


class Shell:
    """Someone at a shell, with background commands, and a home for what they start."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("node", "tests", "build", "config"):
            (folder / name).symlink_to(ROOT / name)
        self.home = folder / "var"
        self.environment = dict(os.environ, USHER_HOME=str(self.home))
        self.running = []

    def leave_running(self, command, name, stdin=subprocess.DEVNULL):
        out = open(self.folder / f"{name}.out", "wb")
        # `exec`: signals are for the command, not for the shell around it.
        process = subprocess.Popen(["bash", "-c", "exec " + command.strip()], cwd=self.folder, stdout=out, stderr=out,
                                   env=self.environment, start_new_session=True, stdin=stdin)
        self.running.append(process)
        return process

    def do(self, command):
        for line in filter(None, command.strip().splitlines()):
            say("$ " + line)
        done = subprocess.run(["bash", "-ec", command], cwd=self.folder, env=self.environment, text=True, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        for line in done.stdout.splitlines():
            print("        | " + line)
        if done.returncode:
            raise Broken(f"exit code {done.returncode}: {command}")
        return done.stdout

    def said(self, name):
        return (self.folder / f"{name}.out").read_text(errors="replace")

    def wait_for(self, name, words, process, within=60.0, after=0):
        """Until `words` appear in what `name` says, behind the first `after` characters."""
        end = time.monotonic() + within
        while words not in self.said(name)[after:]:
            if process.poll() is not None or time.monotonic() > end:
                raise Broken(f"{name} did not say {words!r} within {within:.0f} s:\n{self.said(name)[-3000:]}")
            time.sleep(0.1)

    def left(self):
        """The pids of what runs with files of the home."""
        return [int(file.parent.name) for file in Path("/proc").glob("[0-9]*/cmdline")
                if str(self.home).encode() in read(file)]

    def stop(self, start):
        """Ends node/start, which is to end everything."""
        start.terminate()
        begun = time.monotonic()
        start.wait(100)
        left = self.left()
        if left or "stopped; ./node/start carries on" not in self.said("start"):
            raise Broken(f"not all stopped: {left}\n{self.said('start')[-1000:]}")
        say(f"all stopped within {time.monotonic() - begun:.1f} s")

    def end(self):
        for process in reversed(self.running):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(100)
                except subprocess.TimeoutExpired:
                    process.kill()


def read(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""
