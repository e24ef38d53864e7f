"""`usher top` in a real terminal, which tmux plays."""
import shutil
import subprocess
import threading
import unittest

from client import Person, eventually
from commands_test import Sale
from inspector import INSPECTOR
from terminal import Terminal


def top(home, before=""):
    return Terminal(home, f"{before}{INSPECTOR} --home {home} top")


@unittest.skipUnless(shutil.which("tmux"), "no tmux here")
class InspectTop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sale = Sale()
        cls.over = threading.Event()
        reader = Person(cls.sale.node)

        def busy():
            while not cls.over.is_set():
                reader.get(f"/v1/events/{cls.sale.event}")
                cls.over.wait(0.005)
        cls.knocking = threading.Thread(target=busy)
        cls.knocking.start()

    @classmethod
    def tearDownClass(cls):
        cls.over.set()
        cls.knocking.join()
        cls.sale.node.remove()

    def setUp(self):
        self.terminal = top(self.sale.home)
        self.addCleanup(self.terminal.close)

    def assertShows(self, *texts):
        self.assertTrue(self.terminal.shows(*texts), (texts, self.terminal.screen()))

    def test_shows_nodes_and_hot_entities_and_opens_one(self):
        self.assertShows("NODE", "one         serving    256", "event:" + self.sale.event, "q quit")
        self.assertEqual(len(self.terminal.screen().rstrip("\n").splitlines()), 24)
        self.terminal.press("s")
        self.assertShows("sort: requests_per_second")
        self.terminal.type("/event:")
        self.assertShows("filter: event:_")
        self.terminal.press("Enter")
        self.assertShows("/ filter: event:")
        self.terminal.press("Enter")
        self.assertShows('"title": "Night ', "q back")
        self.terminal.press("q")
        self.assertShows("q quit")
        self.terminal.press("q")
        self.assertShows("left with 0")

    def test_follows_the_size_of_the_terminal(self):
        self.assertShows("one         serving")
        self.terminal.resize(120, 40)
        self.assertTrue(eventually(lambda: self.terminal.screen().rstrip("\n").count("\n") == 39))
        self.assertShows("one         serving", "q quit")
        self.terminal.resize(40, 10)
        self.assertTrue(eventually(lambda: self.terminal.screen().rstrip("\n").count("\n") == 9))
        self.assertShows("one         serving", "q quit")
        self.terminal.press("q")
        self.assertShows("left with 0")

    def test_pauses(self):
        self.assertShows("one         serving")
        self.terminal.press("p")
        self.assertShows("PAUSED")
        self.terminal.press("p")
        self.assertTrue(eventually(lambda: "PAUSED" not in self.terminal.screen()))

    def test_ends_when_it_is_interrupted(self):
        self.assertShows("one         serving")
        self.terminal.press("C-c")
        self.assertShows("left with 0")

    def test_wants_a_terminal_that_is_known(self):
        unknown = top(self.sale.home, before="TERM=bogus ")
        self.addCleanup(unknown.close)
        self.assertTrue(unknown.shows("does not know this kind of terminal", "left with 2"), unknown.screen())

    def test_wants_a_terminal(self):
        done = subprocess.run([INSPECTOR, "--home", str(self.sale.home), "top"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)


@unittest.skipUnless(shutil.which("tmux"), "no tmux here")
class InspectTopAlone(unittest.TestCase):
    def test_goes_on_without_nodes(self):
        sale = Sale()
        self.addCleanup(sale.node.remove)
        terminal = top(sale.home)
        self.addCleanup(terminal.close)
        self.assertTrue(terminal.shows("one         serving"), terminal.screen())
        sale.node.kill9()
        self.assertTrue(terminal.shows("one         overdue", "! "), terminal.screen())
        terminal.press("q")
        self.assertTrue(terminal.shows("left with 0"), terminal.screen())
