"""Rate limits by address, user and login; the limits that an operator configures."""
import datetime
import resource
import signal
import threading
import time
import unittest
import uuid

from client import PASSWORD, Client, Organizer, Raw, eventually, webhook
from node import Unreadable, fresh
from world import anyone, contract, new_node, person


class RateLimits(unittest.TestCase):
    def flood(self, send, n):
        answers = [send() for _ in range(n)]
        refused = [a for a in answers if a.status == 429]
        self.assertNotEqual(answers[0].status, 429)
        self.assertTrue(refused, "nothing was limited")
        for one in refused:
            self.assertEqual(one.code, "rate_limited")
            self.assertGreaterEqual(int(one.header("Retry-After")), 1)
        return answers

    def test_by_address(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1, "address_burst": 80}})
        client = anyone(node)  # from here it was asked, too, whether it is ready
        answers = self.flood(lambda: client.get("/v1/events"), 120)
        self.assertLessEqual(sum(a.status == 200 for a in answers), 100)
        self.assertEqual(node.stop(), 0)

    def test_not_what_a_browser_asks_before_a_page_may(self):
        ours = "https://tickets.example"
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1, "address_burst": 80},
                         "security": {"cors_origins": f'["{ours}"]'}})
        client = anyone(node)
        ask = lambda origin: client.exchange("OPTIONS", "/v1/events", None,
                                             {"Origin": origin, "Access-Control-Request-Method": "POST"})
        self.assertEqual({ask(ours).status for _ in range(150)}, {204})
        self.assertEqual(client.get("/v1/events").status, 200)
        answers = self.flood(lambda: ask("https://evil.example"), 150)
        self.assertEqual({one.status for one in answers}, {405, 429})
        self.assertEqual(node.stop(), 0)

    def test_by_address_what_is_refused_early_too(self):
        limits = {"enabled": True, "per_address_per_second": 1, "address_burst": 30}
        node = new_node({"rate_limits": limits, "http": {"trusted_proxies": '["127.0.0.0/8"]'}})
        client = anyone(node)
        send = lambda method, target, place, **more: client.exchange(
            method, target, None, {"X-Forwarded-For": f"203.0.113.{place}", **more})
        for place, (method, target, more, status) in enumerate((
                ("GET", "/v1/nothing", {}, 404), ("DELETE", "/v1/events", {}, 405), ("GET", "/v1/users/me", {}, 401),
                ("GET", "/v1/users/me", {"Authorization": "Bearer nonsense"}, 401))):
            answers = self.flood(lambda: send(method, target, place, **more), 50)
            self.assertEqual({a.status for a in answers}, {status, 429}, target)
            self.assertEqual(send("GET", "/v1/events", place).status, 429, "it counts for all that the address asks")
        self.assertEqual(send("GET", "/v1/events", 99).status, 200)
        self.assertEqual(node.stop(), 0)

    def test_by_event_whoever_asks(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1000, "address_burst": 1000,
                                         "per_event_per_second": 1, "event_burst": 20},
                         "http": {"trusted_proxies": '["127.0.0.0/8"]'}})
        boss, places = Organizer(node, contract), iter(range(250))
        hot, calm = boss.event()["id"], boss.event()["id"]
        client = anyone(node)
        ask = lambda event: client.get(f"/v1/events/{event}/availability",
                                       headers={"X-Forwarded-For": f"203.0.113.{next(places)}"})
        self.flood(lambda: ask(hot), 40)
        self.assertEqual(person(node).post(f"/v1/events/{hot}/sessions", {}).status, 429)
        self.assertEqual((ask(calm).status, client.get("/v1/events").status), (200, 200))
        self.assertEqual(node.stop(), 0)

    def test_by_whom_a_proxy_speaks_for(self):
        limits = {"enabled": True, "per_address_per_second": 1, "address_burst": 30}
        behind = new_node({"rate_limits": limits, "http": {"trusted_proxies": '["127.0.0.0/8"]'}})
        client = anyone(behind)
        ask = lambda forwarded: client.get("/v1/events", headers={"X-Forwarded-For": forwarded})
        self.flood(lambda: ask("203.0.113.9"), 60)
        self.assertEqual(ask("203.0.113.10").status, 200)
        self.assertEqual(ask("198.51.100.1, 203.0.113.9").status, 429, "what a client claims helps nobody")
        self.assertEqual(behind.stop(), 0)
        alone = new_node({"rate_limits": {**limits, "address_burst": 80}})
        client = anyone(alone)
        numbers = iter(range(200))
        self.flood(lambda: ask(f"203.0.113.{next(numbers)}"), 120)  # nobody here is trusted
        self.assertEqual(alone.stop(), 0)

    def test_by_user_and_not_by_their_neighbours(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1000, "address_burst": 1000,
                                         "per_user_per_second": 1, "user_burst": 10}})
        me, other = person(node), person(node)
        self.flood(lambda: me.get("/v1/users/me"), 30)
        self.assertEqual(other.get("/v1/users/me").status, 200)
        self.assertEqual(anyone(node).get("/v1/events").status, 200)
        self.assertEqual(node.stop(), 0)

    def test_by_login(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1000, "address_burst": 1000,
                                         "logins_per_address_per_minute": 5}})
        me, client = person(node), anyone(node)
        answers = self.flood(lambda: client.post("/v1/auth/login", {"email": me.email, "password": "wrong wrong"}), 12)
        self.assertEqual([a.status for a in answers], [401] * 3 + [429] * 9)  # two made the account and signed in
        said = client.post("/v1/auth/login", {"email": me.email, "password": PASSWORD})
        self.assertEqual(said.status, 429, "the right password does not help")
        form = {"email": fresh("q") + "@usher.example", "password": PASSWORD, "first_name": "A", "last_name": "B"}
        self.assertEqual(client.post("/v1/auth/register", form).status, 429, "it costs as much")
        self.assertEqual(me.get("/v1/users/me").status, 200)
        self.assertEqual(node.stop(), 0)

    def test_by_wrong_passwords_of_a_name_from_anywhere(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1000, "address_burst": 1000,
                                         "logins_per_address_per_minute": 1000, "wrong_passwords_per_name": 3},
                         "http": {"trusted_proxies": '["127.0.0.0/8"]'}})
        me, other, client = person(node), person(node), anyone(node)

        def login(who, password, place):
            return client.post("/v1/auth/login", {"email": who.email, "password": password},
                               headers={"X-Forwarded-For": f"203.0.113.{place}"})

        self.assertEqual([login(me, "wrong wrong", n).status for n in range(5)], [401] * 3 + [429] * 2)
        said = login(me, PASSWORD, 77)
        self.assertEqual((said.status, said.code), (429, "rate_limited"), "nobody can go on and find it")
        self.assertTrue(60 < int(said.header("Retry-After")) <= 300, said.headers)
        self.assertEqual(login(other, PASSWORD, 77).status, 200, "others are not concerned")
        me.sign_in()  # where she signed in before
        home = lambda: client.post("/v1/auth/login", {"email": me.email.upper(), "password": "wrong wrong"}).status
        self.assertEqual([home() for _ in range(4)], [401] * 3 + [429])
        nobody = {"email": fresh("nobody") + "@usher.example", "password": PASSWORD}
        said = [client.post("/v1/auth/login", nobody).status for _ in range(4)]
        self.assertEqual(said, [401] * 3 + [429], "a name that is nobody's looks like any other")
        self.assertEqual(node.stop(), 0)

    def test_by_wrong_passwords_of_an_account_whatever_it_is_called(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1000, "address_burst": 1000,
                                         "logins_per_address_per_minute": 1000, "wrong_passwords_per_name": 3}})
        client = anyone(node)
        names = {"email": fresh("ada") + "@usher.example", "username": fresh("ada")}
        said = client.post("/v1/auth/register", {"email": names["email"], "user_name": names["username"],
                                                 "password": PASSWORD, "first_name": "A", "last_name": "B"})
        self.assertEqual(said.status, 201, said)
        login = lambda by: client.post("/v1/auth/login", {by: names[by], "password": "wrong wrong"}).status
        said = [login(by) for by in ("email", "username", "email", "username", "email")]
        self.assertEqual(said, [401] * 3 + [429] * 2)
        self.assertEqual(node.stop(), 0)

    def test_a_right_password_does_not_count(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1000, "address_burst": 1000,
                                         "logins_per_address_per_minute": 1000, "wrong_passwords_per_name": 1}})
        me = person(node)
        for _ in range(4):
            me.sign_in()
        self.assertEqual(node.stop(), 0)

    def test_a_provider_may_say_much_but_only_if_it_signs(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1, "address_burst": 80}})
        provider = anyone(node)
        money = {"amount": 100, "currency": "VND"}
        said = [webhook(provider, "payment.succeeded", str(uuid.uuid4()), money) for _ in range(150)]
        self.assertEqual({one.status for one in said}, {404}, "all are heard: nobody knows these payments")
        forged = self.flood(lambda: webhook(provider, "payment.succeeded", str(uuid.uuid4()), money,
                                            key=b"another key, just as long as that"), 150)
        self.assertEqual({one.status for one in forged}, {401, 429})
        known = webhook(provider, "payment.succeeded", str(uuid.uuid4()), money)
        self.assertEqual(known.status, 404, "the forger beside it costs the provider nothing")
        self.assertEqual(node.stop(), 0)


