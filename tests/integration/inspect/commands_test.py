"""The inspector's commands against a real node, as an operator runs them: JSON, exit codes, what must not be seen."""
import json
import re
import subprocess
import threading
import time
import unittest

from client import Organizer, Person, eventually
from inspector import INSPECTOR, ask, usher
from node import free_port
from world import new_node

SECRETS = re.compile(r"@usher\.example|Nguyen|argon2|correct horse|[0-9a-f]{64}")
ENVELOPE = ["command", "schema", "at", "complete", "missing", "cut", "findings"]


class Sale:
    """A node with a cluster port, and one order made on it."""

    def __init__(self):
        self.node = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()},
                              "actors": {"idle_after": "1min"}})
        self.home = self.node.home
        self.boss = Organizer(self.node)
        self.event = self.boss.event()["id"]
        self.buyer = Person(self.node)
        self.session = self.buyer.open(self.event)["id"]
        assert self.buyer.hold(self.session, best_available={"count": 2}).status == 200
        self.payment = self.buyer.checkout(self.session, key="pay-" + self.session).json["payment"]["id"]
        assert self.buyer.play(self.payment).status == 200
        eventually(lambda: self.buyer.session(self.session)["status"] == "completed")


class WithASale(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sale = Sale()
        cls.home = cls.sale.home

    @classmethod
    def tearDownClass(cls):
        cls.sale.node.remove()

    def ask(self, *words):
        return ask(self.home, *words)

    def put_into_the_journal(self, kind, key, facts, lsn=1_000_000):
        """Past the daemon, and so far behind what it writes that the two never meet."""
        self.sale.node.query("INSERT INTO journal (lsn, at, epoch, version, shard, kind, entity, facts) "
                             f"VALUES ({lsn}, now(), 1, 1, 255, {kind}, '{key}', '{facts}')")


class InspectLiving(WithASale):
    def test_nodes_with_their_figures(self):
        code, said = self.ask("nodes")
        self.assertEqual((code, list(said)[:7]), (0, ENVELOPE))
        one = said["nodes"][0]
        self.assertEqual((one["name"], one["state"], one["shards"]), ("one", "serving", 256))
        self.assertEqual(one["live"]["state"], "serving")
        self.assertGreater(one["live"]["residents"], 3)
        self.assertIsInstance(one["live"]["requests_per_second"], float)
        self.assertEqual(said["shards_without_owner"], 0)

    def test_shards_are_cut_where_the_limit_says(self):
        code, said = self.ask("shards")
        self.assertEqual((code, len(said["shards"]), said["cut"]), (0, 100, True))
        code, said = self.ask("shards", "--limit", "300", "--node", "one")
        self.assertEqual((code, len(said["shards"]), said["cut"]), (0, 256, False))
        self.assertEqual(list(said["shards"][0]), ["cell", "shard", "epoch", "owner", "node", "pinned"])
        code, said = self.ask("shards", "--node", "two")
        self.assertEqual(said["shards"], [])

    def test_where(self):
        code, said = self.ask("where", self.sale.session)
        self.assertEqual(code, 0)
        self.assertEqual(said["entity"], "booking_session:" + self.sale.session)
        self.assertEqual((said["node"], said["epoch"]), ("one", 1))
        self.assertTrue(said["beliefs"][0]["resident"])
        self.assertTrue(said["beliefs"][0]["is_owner"])
        self.assertEqual(said["version"], 5)

    def test_state_durable_and_in_flight(self):
        code, said = self.ask("state", self.sale.session)
        self.assertEqual((code, said["missing"]), (0, []))
        self.assertEqual(said["durable"]["state"]["status"], "completed")
        self.assertEqual(said["in_flight"]["state"], said["durable"]["state"])
        self.assertEqual(said["in_flight"]["version"], said["durable"]["version"])
        self.assertFalse(said["in_flight"]["asking"])

    def test_state_of_a_seat_block_with_who_holds_what(self):
        code, said = self.ask("state", self.sale.session)
        block = said["durable"]["state"]["items"][0]["block"]
        code, said = self.ask("state", "seat_block:" + block)
        self.assertEqual(code, 0)
        self.assertIn(self.sale.session, said["durable"]["state"]["sold"])

    def test_time_travel(self):
        states = [self.ask("state", self.sale.session, "--at", str(n))[1]["durable"]["state"]["status"]
                  for n in range(1, 6)]
        self.assertEqual(states, ["open", "open", "checkout", "checkout", "completed"])
        rows = self.ask("journal", self.sale.session)[1]["rows"]
        when = rows[1]["at"]
        last_then = max(row["version"] for row in rows if row["at"] == when)  # a millisecond may hold several
        code, said = self.ask("state", self.sale.session, "--at", when)
        self.assertEqual((code, said["durable"]["version"]), (0, last_then))
        self.assertNotIn("in_flight", said)
        code, said = self.ask("state", self.sale.session, "--at=-1h")
        self.assertEqual((code, said["durable"]), (1, None))
        self.assertEqual(usher(self.home, "state", self.sale.session, "--at", "99")[0], 2)

    def test_what_does_not_exist_is_a_finding(self):
        nobody = "event:01a1fc77-b8cf-7000-9c07-ce6333ab6158"
        code, said = self.ask("state", nobody)
        self.assertEqual((code, said["durable"], said["findings"]), (1, None, ["it does not exist"]))
        code, said = self.ask("journal", nobody)
        self.assertEqual((code, said["rows"], said["findings"]), (1, [], ["nothing is stored of it"]))

    def test_diff(self):
        code, said = self.ask("diff", self.sale.session, "1", "5")
        self.assertEqual(code, 1)
        changed = {one["path"]: (one["from"], one["to"]) for one in said["changes"]}
        self.assertEqual(changed["status"], ("open", "completed"))
        self.assertEqual(changed["payment"], (None, self.sale.payment))
        self.assertEqual(self.ask("diff", self.sale.session, "2", "2")[0], 0)
        code, said = self.ask("diff", self.sale.session, "1", "5", "--limit", "1")
        self.assertEqual((len(said["changes"]), said["cut"]), (1, True))

    def test_journal(self):
        code, said = self.ask("journal", self.sale.session)
        self.assertEqual((code, said["cut"]), (0, False))
        # The answer to a request with a key is owed once the payment is there: a row without facts.
        self.assertEqual([[one["fact"].split(".")[1] for one in row["facts"]] for row in said["rows"]],
                         [["opened/1"], ["added/1"], ["checkout_started/1"], [], ["completed/1"]])
        self.assertEqual([row["request"] and row["request"]["status"] for row in said["rows"]],
                         [None, None, None, 200, None])
        code, said = self.ask("journal", self.sale.session, "--limit", "2")
        self.assertEqual(([row["version"] for row in said["rows"]], said["cut"]), ([4, 5], True))
        code, said = self.ask("journal", self.sale.session, "--from", "2", "--limit", "2")
        self.assertEqual(([row["version"] for row in said["rows"]], said["cut"]), ([2, 3], True))

    def test_trace(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        buyer = Person(self.sale.node)
        session = buyer.open(self.sale.event)["id"]
        said = buyer.post(f"/v1/sessions/{session}/seats", {"best_available": {"count": 1}},
                          headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        self.assertEqual((said.status, said.header("X-Trace-Id")), (200, trace))
        code, said = self.ask("journal", session)
        self.assertEqual([row["trace"] for row in said["rows"]], [None, trace])
        code, said = self.ask("trace", trace)
        self.assertEqual((code, said["trace"], said["cut"]), (0, trace, False))
        found = {(row["entity"].split(":")[0], one["fact"]) for row in said["rows"] for one in row["facts"]}
        self.assertLessEqual({("booking_session", "booking_session.added/1"), ("seat_block", "seat_block.held/1")}, found)
        self.assertEqual({row["trace"] for row in said["rows"]}, {trace})
        for missing in (0, 1):
            self.assertEqual(self.ask("trace", trace, "--limit", str(len(said["rows"]) - missing))[1]["cut"], missing == 1)
        self.assertIn("booking_session:" + session, [row["entity"] for row in said["rows"]])
        self.assertIn("trace " + trace, usher(self.home, "journal", session)[1])
        code, said = self.ask("trace", trace[::-1])
        self.assertEqual((code, said["rows"]), (1, []))
        self.assertEqual(usher(self.home, "trace", "mine")[0], 2)
    def test_what_is_long_in_a_row_is_cut_as_well(self):
        key = "01a1fc77-b8cf-7000-9c07-ce6333ab6157"
        facts = [["seat_block.released/1", {"session": key, "seats": list(range(9_000)), "places": 0}]]
        self.put_into_the_journal(6, key, json.dumps(facts), lsn=999_999)
        code, said = self.ask("journal", "seat_block:" + key)
        self.assertEqual((code, said["cut"]), (0, True))
        self.assertEqual(said["rows"][0]["facts"][0]["body"]["seats"][-1], "... and 8901 more")
        self.assertLess(len(usher(self.home, "journal", "seat_block:" + key)[1]), 2_000)
        code, said = self.ask("journal", "seat_block:" + key, "--limit", "9000")
        self.assertEqual((len(said["rows"][0]["facts"][0]["body"]["seats"]), said["cut"]), (9_000, False))

    def follow(self, kind, most):
        """The lines of `usher follow` while carts are opened and cancelled."""
        seen = []
        words = ("follow", kind, "--max", str(most), "--for", "30s")
        watching = threading.Thread(target=lambda: seen.append(usher(self.home, *words, "-o", "json", deadline=40)))
        began = time.monotonic()
        watching.start()
        while watching.is_alive() and time.monotonic() - began < 20:  # it watches from some moment on
            session = self.sale.boss.open(self.sale.event)["id"]
            self.sale.boss.post(f"/v1/sessions/{session}/cancel")
            watching.join(0.3)
        watching.join(20)
        self.assertLess(time.monotonic() - began, 20)
        code, out, err = seen[0]
        self.assertEqual(code, 0, err)
        return [json.loads(line) for line in out.splitlines()]

    def test_follow_shows_what_becomes_durable_and_ends(self):
        lines = self.follow("booking_session", 2)
        self.assertEqual(len(lines), 3)
        self.assertTrue(all(line["entity"].startswith("booking_session:") for line in lines[:2]))
        self.assertEqual(lines[-1]["shown"], 2)
        began = time.monotonic()
        self.assertEqual(self.ask("follow", self.sale.session, "--for", "300ms")[1]["shown"], 0)
        self.assertLess(time.monotonic() - began, 5)

    def test_follow_finds_rows_that_were_put_into_holes_of_the_table(self):
        query = self.sale.node.query
        filler = "INSERT INTO journal (lsn, at, epoch, version, shard, kind, entity, facts, is_listed) SELECT 1000000 " \
                 "+ i, now(), 1, 1, 255, 8, gen_random_uuid(), repeat('x', 1900), false FROM generate_series(1, {}) i"
        query("ALTER TABLE journal SET (autovacuum_enabled = false)")
        query(filler.format(2000))  # 500 pages, to be emptied
        hollow = int(query("SELECT pg_relation_size('journal') / 8192"))
        query(filler.format(2000))  # and as many behind them
        fillers = "DELETE FROM journal WHERE lsn BETWEEN 1000001 AND 2000000"
        query(f"{fillers} AND ctid < '({hollow - 2},0)'")
        query("VACUUM journal")
        lines = self.follow("booking_session", 6)
        self.assertEqual(lines[-1]["shown"], 6)
        page = query("SELECT max((ctid::text::point)[0]) FROM journal WHERE entity = '"
                     + lines[5]["entity"].split(":")[1] + "'")
        self.assertLess(float(page), hollow, "the rows did not come to lie in the holes, so nothing was shown here")
        of_carts = {}
        for line in lines[:6]:  # each cart from its first row on: none was missed
            of_carts.setdefault(line["entity"], []).append(line["version"])
        for versions in list(of_carts.values())[1:]:
            self.assertEqual(versions, list(range(1, len(versions) + 1)))
        query(fillers)

    def test_actors(self):
        code, said = self.ask("actors", "--kind", "booking_session", "--sort", "age")
        self.assertEqual(code, 0)
        self.assertTrue(all(row["entity"].startswith("booking_session:") for row in said["actors"]))
        one = said["actors"][0]
        self.assertEqual((one["mailbox"], one["waiting"], one["asking"], one["node"]), (0, 0, False, "one"))
        self.assertGreater(one["heard"], 0)
        code, said = self.ask("actors", "--limit", "1")
        self.assertEqual((len(said["actors"]), said["cut"]), (1, True))

    def test_hot_counts_while_it_looks(self):
        over = threading.Event()
        reader = Person(self.sale.node)

        def busy():
            while not over.is_set():
                reader.get(f"/v1/events/{self.sale.event}")
        knocking = threading.Thread(target=busy)
        knocking.start()
        short = self.ask("hot", "--window", "1s")
        long = usher(self.home, "hot", "--window", "17s", "-o", "json", deadline=40)
        over.set()
        knocking.join()
        for code, said in (short, (long[0], json.loads(long[1]))):
            self.assertEqual(code, 0)
            hottest = said["hot"][0]
            self.assertEqual(hottest["entity"], "event:" + self.sale.event)
            self.assertGreater(hottest["per_second"], 10)

    def test_tree_quarantine_and_dead_letters(self):
        code, said = self.ask("tree")
        self.assertEqual(code, 0)
        names = [one["name"] for one in said["nodes"][0]["tree"]["children"]]
        self.assertIn("journal writer", names)
        self.assertIn("entities", names)
        code, said = self.ask("quarantine")
        self.assertEqual((code, said["quarantine"]), (0, []))
        self.assertEqual(self.ask("dead-letters")[1]["dead_letters"], [])

    def test_nothing_secret_is_ever_shown(self):
        for words in (["state", "account:" + self.sale.buyer.id], ["journal", self.sale.buyer.id],
                      ["state", self.sale.session], ["journal", self.sale.session],
                      ["diff", self.sale.buyer.id, "0", "2"], ["actors"], ["nodes"]):
            for form in ([], ["-o", "json"]):
                code, out, err = usher(self.home, *words, *form)
                self.assertFalse(SECRETS.search(out + err), (words, out))
        code, said = self.ask("journal", self.sale.buyer.id)
        self.assertEqual(said["rows"][0]["facts"][0]["body"]["who"]["email"], "[redacted]")

    def test_escapes_do_not_reach_the_terminal(self):
        # What HTTP refuses may still come from elsewhere: here straight into the journal.
        key = "01a1fc77-b8cf-7000-9c07-ce6333ab6151"
        facts = '[["organization.created/1",{"owner":"%s","name":"\\u001b[31mRed\\u0007\\u202e"}]]' % key
        self.put_into_the_journal(3, key, facts)
        for words in (["state", key, "--durable"], ["journal", key]):
            for form in ([], ["-o", "json"]):
                code, out, err = usher(self.home, *words, *form)
                self.assertEqual(code, 0)
                self.assertIn("Red", out)
                self.assertFalse(re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]|u001b|31m", out), repr(out))

    def test_usage_is_2(self):
        for words in ([], ["bogus"], ["state"], ["state", "nonsense"], ["state", "seat:" + self.sale.session],
                      ["actors", "--sort", "beauty"], ["actors", "--kind", "dog"], ["nodes", "--limit", "0"],
                      ["nodes", "--deadline", "soon"], ["hot", "--window", "11min"],
                      ["hot", "--window", "99999999999d"], ["nodes", "--deadline", "100000d"],
                      ["follow", "event", "--max", "-1"], ["follow", "event", "--for", "9223372036854775807ms"],
                      ["journal", self.sale.session, "--from", "-1"], ["state", self.sale.session, "--at=-9999999d"],
                      ["quarantine", "retry"], ["diff", self.sale.session, "1"],
                      ["passivate", self.sale.session], ["nodes", "-o", "xml"], ["rebalance"]):
            self.assertEqual(usher(self.home, *words)[0], 2, words)
        self.assertEqual(usher("/nonexistent", "nodes")[0], 2)
        self.assertEqual(usher(self.home, "nodes", "--key", "some.key")[0], 2)
        self.assertEqual(usher(self.home, "--help")[0], 0)
        self.assertIn("rebalance", usher(self.home, "help")[1])
        self.assertRegex(usher(self.home, "--version")[1], r"^usher \d+\.\d+")
        self.assertIn("bogus", usher(self.home, "bogus")[2])
        for command in ("diff", "drain", "restart", "event"):
            text = usher(self.home, command, "--help")[1]
            self.assertIn("--deadline", text)
            self.assertRegex(text, r"-10min|name|kind:uuid|pause or resume")

    def test_an_answer_that_cannot_be_written_is_no_success(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([INSPECTOR, "--home", str(self.home), "nodes"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 4)


class InspectActs(WithASale):
    def record(self):
        return self.sale.node.query("SELECT act, coalesce(outcome, 'intent') FROM audit ORDER BY number").splitlines()

    def test_acts_want_yes_and_leave_a_record(self):
        name = "booking_session:" + self.sale.session
        self.assertEqual(usher(self.home, "passivate", name)[0], 2)
        before = len(self.record())
        code, said = self.ask("passivate", name, "--yes")
        self.assertEqual((code, said["done"]), (0, True))
        self.assertTrue(eventually(lambda: not self.ask("where", name)[1]["beliefs"][0]["resident"]))
        code, said = self.ask("passivate", name, "--yes")
        self.assertEqual((code, said["done"]), (1, False))
        self.assertEqual(len(self.record()), before + 2)
        self.assertIn("passivate|intent", self.record())
        code, said = self.ask("audit")
        self.assertEqual((code, said["audit"][-1]["act"]), (0, "passivate"))
        for limit, is_cut in ((len(self.record()), False), (len(self.record()) - 1, True)):
            said = self.ask("audit", "--limit", str(limit))[1]
            self.assertEqual((len(said["audit"]), said["cut"]), (limit, is_cut))

    def test_restart_goes_on_by_replay(self):
        self.sale.buyer.session(self.sale.session)
        began = time.monotonic()
        code, said = self.ask("restart", self.sale.session, "--yes")
        self.assertEqual((code, said["done"]), (0, True))
        self.assertEqual(self.sale.buyer.session(self.sale.session)["status"], "completed")
        code, said = self.ask("actors", "--kind", "booking_session")
        mine = [row for row in said["actors"] if row["entity"].endswith(self.sale.session)]
        self.assertLess(mine[0]["age_ms"], (time.monotonic() - began) * 1000)

    def test_a_paused_event_opens_no_session_and_open_ones_go_on(self):
        before = self.sale.boss.open(self.sale.event)["id"]
        code, said = self.ask("event", "pause", self.sale.event, "--yes")
        self.assertEqual((code, said["done"]), (0, True))
        refused = self.sale.buyer.post(f"/v1/events/{self.sale.event}/sessions", {})
        self.assertEqual(refused.code, "not_on_sale")
        self.assertEqual(self.sale.boss.hold(before, best_available={"count": 1}).status, 200)
        code, said = self.ask("event", "resume", self.sale.event, "--yes")
        self.assertEqual((code, said["done"]), (0, True))
        self.assertEqual(self.sale.boss.post(f"/v1/events/{self.sale.event}/sessions", {}).status, 201)
        draft = self.sale.boss.draft()["id"]
        code, said = self.ask("event", "pause", draft, "--yes")
        self.assertEqual((code, said["done"]), (1, False))
        self.assertIn("wrong_state", said["nodes"][0]["said"])
        nobody = "0192f3a0-0000-7000-8000-000000000000"
        self.assertEqual(self.ask("event", "pause", nobody, "--yes")[0], 1, "nothing is paused")
        before = len(self.record())
        for words in (["event", "stop", self.sale.event], ["event", "pause", "booking_session:" + self.sale.session],
                      ["event", "pause", "nonsense"], ["restart", "nonsense"], ["dead-letters", "drop", "one/3x"],
                      ["dead-letters", "drop", "one/"], ["dead-letters", "drop", "/3"]):
            self.assertEqual(usher(self.home, *words, "--yes")[0], 2, words)
        self.assertEqual(len(self.record()), before)

    def test_the_record_may_not_be_changed(self):
        with self.assertRaises(RuntimeError):
            self.sale.node.query("SET ROLE usher_app; DELETE FROM audit")
        with self.assertRaises(RuntimeError):
            self.sale.node.query("SET ROLE usher_app; UPDATE audit SET act = 'nothing'")


class InspectQuarantine(WithASale):
    def test_an_entity_that_cannot_be_read_is_set_aside_and_released(self):
        key = "01a1fc77-b8cf-7000-9c07-ce6333ab6152"
        self.put_into_the_journal(8, key, '[["booking_session.sung/9",{}]]')
        for _ in range(12):
            self.sale.buyer.get(f"/v1/sessions/{key}")
        code, said = self.ask("quarantine")
        self.assertEqual((code, said["quarantine"][0]["entity"]), (1, "booking_session:" + key))
        self.assertIn("unknown fact", said["quarantine"][0]["why"])
        self.assertEqual(usher(self.home, "state", key)[0], 1)
        code, said = self.ask("quarantine", "retry", key, "--yes")
        self.assertEqual((code, said["done"]), (0, True))
        self.assertEqual(self.ask("quarantine")[0], 0)


class InspectDead(WithASale):
    """When every node is dead, and when PostgreSQL is."""

    def test_everything_durable_is_still_told(self):
        self.sale.node.kill9()
        code, said = self.ask("nodes")
        self.assertEqual((code, said["complete"]), (3, False))  # its lease still holds: it should have answered
        self.assertEqual(said["missing"][0]["who"], "one")
        self.assertIsNone(said["nodes"][0]["live"])
        code, said = self.ask("state", self.sale.session)
        self.assertEqual((code, said["durable"]["state"]["status"], said["in_flight"]), (3, "completed", None))
        eventually(lambda: self.ask("nodes")[0] == 1, 20)  # the lease is over
        code, said = self.ask("nodes")
        self.assertEqual((code, said["nodes"][0]["state"], said["shards_without_owner"]), (1, "overdue", 256))
        for words in (["state", self.sale.session, "--durable"], ["state", self.sale.session, "--at", "2"],
                      ["journal", self.sale.session], ["shards"], ["follow", "event", "--for", "200ms"]):
            self.assertIn(self.ask(*words)[0], (0, 1), words)
        self.assertEqual(self.ask("where", self.sale.session)[1]["version"], 5)
        code, said = self.ask("actors")
        self.assertEqual((code, said["actors"]), (3, []))
