"""Who may, generated from the contract, so that no new route can be missed."""
import json
import time
import unittest
import uuid

from client import PASSWORD, Client, resign
from node import JWT_SECRET, fresh
from world import anyone, contract, node, organizer, person, stranger

GHOST = "01890000-0000-7000-8000-000000000000"


def fill(path, value=GHOST, seat="A-1-1"):
    return path.replace("{id}", value).replace("{seat}", seat).replace("{user}", GHOST)


def routes(public):
    return [op for op in contract.operations if contract.is_public(op) == public]


def example(operation):
    """A body that the contract calls right."""
    schema = contract.body_schema(operation)
    return None if schema is None else made_of(contract.schemas.resolve(schema))


def made_of(schema):
    schema = contract.schemas.resolve(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        names = list(schema.get("required", []))
        if not names and schema.get("minProperties"):
            names = list(schema["properties"])[:1]
        if "oneOf" in schema:
            names += schema["oneOf"][-1].get("required", [])
        return {n: made_of(schema["properties"][n]) for n in names}
    if kind == "array":
        return [made_of(schema["items"])]
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    return {"uuid": GHOST, "date-time": "2027-01-01T00:00:00Z", "email": "x@usher.example"}.get(
        schema.get("format"), "VND" if schema.get("pattern") else "x" * max(8, schema.get("minLength", 8)))


class NoToken(unittest.TestCase):
    def test_every_route_that_is_not_public_wants_a_token(self):
        self.assertGreater(len(routes(False)), 25)
        me, rows = person(), None
        secret = JWT_SECRET.encode()
        now = int(time.time())
        bad = {
            "none": None, "empty": "", "nonsense": "x.y.z", "refresh as access": me.refresh,
            "forged": resign(me.token, b"another secret, long enough to be one"),
            "cut": me.token[:-1], "alg none": resign(me.token, secret, head={"alg": "none"}, signature=""),
            "alg none, signed": resign(me.token, secret, head={"alg": "none"}),
            "HS512": resign(me.token, secret, head={"alg": "HS512"}),
            "another kid": resign(me.token, secret, head={"kid": "k2"}),
            "kid is a path": resign(me.token, secret, head={"kid": "../../dev/null"}),
            "jku": resign(me.token, secret, head={"jku": "http://127.0.0.1/"}),
            "crit": resign(me.token, secret, head={"crit": ["exp"]}),
            "typ": resign(me.token, secret, head={"typ": "JWT"}),
            "expired": resign(me.token, secret, claims={"exp": now - 1, "iat": now - 99, "nbf": now - 99}),
            "not yet": resign(me.token, secret, claims={"nbf": now + 3600, "exp": now + 7200}),
            "iss": resign(me.token, secret, claims={"iss": "somebody"}),
            "aud": resign(me.token, secret, claims={"aud": "elsewhere"}),
            "another claim": resign(me.token, secret, claims={"admin": True}),
            "role": resign(me.token, secret, claims={"role": "root"}),
            "sub": resign(me.token, secret, claims={"sub": "x"}),
            "never ends": resign(me.token, secret, claims={"exp": 2**62}),
            "too long": me.token + "A" * 4000,
        }
        self.assertEqual(anyone().get("/v1/users/me", token=resign(me.token, secret)).status, 200, "the forger can sign")
        rows = node().quiet_rows()
        for method, path in routes(False):
            body = example((method, path))
            for name, token in bad.items():
                said = anyone_with(token).call(method, fill(path), body)
                self.assertEqual(said.status, 401, f"{method} {path} with {name}: {said}")
                self.assertTrue((said.header("WWW-Authenticate") or "").startswith("Bearer"))
            said = anyone().call(method, fill(path), body, headers={"Authorization": "Basic eDp5"})
            self.assertEqual(said.status, 401)
        self.assertEqual(node().quiet_rows(), rows)

    def test_an_expired_token_says_so(self):
        me = person()
        old = resign(me.token, JWT_SECRET.encode(), claims={"exp": int(time.time()) - 1, "iat": 1, "nbf": 1})
        self.assertEqual(me.get("/v1/users/me", token=old).code, "token_expired")

    def test_a_bad_token_is_refused_where_it_makes_a_difference_who_asks(self):
        self.assertEqual(anyone_with("x.y.z").get(f"/v1/events/{GHOST}").status, 401)

    def test_a_stale_token_stands_in_nobodys_way_to_the_next(self):
        me = person()
        for stale in (resign(me.token, JWT_SECRET.encode(), claims={"exp": int(time.time()) - 1, "iat": 1, "nbf": 1}), "x.y.z"):
            late = anyone_with(stale)
            self.assertEqual(late.get("/v1/users/me").status, 401)
            renewed = late.post("/v1/auth/refresh", {"refresh_token": me.refresh})
            self.assertEqual(renewed.status, 200, renewed)
            said = late.post("/v1/auth/logout", {"refresh_token": renewed.json["refresh_token"]})
            self.assertEqual(said.status, 204, said)
            me.sign_in()
            said = late.post("/v1/auth/login", {"email": me.email, "password": PASSWORD})
            self.assertEqual(said.status, 200, said)
            form = {"email": fresh("s") + "@usher.example", "password": PASSWORD, "first_name": "S", "last_name": "T"}
            self.assertEqual(late.post("/v1/auth/register", form).status, 201)
            for path in ("/v1/layouts", "/v1/ticket-keys", "/healthz"):
                self.assertEqual(late.get(path).status, 200, path)

    def test_the_public_routes_are_those_we_know(self):
        self.assertEqual(sorted(p for _, p in routes(True)), sorted([
            "/v1/auth/register", "/v1/auth/login", "/v1/auth/refresh", "/v1/auth/logout", "/v1/layouts",
            "/v1/layouts/{id}", "/v1/events", "/v1/events/{id}", "/v1/events/{id}/seats",
            "/v1/events/{id}/availability", "/v1/events/{id}/live", "/v1/webhooks/sandbox", "/v1/ticket-keys",
            "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"]))


_shared = {}


def anyone_with(token):
    client = _shared.setdefault("client", Client(node(), contract))
    client.token = token
    return client


class OtherPeoplesThings(unittest.TestCase):
    def test_every_route_with_an_id_is_404_for_others(self):
        boss, me = organizer(), person()
        stranger()
        event = boss.draft()["id"]
        sale = boss.event()["id"]
        session = me.open(sale)["id"]
        me.hold(session, "A-1-1")
        payment = me.checkout(session).json["payment"]["id"]
        me.play(payment)
        order, ticket = session, me.session(session)["tickets"][0]["id"]
        self.assertEqual(boss.get(f"/v1/orders/{order}").status in (200, 404), True)
        things = {"events": event, "sessions": session, "payments": payment, "orders": order, "tickets": ticket,
                  "organizations": boss.organization}
        asked = 0
        rows = node().quiet_rows()
        for method, path in routes(False):
            kind = next((k for k in things if f"/{k}/{{id}}" in path), None)
            if kind is None:
                continue
            foreign = fill(path, things[kind])
            if method == "GET" and path.endswith("/queue"):
                continue  # one's own place, which nobody else has
            said = stranger().call(method, foreign, example((method, path)))
            self.assertEqual(said.status, 404, f"{method} {foreign}: {said}")
            for nothing in (GHOST, str(uuid.uuid4()), "nonsense", "0"):
                said = stranger().call(method, fill(path, nothing), example((method, path)))
                self.assertEqual(said.status, 404, f"{method} {path} of {nothing}: {said}")
            asked += 1
        self.assertGreater(asked, 15)
        self.assertEqual(node().quiet_rows(), rows, "what was refused left a trace")

    def test_wrong_methods(self):
        by_path = {}
        for method, path in contract.operations:
            by_path.setdefault(path, set()).add(method)
        for path, known in by_path.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
                said = stranger().call(method, fill(path))
                self.assertEqual((said.status, said.code), (405, "method_not_allowed"), f"{method} {path}: {said}")
                allowed = set(said.header("Allow").replace(" ", "").split(","))
                self.assertEqual(allowed - {"HEAD", "OPTIONS"}, known, path)


class Bodies(unittest.TestCase):
    def bodies(self):
        for method, path in contract.operations:
            if method == "POST" and contract.body_schema((method, path)) is not None and "webhooks" not in path:
                yield path, example((method, path))

    def test_every_body_is_read_strictly(self):
        rows, boss = node().journal_rows(), organizer()
        rows = node().quiet_rows()
        for path, good in self.bodies():
            target = fill(path)

            def send(raw, content_type="application/json"):
                return boss.call("POST", target, raw=raw, headers={"Content-Type": content_type})

            text = json.dumps({**good, "surprise": 1}).encode()
            said = send(text)
            self.assertEqual((said.status, said.code), (400, "unknown_field"), f"{path}: {said}")
            for raw in (b"{", b"[]", b"1", b"null", b'"x"', b"{} {}", b"{}x", b"\xef\xbb\xbf{}", b'{"a":1,"a":1}', b'{"a":NaN}',
                        b'{"a":1e999}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b"{'a':1}", b'{"a":01}',
                        b'{"a":1,}', b'{"a":' + b"[" * 17 + b"]" * 17 + b"}", b"{/**/}", b'{"a":+1}'):
                said = send(raw)
                self.assertEqual(said.status, 400, f"{path} {raw}: {said}")
            for wrong in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "multipart/form-data"):
                said = send(json.dumps(good).encode(), wrong)
                self.assertEqual((said.status, said.code), (415, "unsupported_media_type"), f"{path} {wrong!r}: {said}")
            for name in good:
                for value in ([[]], {"x": {}}, True):
                    if type(value) is type(good[name]) or (isinstance(value, list) and isinstance(good[name], list)):
                        continue
                    said = send(json.dumps({**good, name: value}).encode())
                    self.assertEqual(said.status, 400, f"{path} {name}={value}: {said}")
            required = contract.schemas.resolve(contract.body_schema(("POST", path))).get("required", [])
            for name in required:
                said = send(json.dumps({k: v for k, v in good.items() if k != name}).encode())
                self.assertEqual((said.status, said.code), (400, "missing_field"), f"{path} without {name}: {said}")
        self.assertEqual(node().quiet_rows(), rows)

    def test_json_with_a_charset_is_json(self):
        said = organizer().call("POST", "/v1/organizations", raw=b'{"name":"One"}',
                                headers={"Content-Type": "Application/JSON; charset=utf-8"})
        self.assertEqual(said.status, 201)