class Shedding(unittest.TestCase):
    def test_too_many_bytes_in_flight_put_off_what_is_new(self):
        node = new_node({"http": {"limits": {"layout_body_bytes": 4_000_000, "body_deadline": "60s"}},
                         "shedding": {"max_bytes_in_flight": 1_048_576}})
        boss = Organizer(node)
        event, me = boss.event()["id"], person(node)
        mine, queue = me.open(event)["id"], f"/v1/events/{event}/queue"
        raw = Raw(node, timeout=20)

        def fill(upto, sent=[0]):
            raw.send(b"x" * (upto - sent[0]))
            sent[0] = upto

        def is_told(*expected):
            self.assertTrue(eventually(lambda: statuses() == list(expected)), (expected, statuses()))

        def statuses():
            return [said.status for said in (me.get("/v1/events"), me.post(queue), me.hold(mine, "A-1-1"),
                                             me.get(f"/v1/sessions/{mine}"), me.get(queue), me.get("/healthz"))]

        raw.send(f"POST /v1/layouts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 f"Authorization: Bearer {boss.token}\r\nContent-Length: 2000000\r\n\r\n".encode())
        is_told(200, 409, 200, 200, 404, 200)
        fill(300_000)
        is_told(503, 409, 200, 200, 404, 200)
        fill(600_000)
        is_told(503, 503, 200, 200, 404, 200)
        fill(900_000)
        is_told(503, 503, 503, 200, 404, 200)
        fill(1_200_000)
        is_told(503, 503, 503, 503, 503, 200)
        said = me.get("/v1/events")
        self.assertEqual((said.code, said.header("Retry-After")), ("overloaded", "1"))
        raw.close()
        is_told(200, 409, 200, 200, 404, 200)  # what is over does not count
        self.assertEqual(node.stop(), 0)

    def test_slow_bodies_of_one_client_put_nobody_off(self):
        node = new_node({"http": {"limits": {"layout_body_bytes": 100_000, "body_deadline": "60s"}},
                         "shedding": {"max_bytes_in_flight": 1_048_576}})
        me = person(node)

        def begin():
            raw = Raw(node, timeout=20)
            raw.send(f"POST /v1/layouts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     f"Authorization: Bearer {me.token}\r\nContent-Length: 100000\r\n\r\n".encode())
            time.sleep(0.05)
            return raw.send(b"x" * 90_000)

        slow = [begin()]  # an eighth of a megabyte is everybody's share: a second body is too much
        said = begin().answer()
        self.assertEqual((said.status, said.code, said.header("Retry-After")), (429, "rate_limited", "1"))
        self.assertEqual(me.get("/v1/events").status, 200)
        slow.pop().close()
        self.assertTrue(eventually(lambda: begin().send(b"x" * 10_000).answer().status == 400), "the share is free again")
        self.assertEqual(node.stop(), 0)

    def test_a_connection_does_not_keep_what_a_large_body_needed(self):
        node = new_node({"http": {"limits": {"layout_body_bytes": 4_000_000, "body_deadline": "60s"}}})
        me, crowd = person(node), []
        body = b'{"name":"%s","sections":[]}' % (b"x" * 3_000_000)
        ask = (f"POST /v1/layouts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
               f"Authorization: Bearer {me.token}\r\nContent-Length: {len(body)}\r\n\r\n").encode()

        def grow_by(n):
            before = node.memory_kib()
            for _ in range(n):
                crowd.append(Raw(node, timeout=20))
                self.assertEqual(crowd[-1].send(ask + body).answer().status, 422)
            return node.memory_kib() - before

        grow_by(5)
        self.assertLess(grow_by(50), 50_000)
        for one in crowd:
            one.close()
        self.assertEqual(node.stop(), 0)

    def are_put_off(self, answers):
        self.assertEqual({(a.status, a.code, a.header("Retry-After")) for a in answers}, {(503, "overloaded", "1")})
        ids = {str(uuid.UUID(a.json["trace_id"])) for a in answers}
        self.assertEqual(len(ids), len(answers), "each is found by an id of its own")

    def test_only_so_many_wait_for_one_entity(self):
        """All ask before the node looks, so that all but the first meet one that waits already."""
        node = new_node({"actors": {"max_mailbox": 1}})
        me, other = person(node), person(node)
        crowd = [Raw(node, timeout=20) for _ in range(24)]
        for one in crowd:  # its connection is there
            self.assertEqual(one.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").answer().status, 200)
        node.process.send_signal(signal.SIGSTOP)
        for one in crowd:
            one.send(f"GET /v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {me.token}\r\n\r\n".encode())
        node.process.send_signal(signal.SIGCONT)
        answers = [one.answer() for one in crowd]
        for one in answers:
            contract.see("GET", "/v1/users/me", one)
        self.are_put_off([a for a in answers if a.status != 200])
        self.assertIn(200, [a.status for a in answers])
        self.assertEqual((me.get("/v1/users/me").status, other.get("/v1/users/me").status), (200, 200))
        self.assertEqual(node.stop(), 0)

    def test_a_password_is_not_hashed_when_its_request_is_over(self):
        node = new_node({"security": {"passwords": {"operations": 10, "memory_mib": 64}},
                         "http": {"limits": {"request_deadline": "1s"}}})
        answers = []

        def register():
            form = {"email": fresh("q") + "@usher.example", "password": PASSWORD, "first_name": "A", "last_name": "B"}
            answers.append(anyone(node).post("/v1/auth/register", form))

        crowd = [threading.Thread(target=register) for _ in range(30)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        self.assertIn(201, [a.status for a in answers])
        self.are_put_off([a for a in answers if a.status != 201])
        self.assertEqual(node.stop(), 0)

    def test_who_has_waited_in_vain_hears_so_within_three_seconds(self):
        node = new_node()
        token = person(node).token
        node.kill9()
        node.start()
        me = Client(node, contract, token)
        with Unreadable(node):
            begun = time.monotonic()
            answer = me.get("/v1/users/me")
            took = time.monotonic() - begun
        self.assertEqual((answer.status, answer.code), (503, "unavailable"), answer)
        self.assertGreaterEqual(int(answer.header("Retry-After")), 1)
        self.assertLess(took, 3.2)  # the node's own deadline is 2.8 s; this machine may be busy
        self.assertEqual(node.stop(), 0)

    def test_one_who_asks_for_many_passwords_does_not_keep_others_waiting(self):
        node = new_node({"security": {"passwords": {"operations": 8, "memory_mib": 64}},
                         "http": {"trusted_proxies": '["127.0.0.0/8"]', "limits": {"request_deadline": "2s"}}})
        me, flood, over = person(node), [], threading.Event()

        def try_names():
            client = Client(node, contract)
            while not over.is_set():
                form = {"email": fresh("q") + "@usher.example", "password": PASSWORD}
                flood.append(client.post("/v1/auth/login", form, headers={"X-Forwarded-For": "203.0.113.9"}))
                time.sleep(0.05)

        crowd = [threading.Thread(target=try_names) for _ in range(40)]
        for one in crowd:
            one.start()
        self.assertTrue(eventually(lambda: any(a.status == 503 for a in flood)), "there is no flood")
        for _ in range(3):
            me.sign_in()  # 200, each time
        over.set()
        for one in crowd:
            one.join()
        self.assertEqual({a.status for a in flood}, {401, 503})
        self.are_put_off([a for a in flood if a.status == 503])
        self.assertEqual(node.stop(), 0)

    def test_only_so_many_wait_for_one_that_is_being_read(self):
        node = new_node({"actors": {"stash": 1}})
        me, answers = person(node), []
        node.kill9()
        node.start()

        def look():
            answers.append(Client(node, contract, me.token).get("/v1/users/me"))

        crowd = [threading.Thread(target=look) for _ in range(3)]
        with Unreadable(node):
            for one in crowd:
                one.start()
            self.assertTrue(eventually(lambda: len(answers) == 2, 2), answers)
        for one in crowd:
            one.join()
        self.are_put_off(answers[:2])
        self.assertEqual(answers[2].status, 200)
        self.assertEqual(node.stop(), 0)


class Descriptors(unittest.TestCase):
    def test_a_node_may_have_as_many_as_the_system_allows(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard - 1, 1024), hard))
        try:
            node = new_node({"http": {"limits": {"connections": 1_000_000}}})
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.assertEqual(resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE), (hard, hard))
        self.assertEqual("few_descriptors" in node.last_words(), hard < 1_000_200)
        self.assertEqual(node.stop(), 0)

    def test_without_any_left_it_waits(self):
        node = new_node()
        usual = resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE, (3, usual[1]))  # it has more than that
        waits, before = Raw(node), node.cpu_seconds()
        waits.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)
        self.assertLess(node.cpu_seconds() - before, 0.5)
        resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE, usual)
        self.assertEqual(waits.answer().status, 200)
        self.assertEqual(node.last_words().count("not_accepting"), 1)
        waits.close()
        self.assertEqual(node.stop(), 0)


