"""The inspector beside a node that is set up for one test: it dies, wants certificates, or loses its database."""
import json
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from client import Organizer, eventually
from inspector import INSPECTOR, ask, usher
from node import ROOT, Postgres, free_port
from world import new_node


class InspectLetters(unittest.TestCase):
    def test_dead_letters_outlive_the_node(self):
        node = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        self.addCleanup(node.remove)
        node.kill9()
        letters = []
        for number in (3, 5, 7):
            command = {"to": f"seat_block:01a1fc77-b8cf-7000-9c07-ce6333ab615{number}",
                       "command": ["seat_block.view/1", {"newer_than": 0}], "from": {"number": 0, "bridge": 0, "node": 0}}
            letters.append({"number": number, "command": json.dumps(command), "crashes": 2, "at": 1700000000123, "why": "boom"})
        node.query(f"INSERT INTO dead_letters (node, letters) VALUES ('one', '{json.dumps(letters)}')")
        _, said = ask(node.home, "dead-letters")  # of one that is gone, as PostgreSQL has them
        self.assertEqual([(one["node"], one["number"], one["command"], one["gone"]) for one in said["dead_letters"]],
                         [("one", number, "seat_block.view/1", True) for number in (3, 5, 7)])
        self.assertIn("3 are of node one, which did not answer", said["findings"])
        node.start()
        of_the_living = lambda: [one for one in ask(node.home, "dead-letters")[1]["dead_letters"] if not one["gone"]]
        self.assertTrue(eventually(of_the_living), node.last_words())
        code, said = ask(node.home, "dead-letters")
        self.assertEqual((code, [(one["node"], one["number"], one["command"], one["at"]) for one in said["dead_letters"]]),
                         (1, [("one", number, "seat_block.view/1", "2023-11-14T22:13:20.123Z") for number in (3, 5, 7)]))
        self.assertEqual(ask(node.home, "dead-letters", "drop", "one/3", "--yes")[1]["done"], True)
        self.assertTrue(eventually(lambda: "615" in node.query("SELECT letters FROM dead_letters")
                                   and "6153" not in node.query("SELECT letters FROM dead_letters")))
        code, said = ask(node.home, "dead-letters", "retry", "one/5", "--yes")
        self.assertEqual((code, said["done"]), (0, True))
        self.assertIn("it refused: not_found", said["nodes"][0]["said"])  # it is not open, and says so
        self.stays(node, 7)
        self.assertEqual(ask(node.home, "dead-letters", "drop", "one/7", "--yes")[1]["done"], True)
        self.assertEqual(ask(node.home, "dead-letters")[1]["dead_letters"], [])
        self.assertTrue(eventually(lambda: node.query("SELECT letters FROM dead_letters") == "[]"))

    def stays(self, node, number):
        """What its entity does not get to decide is not lost, however often it is tried."""
        key = f"01a1fc77-b8cf-7000-9c07-ce6333ab615{number}"
        node.query("INSERT INTO journal (lsn, at, epoch, version, shard, kind, entity, facts) "
                   f"VALUES (1000000, now(), 1, 1, 255, 6, '{key}', '[[\"seat_block.sung/9\",{{}}]]')")
        for attempt in range(6):
            code, said = ask(node.home, "dead-letters", "retry", f"one/{number}", "--yes")
            self.assertEqual((code, said["done"]), (1, False), attempt)
        self.assertIn("quarantine retry", said["nodes"][0]["said"])
        code, said = ask(node.home, "quarantine", "retry", "seat_block:" + key, "--yes")
        self.assertEqual((code, said["done"]), (0, True))
        self.assertIn("0 of 1 dead letters delivered", said["nodes"][0]["said"])
        self.assertEqual([one["number"] for one in ask(node.home, "dead-letters")[1]["dead_letters"]], [number])


