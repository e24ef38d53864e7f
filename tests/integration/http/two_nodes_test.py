"""Two daemons over one database: what a front promises of what another node owns."""
import subprocess
import time
import unittest

from client import Organizer, Person, eventually
from inspector import ask
from node import PSQL, free_port
from world import new_node, second_node


class Unreadable:
    """While it lasts, nobody can read what is stored of an entity; the journal can be written."""

    def __init__(self, node):
        self.words = [PSQL, "-qXAt", "-h", node.postgres.dir + "/socket", "-U", "usher_owner", "-d", node.database]

    def __enter__(self):
        self.session = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.session.stdin.write("BEGIN; LOCK TABLE snapshot;\n\\echo locked\n")
        self.session.stdin.flush()
        assert self.session.stdout.readline() == "locked\n"

    def __exit__(self, *_):
        self.session.communicate()  # its transaction ends with it


class TwoNodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        cls.two = second_node(cls.one)
        assert eventually(lambda: cls.shares()[0] > 80, patience=20), cls.shares()

    @classmethod
    def tearDownClass(cls):
        cls.two.remove()
        cls.one.remove()

    @classmethod
    def shares(cls):
        return sorted(row["shards"] for row in ask(cls.one.home, "nodes")[1]["nodes"])

    def test_what_nobody_waits_for_any_more_is_not_begun(self):
        buyer = Person(self.one)
        event = Organizer(self.one).event()["id"]
        sessions = (buyer.open(event)["id"] for _ in range(20))
        session = next(one for one in sessions if ask(self.one.home, "where", one)[1]["node"] == "two")
        self.assertEqual(ask(self.one.home, "passivate", "booking_session:" + session, "--yes")[0], 0)
        with Unreadable(self.one):  # its owner brings it to life only when the front has given up
            answer = buyer.post(f"/v1/sessions/{session}/cancel", {})
            self.assertEqual((answer.status, answer.code), (503, "outcome_unknown"))
            time.sleep(0.5)
        self.assertTrue(eventually(lambda: buyer.get(f"/v1/sessions/{session}").status == 200))
        time.sleep(0.5)
        self.assertEqual(buyer.session(session)["status"], "open")
