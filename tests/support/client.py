"""An HTTP client that says what it sends to the byte, and the people who use it: buyers and organizers."""
import base64
import hashlib
import hmac
import http.client
import json
import socket
import time

from node import WEBHOOK_KEY, fresh
from sale import STEPS, event_form, from_now

PASSWORD = "a long enough password"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def lines(self, name):
        """The values of all header lines of this name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        """The value of its one line, or None; whoever reads it may refuse an answer that has two."""
        found = self.lines(name)
        assert len(found) < 2, f"{name} is there {len(found)} times: {found}"
        return found[0] if found else None

    @property
    def content_type(self):
        return self.header("Content-Type") or ""

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get("code") if self.status >= 400 else None

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """One keep-alive connection, maybe with a caller. Each answer is held against the contract."""

    def __init__(self, node, contract=None, token=None):
        self.node, self.contract, self.token = node, contract, token
        self.link = None

    def call(self, method, target, body=None, key=None, token=..., headers=None, raw=None):
        sent = dict(headers or {})
        token = self.token if token is ... else token
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {token}")
        if key is not None:
            sent["Idempotency-Key"] = key
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        answer = self.exchange(method, target, data, sent)
        if self.contract:
            self.contract.see(method, target, answer)
        return answer

    def exchange(self, method, target, data, headers):
        for attempt in (1, 2):
            if self.link is None:
                self.link = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=15)
            try:
                self.link.request(method, target, data, headers)
                got = self.link.getresponse()
                answer = Answer(got.status, got.getheaders(), got.read())
                if got.will_close:
                    self.close()
                return answer
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if attempt == 2:
                    raise
        return None

    def close(self):
        if self.link is not None:
            self.link.close()
            self.link = None

    def get(self, target, **more):
        return self.call("GET", target, **more)

    def post(self, target, body=None, **more):
        return self.call("POST", target, body, **more)

    def delete(self, target, **more):
        return self.call("DELETE", target, **more)


class Person(Client):
    """Somebody with an account, signed in."""

    def __init__(self, node, contract=None, **wishes):
        super().__init__(node, contract)
        self.email = fresh("p") + "@usher.example"
        form = {"email": self.email, "password": PASSWORD, "first_name": "An", "last_name": "Nguyen", **wishes}
        made = self.post("/v1/auth/register", form)
        assert made.status == 201, made
        self.id = made.json["user"]["id"]
        self.sign_in()

    def sign_in(self):
        said = self.post("/v1/auth/login", {"email": self.email, "password": PASSWORD}, token=None)
        assert said.status == 200, said
        self.token, self.refresh = said.json["access_token"], said.json["refresh_token"]

    def open(self, event, **more):
        said = self.post(f"/v1/events/{event}/sessions", more)
        assert said.status == 201, said
        return said.json["session"]

    def hold(self, session, *seats, **wish):
        return self.post(f"/v1/sessions/{session}/seats", {"seats": list(seats)} if seats else wish)

    def checkout(self, session, **more):
        return self.post(f"/v1/sessions/{session}/checkout", {"payment_method": "sandbox"}, **more)

    def play(self, payment, outcome="succeed"):
        return self.post(f"/v1/sandbox/payments/{payment}", {"outcome": outcome})

    def session(self, session):
        return self.get(f"/v1/sessions/{session}").json["session"]

    def buy(self, event, *seats):
        """From nothing to tickets."""
        session = self.open(event)["id"]
        held = self.hold(session, *seats)
        assert held.status == 200, held
        paid = self.play(self.checkout(session).json["payment"]["id"])
        assert paid.status == 200, paid
        return self.session(session)


SECTIONS = [
    {"name": "A", "rows": [{"label": "1", "seats": 10}, {"label": "2", "seats": 12, "accessible": [1, 2]}]},
    {"name": "B", "rows": 4, "seats_per_row": 10},
    {"name": "FLOOR", "capacity": 20},
]


class Organizer(Person):
    """Owns an organization and a layout, and puts events on sale."""

    def __init__(self, node, contract=None):
        super().__init__(node, contract)
        self.organization = self.post("/v1/organizations", {"name": fresh("Org ")}).json["organization"]["id"]
        self.layout = self.post("/v1/layouts", {"name": fresh("Hall "), "sections": SECTIONS}).json["layout"]["id"]

    def event_form(self, settings=None, **more):
        wanted = {"venue": "Lotus Arena", "currency": "VND", "timezone": "Asia/Ho_Chi_Minh", "starts_at": from_now(days=1),
                  "sale_starts_at": from_now(minutes=-1), "sale_ends_at": from_now(hours=22), "settings": settings}
        types = [{"name": "Tier 1", "price": 1200000, "sections": ["A", "B"]},
                 {"name": "Standing", "price": 800000, "sections": ["FLOOR"]}]
        house = {"organization_id": self.organization, "layout_id": self.layout}
        return event_form(house, **{"title": fresh("Night "), "ticket_types": types, **wanted, **more})

    def draft(self, settings=None, **more):
        said = self.post("/v1/events", self.event_form(settings, **more))
        assert said.status == 201, said
        return said.json["event"]

    def step(self, event, *words):
        for word in words:
            said = self.post(f"/v1/events/{event}/{word}")
            assert said.status == 200, said
        return said.json["event"]

    def event(self, settings=None, **more):
        """On sale; returns the event."""
        made = self.draft(settings, **more)["id"]
        return self.step(made, *STEPS)


def eventually(check, patience=10.0):
    """What `check` returns once it is true; the last it returned if that never happens."""
    until = time.monotonic() + patience
    while True:
        found = check()
        if found or time.monotonic() > until:
            return found
        time.sleep(0.05)


def webhook(client, kind, payment, amount, name=None, key=WEBHOOK_KEY, sent=None, raw=None):
    """What a provider sends, signed as standardwebhooks.com says."""
    body = raw or json.dumps({"type": kind, "data": {"payment_id": payment, "amount": amount}}).encode()
    name, sent = name or fresh("msg_"), str(int(sent if sent is not None else time.time()))
    mac = hmac.new(key, f"{name}.{sent}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    return client.call("POST", "/v1/webhooks/sandbox", raw=body, token=None, headers={
        "webhook-id": name, "webhook-timestamp": sent, "webhook-signature": signature})


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def resign(token, secret, head=None, claims=None, signature=None):
    """The token with other claims or another head, signed again."""
    old_head, old_claims, _ = token.split(".")
    head = {**json.loads(unb64url(old_head)), **(head or {})}
    claims = {**json.loads(unb64url(old_claims)), **(claims or {})}
    text = ".".join(b64url(json.dumps(x, separators=(",", ":")).encode()) for x in (head, claims))
    if signature is None:
        signature = b64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())
    return f"{text}.{signature}"


class Raw:
    """A socket that sends what it is told, byte by byte."""

    def __init__(self, node, timeout=6):
        self.socket = socket.create_connection(("127.0.0.1", node.port), timeout=timeout)
        self.got = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # it may have refused already; what it said is what matters
        return self

    def answer(self, head_only=False):
        """The next answer, or None if the connection ended without one."""
        while b"\r\n\r\n" not in self.got:
            if not self.more():
                return None
        head, _, rest = self.got.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = [tuple(x.strip() for x in line.split(":", 1)) for line in lines[1:]]
        status = int(lines[0].split()[1])
        length = 0 if head_only else int(next((v for k, v in headers if k.lower() == "content-length"), 0))
        self.got = rest
        while len(self.got) < length and self.more():
            pass
        body, self.got = self.got[:length], self.got[length:]
        return Answer(status, headers, body)

    def more(self):
        try:
            data = self.socket.recv(65536)
        except OSError:
            return False
        self.got += data
        return bool(data)

    def is_over(self):
        """True if the other side ends the connection, saying nothing more."""
        return not self.got and not self.more()

    def close(self):
        self.socket.close()
