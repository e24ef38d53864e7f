"""A node that begins, and what it does to others when it cannot."""
import subprocess
import time
import unittest

from client import eventually
from node import ROOT, Locked, Postgres, free_port
from world import SEVERAL_THREADS, new_node, node_beside, node_of_cell, postgres


class Failing(unittest.TestCase):
    """Begun beside a node that serves, whoever cannot serve gets no shard, not for a moment."""

    @classmethod
    def setUpClass(cls):
        cls.one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})

    @classmethod
    def tearDownClass(cls):
        cls.one.remove()

    def members(self):
        return int(self.one.query("SELECT count(*) FROM member"))

    def shards(self):
        return self.one.query("SELECT string_agg(owner || ':' || epoch, ' ' ORDER BY shard) FROM shard")

    def end_of(self, change):
        """How it ended, what it said last, and how many members more there have been."""
        members, shards = self.members(), self.shards()
        two = node_beside(self.one, change)
        self.addCleanup(two.remove)
        code = two.process.wait(30)
        self.assertEqual(self.shards(), shards)
        return code, two.last_words(), self.members() - members

    def test_a_front_without_its_port_never_enters(self):
        code, words, entered = self.end_of({"http": {"port": self.one.port},
                                            "cluster": {"address": "127.0.0.1", "port": free_port()}})
        self.assertEqual((code, entered), (1, 0), words)
        self.assertIn(f"cannot listen on 127.0.0.1:{self.one.port}", words)

    def test_nor_if_both_share_their_port_among_threads(self):
        threads = SEVERAL_THREADS["http"]
        one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}, "http": threads})
        self.addCleanup(one.remove)
        two = node_beside(one, {"cluster": {"address": "127.0.0.1", "port": free_port()},
                                "http": {**threads, "port": one.port}})
        self.addCleanup(two.remove)
        self.assertEqual(two.process.wait(30), 1, two.last_words())
        self.assertIn(f"cannot listen on 127.0.0.1:{one.port}", two.last_words())
        self.assertEqual(one.query("SELECT count(*) FROM member"), "1")

    def test_nor_does_one_that_others_could_not_dial(self):
        port = self.one.change["cluster"]["port"]
        code, words, entered = self.end_of({"cluster": {"address": "127.0.0.1", "port": port}})
        self.assertEqual((code, entered), (1, 0), words)
        self.assertIn(f"cannot listen for other nodes on 127.0.0.1:{port}", words)

    def test_one_whose_home_is_taken_touches_nothing_else(self):
        port = self.one.change["cluster"]["port"]  # is taken, too, and it does not even find that out
        code, words, entered = self.end_of({"node": {"home": f'"{self.one.home}"'}, "http": {"port": self.one.port},
                                            "cluster": {"address": "127.0.0.1", "port": port}})
        self.assertEqual((code, entered), (1, 0), words)
        self.assertIn("another process lives in", words)

    def test_nor_does_one_with_a_broken_certificate(self):
        broken = self.one.home / "broken.pem"
        broken.write_text("-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n")
        code, words, entered = self.end_of({"cluster": {
            "address": "127.0.0.1", "port": free_port(), "certificate": f'"{broken}"', "key": f'"{broken}"',
            "authority": f'"{broken}"'}})
        self.assertEqual((code, entered), (2, 0), words)
        self.assertIn("cannot use the authority", words)

    def test_nor_does_one_whose_certificate_is_for_another(self):
        folder = self.one.home / "certificates"
        subprocess.run([ROOT / "config/make-certificates", folder, "one"], check=True, capture_output=True)
        ours = {"certificate": folder / "one.pem", "key": folder / "one.key", "authority": folder / "ca.pem"}
        code, words, entered = self.end_of({"cluster": {"address": "127.0.0.1", "port": free_port(), **ours}})
        self.assertEqual((code, entered), (2, 0), words)
        self.assertIn("cluster.certificate: the certificate", words)
        self.assertIn("is not for the name two", words)

    def test_nor_does_one_with_a_secret_that_is_none(self):
        none = self.one.home / "no-secret"
        none.write_text("no secret, though it is long enough for one")
        code, words, entered = self.end_of({"sandbox": {"webhook_secret_file": f'"{none}"'},
                                            "cluster": {"address": "127.0.0.1", "port": free_port()}})
        self.assertEqual((code, entered), (1, 0), words)

    def test_one_that_is_to_be_alone_refuses_to_live_beside_others(self):
        code, words, entered = self.end_of({})
        self.assertEqual((code, entered), (2, 1), words)
        self.assertIn("cluster.address is wanted", words)
        self.assertEqual(self.one.query("SELECT count(*) FROM member WHERE alive"), "1")


