"""What node/start makes of the ends of nodes, of homes that lack something, and of a start that is busy. No daemon runs."""
import subprocess
import tempfile
import unittest
from pathlib import Path

from node import ROOT

SOURCES = "set -euo pipefail; cd {root}; . node/postgres.sh; . node/nodes.sh; . node/cells.sh; home={home} root={root}; "


class Home(unittest.TestCase):
    """A home of a cluster, with the settings of some nodes."""

    def setUp(self):
        made = tempfile.TemporaryDirectory(prefix="usher-home-", dir="/tmp")
        self.addCleanup(made.cleanup)
        self.home = Path(made.name)
        self.home.chmod(0o755)  # PostgreSQL's user may look in

    def with_nodes(self, ports):
        for number, port in ports.items():
            self.folder(number).mkdir(parents=True)
            (self.folder(number) / "usher.yaml").write_text(
                f"node:\n  name: usher-{number}\n  home: \"{self.folder(number)}\"\nhttp:\n  port: {port}\n"
                "database:\n  app: \"host=nowhere dbname=usher user=usher_app\"\nsandbox:\n  base_url: \"\"\n")

    def folder(self, number):
        return self.home / f"nodes/{number}"

    def sh(self, words):
        """What a shell says to these words that knows what node/start knows."""
        done = subprocess.run(["bash", "-c", SOURCES.format(root=ROOT, home=self.home) + words], capture_output=True, text=True,
                              timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


class Ends(Home):
    def who_comes_back(self, before=""):
        codes = "0 1 2 70 71 134 137 143"
        return self.sh(f"{before} for code in {codes}; do if comes_back 4 $code; then echo $code; fi; done").split()

    def test_one_that_was_told_to_stop_does_not_come_back_even_if_it_had_not_served(self):
        self.with_nodes({4: 9004})
        self.assertEqual(self.who_comes_back(), ["1", "70", "71", "134", "137"])

    def test_one_that_served_comes_back_only_if_that_is_all_it_takes(self):
        self.with_nodes({4: 9004})
        self.assertEqual(self.who_comes_back("ready[4]=1;"), ["70", "71"])
        self.assertEqual(self.who_comes_back("falls[4]=5;"), [])

    def test_one_that_is_alone_always_does(self):
        self.assertEqual(len(self.who_comes_back()), 8)

    def test_it_is_told_as_one_that_left(self):
        self.with_nodes({4: 9004})
        said = self.sh("sh -c 'exit 0' & pid[4]=$! born[4]=$SECONDS; note_end 4; echo \"${due[4]:-not due}\"")
        self.assertIn("usher-4 has left", said)
        self.assertIn("not due", said)
        self.assertNotIn("starting it again", said)


class Forgotten(Home):
    """The folder of a node may be removed while nothing runs: who comes next is numbered and placed by those that are left."""

    def test_new_nodes_find_their_ports_without_node_1(self):
        self.with_nodes({2: 9001, 3: 9002})
        self.assertEqual(self.sh("base_port"), "9000\n")

    def test_a_home_without_nodes_begins_where_any_does(self):
        self.assertEqual(self.sh("base_port"), "8080\n")
        (self.home / "nodes").mkdir()
        self.assertEqual(self.sh("base_port"), "8080\n")