class InspectWithCertificates(unittest.TestCase):
    """Over mutual TLS: who may look, and who may act."""

    def test_rights_are_those_of_the_certificate(self):
        certificates = Path(tempfile.mkdtemp(prefix="usher-certificates-", dir="/tmp"))
        self.addCleanup(subprocess.run, ["rm", "-rf", str(certificates)])
        subprocess.run([ROOT / "config/make-certificates", certificates, "one"], check=True, capture_output=True)
        node = new_node({"cluster": {"address": "127.0.0.1", "port": free_port(), "certificate": certificates / "one.pem",
                                     "key": certificates / "one.key", "authority": certificates / "ca.pem"}})
        self.addCleanup(node.remove)
        event = Organizer(node).event()["id"]
        code, said = ask(node.home, "restart", "event:" + event, "--yes")
        self.assertEqual((code, said["done"]), (0, True))  # admin.* lies beside the authority
        inspector = ["--certificate", str(certificates / "inspector.pem"), "--key", str(certificates / "inspector.key"),
                     "--authority", str(certificates / "ca.pem")]
        self.assertEqual(ask(node.home, "tree", *inspector)[0], 0)
        code, said = ask(node.home, "restart", "event:" + event, "--yes", *inspector)
        self.assertEqual((code, said["done"]), (1, False))
        self.assertIn("administrator", said["findings"][-1])
        self.assertEqual(len(ask(node.home, "audit")[1]["audit"]), 2)
        self.assertEqual(ask(node.home, "audit")[1]["audit"][0]["visitor"], "admin")
        for name in ("admin", "inspector"):
            (certificates / (name + ".key")).unlink()
        code, said = ask(node.home, "tree")  # a stranger
        self.assertEqual((code, said["nodes"]), (3, []))


class InspectWithoutDatabase(unittest.TestCase):
    def test_a_node_answers_alone(self):
        postgres = Postgres()
        port = free_port()
        free_id = "01a1fc77-b8cf-7000-9c07-ce6333ab6159"
        node = new_node({"cluster": {"address": "127.0.0.1", "port": port}}, on=postgres)
        try:
            done = subprocess.run([INSPECTOR, "--address", f"127.0.0.1:{port}", "tree", "-o", "json"],
                                  capture_output=True, text=True, timeout=20)
            self.assertEqual((done.returncode, json.loads(done.stdout)["nodes"][0]["node"]), (0, "one"))
            words = [INSPECTOR, "--home", str(node.home), "follow", "event", "--for", "4s", "-o", "json"]
            following = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            time.sleep(1)
            postgres.command("stop")
            said = json.loads(following.communicate(timeout=30)[0])
            self.assertEqual((following.returncode, said["complete"]), (3, False))
            self.assertEqual(said["missing"][0]["who"], "PostgreSQL")
            began = time.monotonic()
            code, said = ask(node.home, "actors")
            self.assertEqual(code, 3)
            self.assertIn("PostgreSQL", [one["who"] for one in said["missing"]])
            self.assertGreater(said["total"], -1) if "total" in said else None
            code, out, err = usher(node.home, "shards")
            self.assertEqual(code, 3)
            self.assertIn("no answer from PostgreSQL", out)
            code, said = ask(node.home, "nodes")
            self.assertEqual((code, said["nodes"][0]["name"], said["nodes"][0]["shards"]), (3, "one", None))
            self.assertEqual((said["nodes"][0]["live"]["name"], said["shards_without_owner"]), ("one", None))
            code, said = ask(node.home, "audit")
            self.assertEqual((code, [one["who"] for one in said["missing"]]), (3, ["PostgreSQL"]))
            code, said = ask(node.home, "where", "event:" + free_id)
            self.assertEqual((code, said["owner"], said["beliefs"][0]["resident"]), (3, None, False))
            self.assertEqual(usher(node.home, "where", free_id)[0], 3)
            self.assertLess(time.monotonic() - began, 60)
        finally:
            node.remove()
            postgres.remove()