class Browsers(unittest.TestCase):
    def test_pages_of_other_origins(self):
        ours, evil = "https://tickets.example", "https://evil.example"
        node = new_node({"security": {"cors_origins": f'["{ours}"]'}})
        client = anyone(node)
        ask = lambda origin, target="/v1/events", **more: client.exchange(
            "OPTIONS", target, None, {"Origin": origin, "Access-Control-Request-Method": "POST", **more})
        said = ask(ours)
        self.assertEqual((said.status, said.body), (204, b""))
        self.assertEqual(said.lines("Access-Control-Allow-Origin"), [ours])
        self.assertEqual(said.header("Access-Control-Allow-Methods"), "GET, HEAD, POST")
        self.assertIn("Idempotency-Key", said.header("Access-Control-Allow-Headers"))
        self.assertIn("Origin", said.lines("Vary"))
        self.assertEqual(ask(ours, "/v1/nothing").status, 404)
        refused = ask(evil)
        self.assertEqual(refused.status, 405)
        self.assertIsNone(refused.header("Access-Control-Allow-Origin"))
        for origin, expected in ((ours, ours), (evil, None), ("null", None)):
            for target in ("/v1/events", "/v1/users/me"):  # a refusal is readable, too
                said = client.get(target, headers={"Origin": origin})
                self.assertEqual(said.header("Access-Control-Allow-Origin"), expected)
                self.assertEqual(said.header("Vary"), "Origin")
        said = client.call("POST", "/v1/organizations", raw=b"x" * 20_000, token=person(node).token,
                           headers={"Origin": ours, "Accept-Language": "vi", "X-Request-Id": "mine"})
        self.assertEqual((said.status, said.json["trace_id"]), (413, "mine"))
        self.assertEqual((said.header("Access-Control-Allow-Origin"), said.header("Content-Language")), (ours, "vi"))
        broken = Raw(node).send(b"GET /healthz HTTP/1.1\r\n\r\n").answer()  # no Host
        self.assertEqual((broken.status, broken.header("Content-Language")), (400, "en"))
        self.assertIn("Retry-After", client.get("/v1/events", headers={"Origin": ours}).header("Access-Control-Expose-Headers"))
        self.assertIsNone(client.get("/v1/events").header("Access-Control-Allow-Origin"))
        self.assertEqual(node.stop(), 0)


