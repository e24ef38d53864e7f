"""What node/start makes of the ends of nodes, of homes that lack something, and of a start that is busy. No daemon runs."""
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from client import eventually
from node import ROOT, free_port

# Stands for a daemon: it says that it is ready, whatever it is asked.
DAEMON = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
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

    def test_a_bug_is_told_apart_from_a_kill(self):
        self.assertIn("a bug (SIGABRT, exit code 134", self.sh("how_it_ended 134"))
        self.assertEqual(self.sh("how_it_ended 137"), "was killed by signal 9\n")
        self.assertEqual(self.sh("how_it_ended 143"), "was killed by signal 15\n")

    def test_it_is_told_as_one_that_left(self):
        self.with_nodes({4: 9004})
        said = self.sh("sh -c 'exit 0' & pid[4]=$! born[4]=$SECONDS; note_end 4; echo \"${due[4]:-not due}\"")
        self.assertIn("usher-4 has left", said)
        self.assertIn("not due", said)
        self.assertNotIn("starting it again", said)


class Joining(Home):
    def test_who_had_a_port_without_certificates_gets_them_with_the_others(self):
        self.with_nodes({1: 9001, 2: 9002})
        first = self.folder(1) / "usher.yaml"
        first.write_text(first.read_text() + "cluster:\n  address: 127.0.0.1\n  port: 7444\n")
        for number in (1, 2, 1):
            self.sh(f"join_cluster '{self.folder(number)}/usher.yaml' usher-{number}")
        for number, port in ((1, "7444"), (2, "0")):
            file = self.folder(number) / "usher.yaml"
            said = self.sh(f"for name in address port certificate key authority; do value_in '{file}' cluster $name; done")
            paths = [str(self.home / "certificates" / name) for name in (f"usher-{number}.pem", f"usher-{number}.key", "ca.pem")]
            self.assertEqual(said.split(), ["127.0.0.1", port, *paths])
            self.assertTrue(all(Path(path).is_file() for path in paths), paths)
            self.assertEqual(file.read_text().count("cluster:"), 1)
            self.assertEqual(file.read_text().count("certificate:"), 1)


class Forgotten(Home):
    """The folder of a node may be removed while nothing runs: who comes next is numbered and placed by those that are left."""

    def test_new_nodes_find_their_ports_without_node_1(self):
        self.with_nodes({2: 9001, 3: 9002})
        self.assertEqual(self.sh("base_port"), "9000\n")

    def test_a_home_without_nodes_begins_where_any_does(self):
        self.assertEqual(self.sh("base_port"), "8080\n")
        (self.home / "nodes").mkdir()
        self.assertEqual(self.sh("base_port"), "8080\n")


class Unfit(Home):
    """A home that could not be written into the settings is refused before anything is begun."""

    def refusal(self, home):
        done = subprocess.run([ROOT / "node/start", "--no-install", "--list", "--home", home], capture_output=True, text=True,
                              timeout=20, cwd=self.home)
        self.assertEqual(done.returncode, 2, done.stderr)
        return done.stderr

    def test_with_a_blank_or_what_else_means_something_there(self):
        for name in ("my home", "a,b", 'a"b', "a'b", "a\\b", "a|b", "a&b", "a\tb"):
            self.assertIn("a path without blanks", self.refusal(self.home / name), name)
            self.assertIn("a path without blanks", self.refusal(name + "/var"), name)
        behind = self.home / "behind"
        (self.home / "a b").mkdir()
        behind.symlink_to(self.home / "a b")
        self.assertIn("a path without blanks", self.refusal(behind))

    def test_with_letters_and_signs_of_any_kind_is_none(self):
        for name in ("Bến-Nghé_1.2", "a+b@c~d:e=f%g"):
            self.assertIn("is no home of Usher", self.refusal(self.home / name), name)


class Add(Home):
    """--add leaves word for the start that runs the others, here this test, and waits."""

    def setUp(self):
        super().setUp()
        self.first = free_port()
        self.with_nodes({2: self.first + 1})
        self.lock = (self.home / "lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.addCleanup(self.lock.close)
        self.said = (self.home / "said").open("w+")
        self.addCleanup(self.said.close)
        self.adding = subprocess.Popen([ROOT / "node/start", "--home", self.home, "--add"], stdout=self.said,
                                       stderr=subprocess.STDOUT)
        self.addCleanup(self.end, self.adding)
        self.wanted = self.folder(3) / "wanted"
        self.assertTrue(eventually(self.wanted.exists, 20), self.words())

    def end(self, process):
        process.kill()
        process.wait()

    def words(self):
        return (self.home / "said").read_text()

    def serve(self):
        settings = self.folder(3) / "usher.yaml"
        port = int(self.sh("port_of 3"))
        self.assertGreaterEqual(port, self.first + 2, "it is placed by the node that is left")
        daemon = subprocess.Popen([sys.executable, "-c", DAEMON, str(port), "--config", settings])
        self.addCleanup(self.end, daemon)
        (self.folder(3) / "usherd.pid").write_text(f"{daemon.pid}\n")
        self.wanted.unlink()

    def test_waits_for_a_start_that_is_busy(self):
        self.assertTrue(eventually(lambda: "is busy with other things" in self.words(), 30), self.words())
        self.assertIsNone(self.adding.poll(), self.words())
        self.serve()
        self.assertEqual(self.adding.wait(20), 0, self.words())
        self.assertIn("usher-3 serves", self.words())

    def test_leaves_no_word_behind_when_that_start_ends_or_it_does_not_wait_any_more(self):
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        self.assertEqual(self.adding.wait(20), 1, self.words())
        self.assertIn("usher-3 was not started", self.words())
        self.assertFalse(self.wanted.exists())
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        again = subprocess.Popen([ROOT / "node/start", "--home", self.home, "--add", "3"], stdout=self.said,
                                 stderr=subprocess.STDOUT)
        self.addCleanup(self.end, again)
        self.assertTrue(eventually(self.wanted.exists, 20), self.words())
        os.kill(again.pid, signal.SIGTERM)
        self.assertEqual(again.wait(20), 143, self.words())
        self.assertFalse(self.wanted.exists())

    def test_tells_how_it_ended_if_it_fell_at_once(self):
        (self.folder(3) / "usherd.log").write_text("the settings are wrong\n")
        self.wanted.unlink()
        self.assertEqual(self.adding.wait(20), 1, self.words())
        self.assertIn("the settings are wrong", self.words())
