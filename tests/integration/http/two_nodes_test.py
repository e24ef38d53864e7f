"""Two daemons over one database: what a front promises of what another node owns."""
import json
import socket
import time
import unittest

from client import Organizer, Person, eventually
from inspector import ask
from live_test import Feed
from node import Unreadable, free_port
from world import new_node, second_node


class TwoNodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        cls.two = second_node(cls.one)
        assert eventually(cls.has_settled, patience=30), cls.shares()

    @classmethod
    def tearDownClass(cls):
        cls.two.remove()
        cls.one.remove()

    @classmethod
    def has_settled(cls):
        return cls.shares()[0] > 80 and ask(cls.one.home, "rebalance", "--dry-run")[1]["to_move"] == 0

    @classmethod
    def shares(cls):
        return sorted(row["shards"] for row in ask(cls.one.home, "nodes")[1]["nodes"])

    def test_what_nobody_waits_for_any_more_is_not_begun(self):
        buyer = Person(self.one)
        event = Organizer(self.one).event()["id"]
        # Without a key, each would be of the node that it was opened at.
        opened = (buyer.post(f"/v1/events/{event}/sessions", {}, key=f"open-{n}") for n in range(20))
        sessions = (said.json["session"]["id"] for said in opened)
        session = next(one for one in sessions if ask(self.one.home, "where", one)[1]["node"] == "two")
        self.assertEqual(ask(self.one.home, "passivate", "booking_session:" + session, "--yes")[0], 0)
        with Unreadable(self.one):  # its owner brings it to life only when the front has given up
            answer = buyer.post(f"/v1/sessions/{session}/cancel", {})
            self.assertEqual((answer.status, answer.code), (503, "outcome_unknown"))
            time.sleep(0.5)
        self.assertTrue(eventually(lambda: buyer.get(f"/v1/sessions/{session}").status == 200))
        time.sleep(0.5)
        self.assertEqual(buyer.session(session)["status"], "open")

    def test_a_crowd_that_comes_for_a_new_map_has_it_drawn_once(self):
        event = Organizer(self.one).event()["id"]
        block = Person(self.one).get(f"/v1/events/{event}/seats").json["sections"][0]["block_id"]

        def heard():
            rows = ask(self.one.home, "actors", "--kind", "seat_block", "--limit", "1000")[1]["actors"]
            return next(row["heard"] for row in rows if row["entity"].endswith(block))
        before = heard()
        answers = self.crowd(event)
        self.assertEqual(len(answers), 1)
        self.assertIn(block.encode(), answers.pop())
        self.assertLessEqual(heard() - before, 3)  # or it took more than a second

    def test_a_crowd_that_comes_for_an_old_map_has_a_new_one(self):
        event, buyer = Organizer(self.one).event()["id"], Person(self.one)
        Person(self.two).get(f"/v1/events/{event}/seats")
        buyer.hold(buyer.open(event)["id"], "A-1-1")
        time.sleep(2.5)
        answers = self.crowd(event)
        self.assertEqual(len(answers), 1)
        seats = {seat["id"]: seat["status"] for section in json.loads(answers.pop())["sections"]
                 for seat in section.get("seats", [])}
        self.assertEqual(seats["A-1-1"], "held")

    def crowd(self, event):
        """The bodies that sixty who come at once have for the map."""
        crowd = [socket.create_connection(("127.0.0.1", self.two.port), timeout=20) for _ in range(60)]
        wish = f"GET /v1/events/{event}/seats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        for one in crowd:
            one.sendall(wish)
        answers = set()
        for one in crowd:
            with one.makefile("rb") as stream:
                answers.add(stream.read().split(b"\r\n\r\n", 1)[1])
            one.close()
        return answers

    def test_a_feed_says_what_it_may_have_missed_before_the_owner_knew_of_it(self):
        def of_one():
            """An event, and a section of it that the first node owns."""
            event = Organizer(self.one).event()["id"]
            for section in Person(self.one).get(f"/v1/events/{event}/seats").json["sections"]:
                if section["name"] in "AB" and ask(self.one.home, "where", section["block_id"])[1]["node"] != "two":
                    return event, section["name"]
            return None
        event, section = eventually(of_one)
        buyer = Person(self.two)
        session = buyer.open(event)["id"]
        feed = Feed(event, at=self.two)
        self.assertEqual([feed.next()["type"], feed.next()["type"]], ["welcome", "resync"])
        buyer.hold(session, f"{section}-1-1")
        self.assertEqual(feed.next()["type"], "seat-locked")
        feed.close()
