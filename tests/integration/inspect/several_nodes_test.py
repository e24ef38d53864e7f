"""The inspector's commands against a cluster of two nodes, and against two cells."""
import time
import unittest

from client import Organizer, Person, eventually
from inspector import ask, usher
from node import free_port
from world import new_node, node_of_cell, postgres, second_node, worker_node


class InspectTwoNodes(unittest.TestCase):
    """Each node is asked; the owner tells what is in flight; one that is gone is named; a drained one gives up all."""

    def test_a_cluster_of_two(self):
        one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        two = second_node(one)
        self.addCleanup(one.remove)
        self.addCleanup(two.remove)

        def shares():
            return sorted(row["shards"] for row in ask(one.home, "nodes")[1]["nodes"] if row["state"] != "dead")
        has_settled = lambda: shares()[0] > 80 and ask(one.home, "rebalance", "--dry-run")[1]["to_move"] == 0
        self.assertTrue(eventually(has_settled, patience=30), shares())
        code, said = ask(one.home, "nodes")
        self.assertEqual((code, [row["live"]["name"] for row in said["nodes"]]), (0, ["one", "two"]))
        links = [[(link["name"], link["up"], link["trouble"], link["detour"]) for link in row["live"]["links"]]
                 for row in said["nodes"]]
        self.assertEqual(links, [[("two", True, None, None)], [("one", True, None, None)]])
        boss = Organizer(one)
        event = boss.event()["id"]
        sessions = []
        for front in ("one", "two"):
            mine = [Person({"one": one, "two": two}[front]).open(event)["id"] for _ in range(3)]
            self.assertEqual({ask(one.home, "where", session)[1]["node"] for session in mine}, {front})
            sessions += mine
        for session in sessions:
            code, said = ask(two.home, "state", session)
            self.assertEqual((code, said["in_flight"]["resident"]), (0, True))
            owner = ask(one.home, "where", session)[1]
            self.assertEqual(said["in_flight"]["node"], owner["node"])
            agree = lambda at: {belief["owner"] for belief in at["beliefs"]} == {at["owner"]}
            self.assertTrue(eventually(lambda: agree(ask(one.home, "where", session)[1])), owner)
        self.assertEqual({row["node"] for row in ask(one.home, "actors")[1]["actors"]}, {"one", "two"})
        self.move_about(one)
        two.process.send_signal(19)  # stopped: asked, and silent
        code, said = ask(one.home, "actors", "--deadline", "1s")
        self.assertEqual((code, [who["who"] for who in said["missing"]]), (3, ["two"]))
        self.assertTrue(said["actors"])
        two.process.send_signal(18)
        self.assertTrue(eventually(lambda: ask(one.home, "nodes")[0] == 0), "it does not come back")
        self.assertEqual(ask(one.home, "move", "7", "two", "--yes")[0], 0)
        self.assertEqual(ask(one.home, "drain", "two", "--yes")[0], 0)
        self.assertTrue(eventually(lambda: shares() == [256], patience=20), shares())
        pins = ask(one.home, "rebalance", "--dry-run")[1]["pins"]
        self.assertEqual(pins, [{"shard": 7, "node": "two", "heeded": False}])
        code, said = ask(one.home, "drain", "one", "--yes")  # the last
        self.assertEqual((code, said["done"]), (1, False))
        self.assertIn("nobody would have its shards", said["nodes"][0]["said"])
        self.assertEqual(shares(), [256])
        code, said = ask(one.home, "move", "8", "two", "--yes")
        self.assertEqual((code, said["done"]), (1, False))
        self.assertIn("no living node", said["nodes"][0]["said"])

    def move_about(self, home):
        """A shard is moved by hand, stays there, and goes back when it is let."""
        home = home.home
        whose = {row["shard"]: row["node"] for row in ask(home, "shards", "--limit", "256")[1]["shards"]}
        which = next(shard for shard, node in whose.items() if node == "one")
        for words in (["256", "two"], ["x", "two"], [str(which)], [str(which), "two", "--unpin"]):
            self.assertEqual(usher(home, "move", *words, "--yes")[0], 2, words)
        self.assertEqual(usher(home, "move", str(which), "two")[0], 2)  # without --yes
        code, said = ask(home, "move", str(which), "nobody", "--yes")
        self.assertEqual((code, said["done"]), (1, False))
        self.assertIn("no living node", said["nodes"][0]["said"])
        code, said = ask(home, "move", str(which), "two", "--yes")
        self.assertEqual((code, said["done"], said["node"], said["epoch"], said["pinned"]), (0, True, "two", 2, "two"))
        self.assertEqual(ask(home, "move", str(which), "two", "--yes")[1]["epoch"], 2)  # it is there
        self.assertEqual(ask(home, "audit")[1]["audit"][-1]["words"], [str(which), "two"])
        time.sleep(1.5)  # and nobody takes it back
        rows = {row["shard"]: row for row in ask(home, "shards", "--limit", "256")[1]["shards"]}
        self.assertEqual({shard: row["node"] for shard, row in rows.items()}, {**whose, which: "two"})
        self.assertEqual({row["pinned"] for row in rows.values()}, {None, "two"})
        code, said = ask(home, "rebalance", "--dry-run")
        self.assertEqual((code, said["pins"]), (0, [{"shard": which, "node": "two", "heeded": True}]))
        code, said = ask(home, "move", str(which), "--unpin", "--yes")
        self.assertEqual((code, said["node"], said["epoch"], said["pinned"]), (0, "one", 3, None))


