"""Rate limits by address, user and login; the limits that an operator configures."""
import unittest

from client import PASSWORD, Raw
from world import anyone, new_node, organizer, person


class RateLimits(unittest.TestCase):
    def flood(self, send, n):
        answers = [send() for _ in range(n)]
        refused = [a for a in answers if a.status == 429]
        self.assertNotEqual(answers[0].status, 429)
        self.assertTrue(refused, "nothing was limited")
        for one in refused:
            self.assertEqual(one.code, "rate_limited")
            self.assertGreaterEqual(int(one.header("Retry-After")), 1)
            self.assertEqual(len([k for k, _ in one.headers if k == "Retry-After"]), 1)
        return answers

    def test_by_address(self):
        node = new_node({"rate_limits": {"enabled": True, "per_address_per_second": 1, "address_burst": 20}})
        client = anyone(node)
        answers = self.flood(lambda: client.get("/v1/events"), 40)
        self.assertLessEqual(sum(a.status == 200 for a in answers), 25)
        self.assertEqual(node.stop(), 0)

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
        self.assertEqual([a.status for a in answers], [401] * 4 + [429] * 8)  # one was the sign-in
        said = client.post("/v1/auth/login", {"email": me.email, "password": PASSWORD})
        self.assertEqual(said.status, 429, "the right password does not help")
        self.assertEqual(me.get("/v1/users/me").status, 200)
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
        import time
        time.sleep(0.1)
        raw.send(b'{"name":"Lot"}')
        answer = raw.answer()
        self.assertEqual(answer and answer.status, 201)
        # Where no sandbox is, nothing of it is to be found.
        self.assertEqual(me.play("01890000-0000-7000-8000-000000000000").status, 404)
        self.assertEqual(anyone(node).post("/v1/webhooks/sandbox", {}).status, 404)
        self.assertEqual(node.stop(), 0)