class WithoutDatabase(unittest.TestCase):
    """A start waits for PostgreSQL to come up, and not for what only an operator can mend."""

    def test_it_begins_before_postgresql_does(self):
        postgres = Postgres()
        self.addCleanup(postgres.remove)
        node = new_node(on=postgres)
        self.addCleanup(node.remove)
        self.assertEqual(node.stop(), 0)
        postgres.command("stop")
        node.launch()
        self.assertTrue(eventually(lambda: "waiting_for_database" in node.last_words()), node.last_words())
        self.assertEqual(node.stop(5), 0)  # nothing was begun yet
        node.launch()
        time.sleep(1)
        self.assertTrue(node.is_alive(), node.last_words())
        postgres.command("start")
        node.wait_ready()
        self.assertEqual(node.stop(), 0)

    def test_a_database_that_does_not_exist_ends_it_at_once(self):
        one = new_node()
        self.addCleanup(one.remove)
        where = f"host={one.postgres.dir}/socket dbname=nowhere"
        two = node_beside(one, {"database": {"owner": f'"{where} user=usher_owner"', "app": f'"{where} user=usher_app"'}})
        self.addCleanup(two.remove)
        self.assertEqual(two.process.wait(5), 1, two.last_words())
        self.assertNotIn("waiting_for_database", two.last_words())


class ToldToStop(unittest.TestCase):
    """SIGTERM ends a start as it ends a node that serves: what it had is given back, and the exit code is 0."""

    def stop_while_it_waits(self, change, waits):
        one = new_node()
        self.addCleanup(one.remove)
        two = node_beside(one, change)
        self.addCleanup(two.remove)
        self.assertTrue(eventually(lambda: waits(one, two)), two.last_words())
        self.assertEqual(two.stop(10), 0, two.last_words())
        self.assertEqual(one.query("SELECT name FROM member WHERE alive"), "one")
        self.assertEqual(one.query("SELECT count(*) FROM shard JOIN member ON incarnation = owner WHERE alive"), "256")

    def test_while_others_have_its_shards(self):
        self.stop_while_it_waits({}, lambda one, _: one.query("SELECT count(*) FROM member WHERE alive") == "2")

    def test_while_another_migrates_and_comes_to_no_end(self):
        one = new_node()
        self.addCleanup(one.remove)
        with Locked(one, "SELECT pg_advisory_xact_lock(7346, 1)"):
            two = node_beside(one, {"cluster": {"address": "127.0.0.1", "port": free_port()}})
            self.addCleanup(two.remove)
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7346 AND NOT granted"
            self.assertTrue(eventually(lambda: one.query(waiting) == "1"), two.last_words())
            self.assertEqual(two.stop(5), 0, two.last_words())
            self.assertTrue(eventually(lambda: one.query(waiting) == "0"), "it stands in line no more")

    def test_while_another_has_its_name(self):
        self.stop_while_it_waits({"node": {"name": "one"}}, lambda _, two: "waiting_for_name" in two.last_words())


class AnotherCell(unittest.TestCase):
    def test_a_database_that_is_another_cell_is_called_that_and_not_silent(self):
        database = postgres().new_database()
        one = node_of_cell(0, "one", [database, database])
        self.addCleanup(one.remove)
        self.assertTrue(eventually(lambda: "cell_is_another" in one.last_words()), one.last_words())
        self.assertIn('"database_is_cell":"0"', one.last_words())
        self.assertNotIn("cell_silent", one.last_words())