class InspectBesideALoner(unittest.TestCase):
    """One that has no port for others, as it is set up to be alone, hears of no gift and so gets none."""

    def test_nothing_is_to_go_to_it(self):
        one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        self.addCleanup(one.remove)
        one.query("INSERT INTO member (name, lease_until, ttl) VALUES ('lonely', now() + interval '1 h', interval '4 s')")
        code, said = ask(one.home, "rebalance", "--dry-run")
        self.assertEqual((code, said["to_move"]), (0, 0))


class InspectAWorker(unittest.TestCase):
    """A node that serves no HTTP lets the quiet leave memory as any other."""

    def test_the_quiet_leave(self):
        one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        two = worker_node(one, {"actors": {"idle_after": "500ms"}})
        self.addCleanup(one.remove)
        self.addCleanup(two.remove)
        settled = lambda: ask(one.home, "rebalance", "--dry-run")[1]["to_move"] == 0
        self.assertTrue(eventually(settled, patience=30))
        event = Organizer(one).event()["id"]
        buyer = Person(one)
        opened = [buyer.post(f"/v1/events/{event}/sessions", {}, key=f"open-{n}") for n in range(20)]
        sessions = [said.json["session"]["id"] for said in opened]
        self.assertIn("two", {ask(one.home, "where", session)[1]["node"] for session in sessions})
        residents = lambda: [row for row in ask(one.home, "actors")[1]["actors"] if row["node"] == "two"]
        self.assertTrue(eventually(lambda: not residents(), patience=30), residents())


class InspectTwoCells(unittest.TestCase):
    """Shards of two cells have the same numbers: one of the second is moved, and its namesake in the first stays."""

    def setUp(self):
        databases = [postgres().new_database() for _ in range(2)]
        self.nodes = []
        for cell, name in ((0, "one"), (1, "two"), (1, "three")):
            self.nodes.append(node_of_cell(cell, name, databases))
            self.addCleanup(self.nodes[-1].remove)
        self.home = self.nodes[0].home
        self.assertTrue(eventually(lambda: len({row["node"] for row in self.shards(1).values()}) == 2
                                   and ask(self.home, "rebalance", "--dry-run", "--cell", "1")[1]["to_move"] == 0,
                                   patience=20))

    def shards(self, cell):
        rows = ask(self.home, "shards", "--limit", "512")[1]["shards"]
        return {row["shard"]: row for row in rows if row["cell"] == cell}

    def owners(self, cell):
        return {shard: (row["node"], row["epoch"], row["pinned"]) for shard, row in self.shards(cell).items()}

    def move(self, *words, cell=1):
        return ask(self.home, "move", *words, "--cell", str(cell), "--yes")

    def last_act(self, cell):
        return [one["words"] for one in ask(self.home, "audit", "--cell", str(cell))[1]["audit"]][-1:]

    def test_a_shard_of_the_second_cell_is_moved(self):
        event = Organizer(self.nodes[0]).event()["id"]
        buyer = Person(self.nodes[0])
        session = buyer.open(event)["id"]
        at = ask(self.home, "where", session)[1]
        which, source, epoch = at["shard"], at["node"], at["epoch"]
        target = {"two": "three", "three": "two"}[source]
        before = [self.owners(cell) for cell in (0, 1)]
        self.assertEqual((at["cell"], before[1][which]), (1, (source, epoch, None)))

        code, said = self.move(str(which), target, cell=0)  # whose namesake no node of that cell can have
        self.assertEqual((code, said["done"], [one["node"] for one in said["nodes"]]), (1, False, ["one"]))
        self.assertEqual(usher(self.home, "move", str(which), target, "--cell", "2", "--yes")[0], 2)
        self.assertEqual([self.owners(cell) for cell in (0, 1)], before)

        code, said = self.move(str(which), target)
        self.assertEqual((code, said["done"], said["node"], said["epoch"], said["pinned"]),
                         (0, True, target, epoch + 1, target))
        self.assertIn(said["nodes"][-1]["node"], ("two", "three"))
        self.assertEqual([self.last_act(cell) for cell in (0, 1)], [[[str(which), target]]] * 2)
        time.sleep(1.5)  # and nobody takes it back
        self.assertEqual(self.owners(0), before[0])
        self.assertEqual(self.owners(1), {**before[1], which: (target, epoch + 1, target)})
        pins = [ask(self.home, "rebalance", "--dry-run", "--cell", str(cell))[1]["pins"] for cell in (0, 1)]
        self.assertEqual(pins, [[], [{"shard": which, "node": target, "heeded": True}]])

        self.assertEqual(buyer.hold(session, best_available={"count": 2}).status, 200)  # across cells, at its new owner
        at = ask(self.home, "where", session)[1]
        self.assertEqual((at["node"], at["version"], {one["owner"] for one in at["beliefs"]}), (target, 2, {at["owner"]}))
        self.assertEqual(ask(self.home, "state", session)[1]["in_flight"]["node"], target)

        code, said = self.move(str(which), "--unpin")
        self.assertEqual((code, said["node"], said["epoch"], said["pinned"]), (0, source, epoch + 2, None))
        self.assertEqual(self.owners(0), before[0])
