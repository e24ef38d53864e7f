"""A node that serves HTTP and owns no shard: whatever it answers, it has from the others."""
import unittest

from client import Client, Organizer, Person, eventually
from inspector import ask
from live_test import Feed
from node import free_port
from world import contract, front_node, new_node


class AFrontAlone(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}})
        cls.two = front_node(cls.one)
        cls.boss = Organizer(cls.two, contract)

    @classmethod
    def tearDownClass(cls):
        cls.two.remove()
        cls.one.remove()

    def tearDown(self):
        self.assertEqual(self.roles_and_shares(), {"one": (["front", "worker"], 256), "two": (["front"], 0)})
        self.assertEqual(ask(self.one.home, "rebalance", "--dry-run")[1]["to_move"], 0)
        self.assertEqual({row["node"] for row in ask(self.one.home, "actors")[1]["actors"]}, {"one"})

    def roles_and_shares(self):
        return {row["name"]: (row["roles"], row["shards"]) for row in ask(self.one.home, "nodes")[1]["nodes"]}

    def at_one(self, who):
        """The same user at the node that owns everything."""
        return Client(self.one, contract, who.token)

    def test_it_sells(self):
        event, buyer = self.boss.event()["id"], Person(self.two, contract)
        bought = f"/v1/sessions/{buyer.buy(event, 'A-1-1', 'A-1-2')['id']}"
        self.assertTrue(eventually(lambda: buyer.get(bought).json["session"]["status"] == "completed"))
        self.assertEqual(buyer.get(bought).json["session"], self.at_one(buyer).get(bought).json["session"])
        tickets = buyer.get(bought).json["session"]["tickets"]
        self.assertEqual(sorted(ticket["seat"] for ticket in tickets), ["A-1-1", "A-1-2"])
        for ticket in tickets:
            self.assertTrue(eventually(lambda: buyer.get(f"/v1/tickets/{ticket['id']}").status == 200))
        self.assertEqual(buyer.get("/v1/users/me").json["user"]["email"], buyer.email)
        listed = lambda: [one["id"] for one in buyer.get("/v1/events?limit=50").json["events"]]
        self.assertTrue(eventually(lambda: event in listed()))
        sections = buyer.get(f"/v1/events/{event}/seats").json["sections"]
        seats = {seat["id"]: seat["status"] for section in sections for seat in section.get("seats", [])}
        self.assertEqual((seats["A-1-1"], seats["A-1-3"]), ("sold", "available"))

    def test_a_repeat_there_and_elsewhere_is_one_request(self):
        event, buyer = self.boss.event()["id"], Person(self.two, contract)
        there, elsewhere = (who.post(f"/v1/events/{event}/sessions", {}, key="once") for who in (buyer, self.at_one(buyer)))
        self.assertEqual((there.status, there.body), (201, elsewhere.body))
        session = there.json["session"]["id"]
        wish = f"/v1/sessions/{session}/seats", {"seats": ["B-1-1"]}
        elsewhere, there = (who.post(*wish, key="seat") for who in (self.at_one(buyer), buyer))
        self.assertEqual((there.status, there.body), (200, elsewhere.body))

    def test_a_turn_in_the_waiting_room_comes_there(self):
        room = {"enabled": True, "max_active": 2, "batch": 2, "token_seconds": 60}
        event, buyer = self.boss.event({"waiting_room": room})["id"], Person(self.two, contract)
        place = f"/v1/events/{event}/queue"
        self.assertEqual(buyer.post(place).status, 200)
        token = eventually(lambda: buyer.get(place).json.get("checkout_token"))
        self.assertTrue(token, buyer.get(place))
        self.assertEqual(buyer.open(event, checkout_token=token)["status"], "open")

    def test_a_feed_works_there(self):
        event, buyer = self.boss.event()["id"], Person(self.two, contract)
        session = buyer.open(event)["id"]
        feed = Feed(event, at=self.two)
        # The owner of its blocks says when it knows of the watcher, who may have missed something until then.
        self.assertEqual([feed.next()["type"], feed.next()["type"]], ["welcome", "resync"])
        buyer.hold(session, "A-1-1")
        told = feed.next()
        self.assertEqual((told["type"], told["section"], told["seats"]), ("seat-locked", "A", ["A-1-1"]))
        self.at_one(buyer).delete(f"/v1/sessions/{session}/seats/A-1-1")
        told = feed.next()
        self.assertEqual((told["type"], told["seats"]), ("seat-released", ["A-1-1"]))
        feed.close()