class Sales(unittest.TestCase):
    def test_extensions_are_the_houses(self):
        node = new_node({"sales": {"hold": "4s", "extension": "3s", "max_hold": "8s"}})
        boss = Organizer(node)
        self.assertEqual(boss.post("/v1/events", boss.event_form({"hold_seconds": 9})).status, 422)
        me = person(node)
        mine = me.open(boss.event()["id"])
        when = lambda session: datetime.datetime.fromisoformat(session["expires_at"].replace("Z", "+00:00"))
        begun = when(mine)
        steps = [me.post(f"/v1/sessions/{mine['id']}/extend") for _ in range(3)]
        self.assertEqual([when(said.json["session"]) - begun for said in steps[:2]],
                         [datetime.timedelta(seconds=3), datetime.timedelta(seconds=4)])
        self.assertEqual(steps[2].code, "cannot_extend")
        self.assertEqual(node.stop(), 0)


class Configured(unittest.TestCase):
    def test_the_limits_are_those_that_were_configured(self):
        node = new_node({"http": {"limits": {"body_bytes": 2000, "layout_body_bytes": 5000, "head_bytes": 16000, "fields": 20,
                                             "request_line_bytes": 300}}, "sandbox": {"enabled": False}})
        me = person(node)
        self.assertEqual(me.post("/v1/organizations", {"name": "x" * 2100}).status, 413)
        self.assertEqual(me.post("/v1/organizations", {"name": "x" * 1900}).status, 422)
        self.assertEqual(me.post("/v1/layouts", {"name": "x" * 4000, "sections": []}).status, 422)
        self.assertEqual(me.post("/v1/layouts", {"name": "x" * 5100, "sections": []}).status, 413)
        self.assertEqual(me.get("/v1/events?search=" + "a" * 300).status, 414)
        self.assertEqual(me.get("/healthz", headers={f"X-{i}": "1" for i in range(30)}).status, 431)
        # A head beyond the usual limit whose body comes later.
        raw = Raw(node)
        raw.send(b"POST /v1/organizations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Long: " + b"a" * 9000
                 + f"\r\nAuthorization: Bearer {me.token}\r\nContent-Length: 14\r\n\r\n".encode())
        time.sleep(0.1)
        raw.send(b'{"name":"Lot"}')
        answer = raw.answer()
        self.assertEqual(answer and answer.status, 201)
        # Where no sandbox is, nothing of it is to be found.
        self.assertEqual(me.play("01890000-0000-7000-8000-000000000000").status, 404)
        self.assertEqual(anyone(node).post("/v1/webhooks/sandbox", {}).status, 404)
        self.assertEqual(node.stop(), 0)
