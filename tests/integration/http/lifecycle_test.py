"""Stopping, being killed, and losing the database, in the middle of it all."""
import http.client
import os
import signal
import threading
import time
import unittest

from client import Client, Organizer, Person, Raw, eventually
from node import Postgres, free_port, fresh
from world import SEVERAL_THREADS, anyone, contract, new_node, person


class Load:
    """Buyers who hold and give back seats, and remember what was acknowledged."""

    def __init__(self, node, workers=8):
        self.node, self.boss = node, Organizer(node)
        self.event = self.boss.event({"max_per_user": 50})["id"]
        self.acknowledged, self.odd, self.lock = [], [], threading.Lock()
        self.over = False
        self.people = [Person(node) for _ in range(workers)]
        self.threads = [threading.Thread(target=self.work, args=(one,)) for one in self.people]
        for one in self.threads:
            one.start()

    def work(self, who):
        while not self.over:
            try:
                if who.link is None:
                    who.link = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=15)
                    who.link.connect()
            except OSError:
                return  # nobody listens any more
            try:
                who.link.request("POST", f"/v1/events/{self.event}/sessions", b"{}",
                                 {"Authorization": f"Bearer {who.token}", "Content-Type": "application/json"})
                got = who.link.getresponse()
                body = got.read()
            except (OSError, http.client.HTTPException) as gone:
                # Only a connection that nothing was sent on by the daemon may end: it was idle.
                with self.lock:
                    self.odd.append(repr(gone))
                return
            import json
            with self.lock:
                if got.status == 201:
                    self.acknowledged.append((json.loads(body)["session"]["id"], who))
                elif got.status != 503:
                    self.odd.append(f"{got.status} {body[:100]}")
            if got.will_close:
                who.close()

    def end(self):
        self.over = True
        for one in self.threads:
            one.join(20)
        for one in self.people:
            one.close()

    def gets_going(self):
        """Until enough was sold for something to be lost."""
        assert eventually(lambda: len(self.acknowledged) > 300, 60), (len(self.acknowledged), self.odd)

    def missing(self):
        found = set(self.node.query("SELECT DISTINCT entity FROM journal").split())
        return [one for one, _ in self.acknowledged if one not in found]


