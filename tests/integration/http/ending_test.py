"""How a node ends for those who are connected: with an answer and a word of farewell, never with a reset."""
import re
import signal
import socket
import threading
import time
import unittest

from client import eventually
from world import new_node

QUESTION = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Caller:
    """One kept-alive connection."""

    def __init__(self, node):
        self.link = socket.create_connection(("127.0.0.1", node.port), timeout=10)
        self.unread = b""

    def ask(self):
        """The head of the answer; empty if the connection ended before any of it."""
        self.link.sendall(QUESTION)
        while b"\r\n\r\n" not in self.unread:
            if not self.more():
                assert not self.unread, "cut off in the middle"
                return b""
        head, _, rest = self.unread.partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: *(\d+)", head, re.I)[1])
        self.unread = rest
        while len(self.unread) < length:
            assert self.more(), "cut off in the middle"
        self.unread = self.unread[length:]
        return head

    def more(self):
        got = self.link.recv(65536)
        self.unread += got
        return got


class Ending(unittest.TestCase):
    def setUp(self):
        self.node = new_node()
        self.addCleanup(self.node.remove)

    def test_who_is_connected_is_answered_once_more(self):
        asks, keeps_quiet, never_asked = Caller(self.node), Caller(self.node), Caller(self.node)
        asks.ask(), keeps_quiet.ask()
        self.node.process.send_signal(signal.SIGTERM)
        self.assertTrue(eventually(lambda: b"Connection: close" in asks.ask()))  # once it has noticed
        for one in (asks, keeps_quiet, never_asked):
            self.assertEqual(one.more(), b"")  # the end, and no reset
        keeps_quiet.link.sendall(QUESTION)  # too late: not answered, but no reset either
        time.sleep(0.1)  # for a reset to come
        self.assertEqual(keeps_quiet.more(), b"")
        for one in (asks, keeps_quiet, never_asked):
            one.link.close()
        self.assertEqual(self.node.process.wait(20), 0)

    def test_a_crowd_that_asks_all_the_time_sees_no_reset(self):
        faults, answered, at_home = [], [], set()

        def ask_on(pause):
            try:
                caller = Caller(self.node)
                while head := caller.ask():
                    answered.append(head)
                    at_home.add(pause)
                    if b"Connection: close" in head:
                        break
                    time.sleep(pause)
                caller.link.close()
            except (OSError, AssertionError) as why:
                faults.append(repr(why))

        crowd = [threading.Thread(target=ask_on, args=(0.003 * number,)) for number in range(40)]
        for one in crowd:
            one.start()
        self.assertTrue(eventually(lambda: len(at_home) == len(crowd), 30), faults)
        self.node.process.send_signal(signal.SIGTERM)
        for one in crowd:
            one.join(30)
        self.assertEqual(faults, [])
        self.assertEqual(sum(b"Connection: close" in head for head in answered), len(crowd))
        self.assertEqual(self.node.process.wait(20), 0)
