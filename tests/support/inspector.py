"""The inspector, run as an operator runs it."""
import json
import os
import subprocess

from node import ROOT

INSPECTOR = os.environ.get("USHER_INSPECTOR", str(ROOT / "build/release/usher"))


def usher(home, *words, deadline=20):
    """Runs it; returns (exit code, stdout, stderr)."""
    done = subprocess.run([INSPECTOR, "--home", str(home), *words], capture_output=True, text=True, timeout=deadline)
    return done.returncode, done.stdout, done.stderr


def ask(home, *words):
    """Runs it with -o json; returns (exit code, document)."""
    code, out, err = usher(home, *words, "-o", "json")
    assert out, (words, code, err)
    return code, json.loads(out)
