"""The live feed, as a browser would hear it."""
import base64
import json
import os
import struct
import time
import unittest
import uuid

from client import Answer, Raw
from world import anyone, contract, node, organizer, person


class Feed:
    """A WebSocket spoken by hand."""

    def __init__(self, event, query="", at=None):
        self.raw = Raw(at or node())
        target = f"/v1/events/{event}/live{query}"
        key = base64.b64encode(os.urandom(16)).decode()
        self.raw.send((f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
        self.opened = self.raw.answer() or Answer(0, [], b"")
        if self.opened.status:
            contract.see("GET", target, self.opened)

    def need(self, n):
        while len(self.raw.got) < n:
            if not self.raw.more():
                raise EOFError
        out, self.raw.got = self.raw.got[:n], self.raw.got[n:]
        return out

    def frame(self):
        first, length = self.need(2)
        if length == 126:
            length, = struct.unpack(">H", self.need(2))
        elif length == 127:
            length, = struct.unpack(">Q", self.need(8))
        return first & 15, self.need(length)

    def next(self):
        while True:
            kind, text = self.frame()
            if kind == 1:
                return json.loads(text)
            if kind == 8:
                raise EOFError

    def send(self, kind, payload):
        mask = os.urandom(4)
        body = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.raw.send(bytes([0x80 | kind, 0x80 | len(payload)]) + mask + body)

    def close(self):
        self.raw.close()


class Live(unittest.TestCase):
    def test_what_happens_is_told_in_order_and_can_be_resumed(self):
        event, me = organizer().event()["id"], person()
        feed = Feed(event)
        self.assertEqual(feed.opened.status, 101)
        start = feed.next()
        self.assertEqual(start["type"], "welcome")
        session = me.open(event)["id"]
        me.hold(session, "A-1-1", "A-1-2")
        locked = feed.next()
        self.assertEqual((locked["type"], locked["section"], sorted(locked["seats"])), ("seat-locked", "A", ["A-1-1", "A-1-2"]))
        self.assertEqual(locked["version"], start["version"] + 1)
        me.delete(f"/v1/sessions/{session}/seats/A-1-1")
        self.assertEqual((lambda f: (f["type"], f["seats"]))(feed.next()), ("seat-released", ["A-1-1"]))
        me.play(me.checkout(session).json["payment"]["id"])
        told = [feed.next()]
        while told[-1]["type"] != "seat-sold":
            told.append(feed.next())
        self.assertEqual(told[-1]["seats"], ["A-1-2"])
        self.assertNotIn(me.id, json.dumps(told), "who it is, is never told")
        later = Feed(event, f"?feed={start['feed']}&from={locked['version']}")
        self.assertEqual((lambda f: (f["type"], f["feed"]))(later.next()), ("welcome", start["feed"]))
        self.assertEqual([later.next()["version"] for _ in range(len(told) + 1)],
                         list(range(locked["version"] + 1, told[-1]["version"] + 1)))
        feed.close()
        later.close()
        behind = locked["version"]
        for query in (f"?feed={start['feed']}&from=1", f"?feed={uuid.uuid4()}&from={behind}", f"?from={behind}"):
            stale = Feed(event, query)
            self.assertEqual([stale.next()["type"], stale.next()["type"]], ["welcome", "resync"], query)
            stale.close()

    def test_a_cancelled_event_is_told_and_so_is_a_section_that_is_sold_out(self):
        boss = organizer()
        event = boss.event()["id"]
        sections = anyone().get(f"/v1/events/{event}/seats").json["sections"]
        seats = [seat["id"] for section in sections if section["name"] == "A" for seat in section["seats"]]
        feed = Feed(event)
        feed.raw.socket.settimeout(20)  # a section says at most every five seconds how it stands
        self.assertEqual(feed.next()["type"], "welcome")
        heard = []
        def hears(kind):
            while not heard or heard[-1]["type"] != kind:
                heard.append(feed.next())
            return heard[-1]
        self.assertEqual(boss.post(f"/v1/events/{event}/seats/block", {"seats": seats, "reason": "a choir"}).status, 200)
        self.assertEqual(hears("section-sold-out")["section"], "A")
        self.assertEqual(boss.post(f"/v1/events/{event}/seats/unblock", {"seats": seats}).status, 200)
        self.assertEqual(hears("section-available")["section"], "A")
        boss.step(event, "pause", "resume", "cancel")
        hears("event-paused")
        hears("event-resumed")
        told = hears("event-cancelled")
        self.assertEqual(sorted(told), ["type", "version"])
        versions = [one["version"] for one in heard]
        self.assertEqual(versions, sorted(set(versions)))
        feed.close()

    def test_what_happens_while_nobody_watches_is_told_to_who_comes_back(self):
        event, me = organizer().event()["id"], person()
        session = me.open(event)["id"]
        feed = Feed(event)
        start = feed.next()
        feed.send(8, struct.pack(">H", 1000))
        self.assertEqual(feed.frame()[0], 8)
        feed.close()
        time.sleep(0.2)  # until the node has seen the last one go
        me.hold(session, "A-1-1")
        back = Feed(event, f"?feed={start['feed']}&from={start['version']}")
        self.assertEqual(back.next()["type"], "welcome")
        told = back.next()
        self.assertEqual((told["type"], told["seats"]), ("seat-locked", ["A-1-1"]))
        back.close()

    def test_a_map_asked_for_after_the_welcome_misses_nothing(self):
        event, me = organizer().event()["id"], person()
        session = me.open(event)["id"]
        anyone().get(f"/v1/events/{event}/seats")  # and it is kept for a while
        me.hold(session, "A-1-1")
        feed = Feed(event)
        self.assertEqual(feed.next()["type"], "welcome")
        sections = anyone().get(f"/v1/events/{event}/seats").json["sections"]
        seats = {seat["id"]: seat["status"] for section in sections for seat in section.get("seats", [])}
        self.assertEqual(seats["A-1-1"], "held")
        feed.close()

    def test_ping_is_answered_and_a_farewell_too(self):
        feed = Feed(organizer().event()["id"])
        feed.next()
        feed.send(9, b"are you there")
        self.assertEqual(feed.frame(), (10, b"are you there"))
        feed.send(8, struct.pack(">H", 1000))
        self.assertEqual(feed.frame()[0], 8)
        feed.close()

    def test_a_loud_watcher_is_shown_out(self):
        feed = Feed(organizer().event()["id"])
        feed.next()
        feed.raw.send(bytes([0x81, 0xFE]) + struct.pack(">H", 5000) + b"\0\0\0\0" + b"x" * 5000)
        with self.assertRaises(EOFError):
            while True:
                feed.next()

    def test_feeds_that_are_not_there(self):
        draft = organizer().draft()["id"]
        for where in (str(uuid.uuid4()), "nonsense", draft):
            self.assertEqual(Feed(where).opened.status, 404, where)
        event = organizer().event()["id"]
        for query in ("?from=x", "?from=-1", "?from=" + "9" * 30, "?from=1&feed=x", "?from=1&feed="):
            self.assertEqual(Feed(event, query).opened.status, 422, query)
        said = anyone().get(f"/v1/events/{event}/live")
        self.assertEqual((said.status, said.header("Upgrade")), (400, "websocket"))

    def test_many_watchers_come_and_go(self):
        event, me = organizer().event()["id"], person()
        feeds = [Feed(event) for _ in range(60)]
        for one in feeds:
            self.assertEqual(one.next()["type"], "welcome")
        for one in feeds[::2]:
            one.close()
        me.hold(me.open(event)["id"], "B-1-1")
        for one in feeds[1::2]:
            self.assertEqual(one.next()["type"], "seat-locked")
            one.close()
        time.sleep(0.2)
        self.assertTrue(node().is_ready())