class Pages(unittest.TestCase):
    def test_operation(self):
        client = anyone()
        self.assertEqual(client.get("/healthz").json, {"status": "alive"})
        self.assertEqual(client.get("/readyz").json, {"status": "ready"})
        self.assertEqual(client.get("/openapi.json").json, contract.document)
        docs = client.get("/docs")
        self.assertIn("text/html", docs.content_type)
        self.assertIn(b"openapi.json", docs.body)
        self.assertEqual(docs.header("X-Frame-Options"), "DENY")

    def test_the_metrics_have_the_names_that_were_asked_for(self):
        text = anyone().get("/metrics").body.decode()
        for name in ("event_views_total", "seats_reserved_total", "seats_available", "queue_users",
                     "queue_wait_time_seconds_bucket", "conversion_funnel_rate", "http_requests_total"):
            self.assertRegex(text, rf"(?m)^{name}\b", name)
        for line in text.splitlines():
            self.assertRegex(line, r"^(#.*|[a-zA-Z_:][\w:]*(\{.*\})? [-+0-9.eE]+(Inf|NaN)?|.*(Inf|NaN|Nan))$")

    def test_paths_that_are_not_there(self):
        for target in ("/", "/v1", "/v1/", "/v1/events/", "/V1/events", "/v1/Events", "/v1//events", "/v2/events", "/metrics/",
                       "/healthz/x", "/v1/events/x/y", "/admin", "/.git/config", "/v1/users", "/v1/auth"):
            said = anyone().get(target)
            self.assertIn(said.status, (400, 404), target)
