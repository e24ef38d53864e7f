#!/usr/bin/env python3
"""Looks in PostgreSQL for every seat that a session was granted: granted.py FILE, with lines `session seat seat ..`.

Says how many there were, and fails if one is missing. Connects as psql does.
"""
import json
import subprocess
import sys

KIND_BOOKING_SESSION = 8
QUERY = f"COPY (SELECT entity, facts FROM journal WHERE kind = {KIND_BOOKING_SESSION} AND facts LIKE '%booking_session.added/1%') TO STDOUT (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')"

granted = {(line.split()[0], seat) for line in open(sys.argv[1]) for seat in line.split()[1:]}
if not granted:
    sys.exit("granted: nothing was granted, so nothing is shown")
stored = set()
for row in subprocess.run(["psql", "-qX", "-d", "usher", "-c", QUERY], check=True, capture_output=True, text=True).stdout.splitlines():
    session, facts = row.split("\x01", 1)
    for name, fact in json.loads(facts):
        if name == "booking_session.added/1":
            stored |= {(session, item["id"]) for item in fact["items"]}
missing = granted - stored
print(f"granted: {len(granted)} seats of sessions, {len(missing)} not stored", file=sys.stderr)
sys.exit(1 if missing else 0)
