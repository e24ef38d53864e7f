"""The load: an organizer's events, and buyers who want the same few seats."""

import asyncio

import sale
from wire import Client, code_of

PASSWORD = "correct horse battery staple"
SEATS = [f"A-{row}-{number}" for row in range(1, 13) for number in range(1, 17)]
HOT = [f"A-1-{number}" for number in range(1, 17)]
PRICES = {"A": 1_200_000, "FLOOR": 800_000}
OUTCOMES = ["succeed"] * 12 + ["fail"] * 3 + ["expire", "late_success", "wrong_amount"]


async def sign_up(client):
    email = f"{client.name}@fault.example"
    await client.insist("register", "POST", "/v1/auth/register",
                        {"email": email, "password": PASSWORD, "first_name": "Fay", "last_name": "Lure"})
    _, tokens = await client.insist("login", "POST", "/v1/auth/login", {"email": email, "password": PASSWORD},
                                    keyed=False)
    client.token = tokens["access_token"]


async def put_on_sale(organizer, title, rules, sale_starts_in=-60):
    """A published event with seats in A and places on the FLOOR; its id and the ticket type of the floor."""
    async def post(path, form):
        status, answer = await organizer.insist("organize", "POST", path, form)
        assert status in (200, 201), answer
        return answer
    house = await sale.open_house(post, f"Fault {title}", [{"name": "A", "rows": 12, "seats_per_row": 16},
                                                           {"name": "FLOOR", "capacity": 150}])
    types = [{"name": "Seated", "price": PRICES["A"], "sections": ["A"]},
             {"name": "Standing", "price": PRICES["FLOOR"], "sections": ["FLOOR"]}]
    event = await sale.put_on_sale(post, sale.event_form(
        house, title, types, currency="VND", timezone="Asia/Ho_Chi_Minh", settings=rules,
        starts_at=sale.from_now(days=60), sale_starts_at=sale.from_now(seconds=sale_starts_in),
        sale_ends_at=sale.from_now(days=50)))
    floor = next(kind["id"] for kind in event["ticket_types"] if kind["name"] == "Standing")
    return {"id": event["id"], "floor": floor, "room": "waiting_room" in rules}


class Buyer:
    """Comes again and again, in one session at a time, until told to stop."""

    def __init__(self, client, market):
        self.client, self.market, self.chance = client, market, client.chance
        self.sessions, self.payments, self.rooms = [], [], set()  # ids, for whoever wants to look again

    async def run(self, until):
        while asyncio.get_running_loop().time() < until():
            event = self.market.pick(self.chance)
            body = {}
            if event["room"]:
                token = await self.queue(event, until)
                if token is None:
                    continue
                body = {"checkout_token": token}
            status, answer = await self.client.insist("open", "POST", f"/v1/events/{event['id']}/sessions", body)
            if status != 201:
                await asyncio.sleep(0.2)
                continue
            session = answer["session"]["id"]
            self.sessions.append(session)
            await self.shop(event, session)

    async def queue(self, event, until):
        """A checkout token; None if the buyer has lost the patience or the place."""
        path = f"/v1/events/{event['id']}/queue"
        status, _ = await self.client.insist("join", "POST", path, {})
        if status == 200:
            self.rooms.add(event["id"])
        for _ in range(self.chance.randrange(3, 40)):
            status, place = await self.client.insist("look", "GET", path)
            if asyncio.get_running_loop().time() > until() or status != 200 or place["status"] in ("expired", "left"):
                return None
            if place["status"] == "admitted":
                return place["checkout_token"]
            if place["status"] == "completed":
                return None
            await asyncio.sleep(0.3)
        if self.chance.random() < 0.5:
            await self.client.insist("leave", "DELETE", path)
        return None

    def wish(self, event):
        how = self.chance.random()
        if how < 0.5:
            row = HOT if self.chance.random() < 0.6 else SEATS
            return {"seats": self.chance.sample(row, self.chance.randrange(1, 4))}
        if how < 0.8:
            return {"best_available": {"count": self.chance.randrange(1, 4), "section": "A"}}
        return {"ticket_types": [{"id": event["floor"], "quantity": self.chance.randrange(1, 3)}]}

    async def shop(self, event, session):
        path = f"/v1/sessions/{session}"
        held = []
        for _ in range(self.chance.randrange(1, 5)):
            status, answer = await self.client.insist("hold", "POST", path + "/seats", self.wish(event))
            if status == 200:
                held = [item["id"] for item in answer["session"]["seats"]]
            elif code_of(answer) in ("not_enough_seats", "event_cancelled"):
                self.market.note_empty(event)
            elif code_of(answer) in ("session_expired", "session_not_open"):
                return
        for op, odds in (("remove", 0.25), ("extend", 0.2), ("show", 0.3)):
            if held and self.chance.random() < odds:
                await self.small_step(op, path, held)
        await asyncio.sleep(self.chance.choice((0, 0, 0.05, 0.3)))
        what = self.chance.random()
        if what < 0.2:
            await self.client.insist("cancel", "POST", path + "/cancel", {})
        elif what < 0.75 and held:
            await self.pay(path)
        # or the cart is left alone, and its holds lapse

    async def small_step(self, op, path, held):
        if op == "remove":
            seat = held.pop(self.chance.randrange(len(held)))
            await self.client.insist(op, "DELETE", f"{path}/seats/{seat}")
        elif op == "extend":
            await self.client.insist(op, "POST", path + "/extend", {})
        else:
            await self.client.insist(op, "GET", path)

    async def pay(self, path):
        for _ in range(3):
            status, answer = await self.client.insist("checkout", "POST", path + "/checkout",
                                                      {"payment_method": "sandbox"})
            if status != 200:
                return
            self.payments.append(answer["payment"]["id"])
            if self.chance.random() < 0.08:
                return  # and the payment's window runs out
            outcome = self.chance.choice(OUTCOMES)
            await self.client.insist("pay", "POST", f"/v1/sandbox/payments/{answer['payment']['id']}",
                                     {"outcome": outcome}, keyed=False)
            if self.chance.random() < 0.05:
                await self.client.insist("cancel", "POST", path + "/cancel", {})
            _, now = await self.client.insist("show", "GET", path)
            if not now or now["session"]["status"] != "failed":
                return


class Market:
    """What is on sale; when an event runs dry the next one comes up."""

    def __init__(self):
        self.open, self.shelf, self.all, self.long = [], [], [], None
        self.dry = {}

    def add(self, event, at_once):
        (self.open if at_once else self.shelf).append(event)
        self.all.append(event)

    def pick(self, chance):
        return chance.choice(self.open)

    def note_empty(self, event):
        self.dry[event["id"]] = self.dry.get(event["id"], 0) + 1
        if self.dry[event["id"]] == 40 and self.shelf and event in self.open and not event["room"]:
            self.open.remove(event)
            self.open.append(self.shelf.pop(0))


async def open_market(organizer):
    market = Market()
    rules = {"hold_seconds": 4, "checkout_seconds": 10, "max_per_user": 1000}
    for number in range(6):
        market.add(await put_on_sale(organizer, f"sale {number}", rules), number < 2)
    room = {"enabled": True, "max_active": 6, "batch": 3, "token_seconds": 12}
    market.add(await put_on_sale(organizer, "behind a room", rules | {"waiting_room": room, "max_per_user": 30},
                                 sale_starts_in=6), True)
    market.long = await put_on_sale(organizer, "for long", rules | {"hold_seconds": 12})  # nobody comes to buy there
    market.all.append(market.long)
    return market


def crowd(size, fronts, history, chances):
    return [Client(f"buyer{number}", fronts, history, chances()) for number in range(size)]