class Stopping(unittest.TestCase):
    def test_sigterm_under_load_finishes_what_is_under_way(self):
        self.stop_under_load(new_node())

    def test_sigterm_under_load_with_several_threads(self):
        self.stop_under_load(new_node(SEVERAL_THREADS))

    def stop_under_load(self, node):
        load = Load(node)
        load.gets_going()
        start = time.monotonic()
        code = node.stop()
        took = time.monotonic() - start
        load.end()
        self.assertEqual(code, 0, node.last_words())
        self.assertLess(took, 12)
        self.assertEqual(load.missing(), [])
        cut = [x for x in load.odd if "RemoteDisconnected" not in x and "Reset" not in x and "BrokenPipe" not in x]
        self.assertEqual(cut, [], "an answer was cut off")
        node.start()
        me = load.people[0]
        mine = next(session for session, who in load.acknowledged if who is me)
        self.assertEqual(me.session(mine)["status"], "open")
        self.assertEqual(node.stop(), 0)

    def test_slow_clients_and_watchers_do_not_hold_it_up(self):
        node = new_node()
        event = Organizer(node).event()["id"]
        idle, half = Raw(node), Raw(node)
        half.send(b"GET /hea")
        watchers = [Raw(node) for _ in range(12)]
        for one in watchers:
            one.send(f"GET /v1/events/{event}/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode())
        self.assertEqual(watchers[0].answer().status, 101)  # others are in the middle of it
        start = time.monotonic()
        self.assertEqual(node.stop(), 0, node.last_words())
        self.assertLess(time.monotonic() - start, 8)
        for one in (idle, half, *watchers):
            one.close()


class Killing(unittest.TestCase):
    def test_sigkill_in_the_middle_of_the_walk(self):
        node = new_node()
        boss = Organizer(node, contract)
        event = boss.event()["id"]
        me = Person(node, contract)
        keys = {word: fresh("key") for word in ("session", "seats", "checkout", "event")}
        form = boss.event_form()
        made = {
            "event": (boss, "/v1/events", form),
            "session": (me, f"/v1/events/{event}/sessions", {}),
        }
        first = {word: who.post(target, body, key=keys[word]) for word, (who, target, body) in made.items()}
        session = first["session"].json["session"]["id"]
        for word, target, body in (("seats", "seats", {"seats": ["A-1-1", "A-1-2"]}),
                                   ("checkout", "checkout", {"payment_method": "sandbox"})):
            made[word] = (me, f"/v1/sessions/{session}/{target}", body)
            first[word] = me.post(made[word][1], body, key=keys[word])
        node.kill9()
        node.start()
        self.assertEqual(me.get("/v1/users/me").status, 200, "the same token goes on")
        for word, (who, target, body) in made.items():
            again = who.post(target, body, key=keys[word])
            self.assertEqual((again.status, again.body), (first[word].status, first[word].body), word)
        payment = first["checkout"].json["payment"]["id"]
        self.assertEqual(me.play(payment).status, 200)
        self.assertEqual(me.session(session)["status"], "completed")
        tickets = me.session(session)["tickets"]
        node.kill9()
        node.start()
        self.assertEqual(me.session(session)["tickets"], tickets)
        self.assertTrue(eventually(lambda: len(me.get("/v1/tickets").json["tickets"]) == 2))
        self.assertEqual(me.post("/v1/auth/refresh", {"refresh_token": me.refresh}).status, 200)
        self.assertEqual(node.stop(), 0)

    def test_what_the_provider_owes_survives_sigkill(self):
        """The sandbox's book is the provider's, not the process's: it tells after a restart what it has not told yet."""
        node = new_node()
        event = Organizer(node).event({"hold_seconds": 4, "checkout_seconds": 4})["id"]
        me = Person(node)
        session = me.open(event)["id"]
        me.hold(session, "A-1-1")
        payment = me.checkout(session).json["payment"]["id"]
        self.assertEqual(me.play(payment, "late_success").status, 200)
        node.kill9()
        time.sleep(4.5)  # its window is over while nobody is there
        node.start()
        done = eventually(lambda: me.session(session)["status"] == "completed", 20)
        self.assertTrue(done, me.session(session))
        self.assertEqual(node.stop(), 0)

    def test_what_one_node_left_undelivered_another_delivers(self):
        """One node's webhooks go nowhere; another, on the same database, finds them owed."""
        node = new_node({"sandbox": {"base_url": f'"http://127.0.0.1:{free_port()}"'}})
        event = Organizer(node).event()["id"]
        me = Person(node)
        session = me.open(event)["id"]
        me.hold(session, "A-1-1")
        payment = me.checkout(session).json["payment"]["id"]
        said = me.play(payment)
        self.assertEqual((said.status, said.code), (503, "outcome_unknown"))
        self.assertEqual(me.session(session)["status"], "checkout")
        node.kill9()
        node.change = {}
        node.start()
        self.assertTrue(eventually(lambda: me.session(session)["status"] == "completed"), me.session(session))
        owed = lambda: node.query("SELECT count(*) FROM sandbox_callback WHERE due IS NOT NULL")
        self.assertTrue(eventually(lambda: owed() == "0"), "it is told again and again")
        self.assertEqual(node.stop(), 0)

    def test_sigkill_under_load_loses_nothing_acknowledged(self):
        self.kill_under_load(new_node())

    def test_sigkill_under_load_with_several_threads(self):
        self.kill_under_load(new_node(SEVERAL_THREADS))

    def kill_under_load(self, node):
        load = Load(node)
        load.gets_going()
        node.kill9()
        load.end()
        self.assertEqual(load.missing(), [])
        node.start()
        self.assertEqual({who.get(f"/v1/sessions/{one}").status for one, who in load.acknowledged[-100:]}, {200})
        self.assertEqual(node.stop(), 0)


class Database(unittest.TestCase):
    def shopping_when_postgresql_dies(self):
        """Somebody has opened a session; then its server is killed and stays away."""
        postgres = Postgres()
        self.addCleanup(postgres.remove)
        node = new_node(on=postgres)
        event = Organizer(node, contract).event()["id"]
        me = Person(node, contract)
        session = me.open(event)["id"]
        postgres.command("kill")
        return postgres, node, me, session

    def test_without_postgresql_it_says_so_and_comes_back(self):
        postgres, node, me, session = self.shopping_when_postgresql_dies()
        start = time.monotonic()
        said = me.hold(session, "A-1-1")
        self.assertIn(said.code, ("outcome_unknown", "unavailable"), said)
        self.assertEqual(said.header("Retry-After"), "1")
        self.assertLess(time.monotonic() - start, 6)
        client = anyone(node)
        unready = eventually(lambda: (lambda a: a if a.status == 503 else None)(client.get("/readyz")))
        self.assertTrue(unready, "it claims to be ready")
        self.assertEqual(client.get("/healthz").status, 200)
        for target in ("/v1/events", "/v1/layouts"):
            self.assertIn(client.get(target).status, (200, 503))
        postgres.command("start")
        self.assertTrue(eventually(node.is_ready, 30), node.last_words())
        held = eventually(lambda: (lambda a: a if a.status == 200 else None)(me.hold(session, "A-1-1")), 20)
        self.assertTrue(held, "it does not sell again")
        self.assertEqual(node.stop(), 0)

    def test_a_list_that_cannot_be_read_is_answered(self):
        node = new_node()
        me = person(node)
        node.query("ALTER TABLE order_list RENAME TO order_list_away")
        said = me.get("/v1/orders")
        self.assertEqual((said.status, said.code), (500, "internal"))
        node.query("ALTER TABLE order_list_away RENAME TO order_list")
        self.assertEqual(me.get("/v1/orders").status, 200)

    def test_what_cannot_be_read_harms_nobody_else(self):
        node = new_node()
        event = Organizer(node, contract).event()["id"]
        one, two = Person(node, contract), Person(node, contract)
        broken, whole = one.open(event)["id"], two.open(event)["id"]
        self.assertEqual(node.stop(), 0)
        node.query(f"UPDATE journal SET request = '{{' WHERE entity = '{broken}'")
        node.start()
        self.assertEqual(one.get(f"/v1/sessions/{broken}").status, 503)
        self.assertEqual(two.get(f"/v1/sessions/{whole}").status, 200)
        self.assertEqual(two.hold(whole, "A-1-1").status, 200)
        self.assertEqual(node.stop(), 0)

    def test_it_ends_with_a_part_that_nothing_goes_on_without(self):
        node = new_node()
        me = person(node)
        node.query("ALTER TABLE snapshot RENAME TO snapshot_away")
        with self.assertRaises(ConnectionError):
            me.get("/v1/sessions/01890a5d-ac96-774b-bcce-b302099a8057")
        self.assertEqual(node.process.wait(timeout=10), 71, node.last_words())
        node.query("ALTER TABLE snapshot_away RENAME TO snapshot")
        node.start()
        self.assertEqual(Client(node, contract, me.token).get("/v1/orders").status, 200)
        self.assertEqual(node.stop(), 0)

    def test_it_stops_though_postgresql_is_gone(self):
        postgres, node, me, session = self.shopping_when_postgresql_dies()
        self.assertEqual(me.hold(session, "A-1-1").status, 503)  # facts that wait for the journal
        self.assertEqual(me.get(f"/v1/sessions/{session}").status, 503)  # and an answer behind them
        self.assertEqual(node.stop(), 0)

    def test_it_is_not_ready_without_postgresql_though_nobody_writes(self):
        postgres = Postgres()
        self.addCleanup(postgres.remove)
        node = new_node(on=postgres)
        client = anyone(node)
        status = lambda: client.get("/readyz").status
        postgres.command("kill")
        self.assertTrue(eventually(lambda: status() == 503, 15), "it claims to be ready")
        self.assertEqual(client.get("/healthz").status, 200)
        postgres.command("start")
        self.assertTrue(eventually(lambda: status() == 200, 15), node.last_words())
        self.assertEqual(node.stop(), 0)

    def test_a_frozen_journal_keeps_the_door_open(self):
        """While a write hangs, a repeat under its key is in progress; then both are answered alike."""
        node = new_node()
        me = person(node)
        key = fresh("key")
        writers = [int(x) for x in node.query(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{node.database}' AND usename = 'usher_app'").split()]
        answers = []

        def send():
            mine = Client(node, contract, me.token)
            answers.append(mine.post("/v1/organizations", {"name": "Frozen"}, key=key))

        for pid in writers:
            os.kill(pid, signal.SIGSTOP)
        try:
            threads = [threading.Thread(target=send) for _ in range(2)]
            for one in threads:
                one.start()
                time.sleep(0.3)
            self.assertEqual(anyone(node).get("/healthz").status, 200)
        finally:
            for pid in writers:
                os.kill(pid, signal.SIGCONT)
        for one in threads:
            one.join()
        done = [a for a in answers if a.status == 201]
        self.assertTrue(done, answers)
        again = me.post("/v1/organizations", {"name": "Frozen"}, key=key)
        self.assertEqual({a.body for a in done}, {again.body})
        self.assertEqual(node.stop(), 0)
