"""Organizations, layouts, and the life of an event."""
import unittest
import uuid

from client import eventually
from node import fresh
from sale import STEPS, from_now
from world import anyone, node, organizer, person, stranger


class Layouts(unittest.TestCase):
    def make(self, sections, name="Hall"):
        return organizer().post("/v1/layouts", {"name": name, "sections": sections})

    def test_rows_equal_rows_and_general_admission(self):
        said = self.make([
            {"name": "A", "rating": 3, "rows": [{"label": "1", "seats": 4, "first": 10, "step": 2, "shift": 1},
                                               {"label": "2", "seats": 5, "accessible": [1], "aisle_after": [2]}]},
            {"name": "B", "rows": 3, "seats_per_row": 7}, {"name": "FLOOR", "capacity": 100}])
        self.assertEqual(said.status, 201, said)
        layout = said.json["layout"]
        self.assertEqual(layout["capacity"], 4 + 5 + 21 + 100)
        shown = anyone().get("/v1/layouts/" + layout["id"])
        self.assertEqual(shown.json["layout"], layout)
        self.assertEqual(said.header("Location"), "/v1/layouts/" + layout["id"])

    def test_what_cannot_be_drawn(self):
        for sections in ([], [{"name": "A"}], [{"name": "", "capacity": 1}], [{"name": "A", "capacity": 0}],
                         [{"name": "A", "capacity": 1}, {"name": "A", "capacity": 1}],
                         [{"name": "A", "rows": 0, "seats_per_row": 5}], [{"name": "A", "rows": 5, "seats_per_row": 0}],
                         [{"name": "A", "rows": [{"label": "1", "seats": 3}, {"label": "1", "seats": 3}]}],
                         [{"name": "A", "rows": 4_000_000, "seats_per_row": 4_000_000}],
                         [{"name": "A", "rows": [{"label": "1", "seats": 3}], "capacity": 5}],
                         [{"name": ".", "capacity": 1}], [{"name": "A\\B", "capacity": 1}],
                         [{"name": "A", "rows": -1, "seats_per_row": 5}], [{"name": "A", "rows": 1.5, "seats_per_row": 5}]):
            said = self.make(sections)
            self.assertEqual(said.status, 422, f"{sections}: {said}")
        for sections in ([{"name": "A", "rows": 5}], [{"name": "A", "rows": "5", "seats_per_row": 5}],
                         [{"name": "A", "equal_rows": 5, "seats_per_row": 5}], "x", None):
            self.assertEqual(self.make(sections).status, 400, sections)

    def test_a_small_body_does_not_become_millions_of_rows(self):
        before = node().memory_kib()
        said = self.make([{"name": f"S{i}", "rows": 1000, "seats_per_row": 1} for i in range(2000)])
        self.assertEqual((said.status, said.json["errors"][0]["field"]), (422, "sections"), said)
        self.assertLess(node().memory_kib() - before, 50_000)

    def test_a_layout_may_be_large(self):
        sections = [{"name": f"S{i}", "rows": [{"label": str(r), "seats": 20, "accessible": list(range(1, 20))}
                                               for r in range(20)]} for i in range(40)]
        said = self.make(sections)
        self.assertEqual(said.status, 201, said)
        self.assertEqual(said.json["layout"]["capacity"], 40 * 20 * 20)

    def test_the_list_pages(self):
        for i in range(3):
            self.make([{"name": "A", "capacity": i + 1}], fresh("Paged "))
        client = anyone()
        eventually(lambda: len(client.get("/v1/layouts?limit=100").json["layouts"]) >= 3)
        first = client.get("/v1/layouts?limit=2").json
        second = client.get("/v1/layouts?limit=2&page_token=" + first["next_token"]).json
        self.assertEqual(len(first["layouts"]), 2)
        self.assertFalse({x["id"] for x in first["layouts"]} & {x["id"] for x in second["layouts"]})
        back = client.get("/v1/layouts?limit=2&page_token=" + second["previous_token"]).json
        self.assertEqual(back["layouts"], first["layouts"])
        for query in ("page_token=nonsense", "page_token=" + first["next_token"][:-1]):
            self.assertEqual(client.get("/v1/layouts?" + query).code, "bad_cursor", query)
        for limit in ("0", "101", "-1", "x", ""):
            self.assertEqual(client.get("/v1/layouts?limit=" + limit).status, 422, limit)
        for where in (str(uuid.uuid4()), "nonsense"):
            self.assertEqual(client.get("/v1/layouts/" + where).status, 404)


class Organizations(unittest.TestCase):
    def test_the_founder_owns_it(self):
        who = person()
        said = who.post("/v1/organizations", {"name": "Lotus"})
        self.assertEqual(said.status, 201)
        self.assertEqual(said.json["organization"]["members"], [{"user_id": who.id, "role": "owner"}])
        for name in ("", "x" * 201):
            self.assertEqual(who.post("/v1/organizations", {"name": name}).status, 422, name)

    def test_its_people_find_it_again(self):
        who, other = person(), person()
        made = [who.post("/v1/organizations", {"name": name}).json["organization"] for name in ("One", "Two", "Three")]
        other.post("/v1/organizations", {"name": "Another's"})
        found = lambda query="": who.get("/v1/organizations" + query).json
        eventually(lambda: len(found()["organizations"]) == 3)
        by_id = lambda all: sorted(all, key=lambda one: one["id"])
        self.assertEqual(by_id(found()["organizations"]), by_id(made))
        first = found("?limit=2")
        second = found("?limit=2&page_token=" + first["next_token"])
        self.assertEqual((len(first["organizations"]), second["next_token"]), (2, None))
        self.assertEqual(by_id(first["organizations"] + second["organizations"]), by_id(made))
        self.assertEqual(person().get("/v1/organizations").json["organizations"], [])
        self.assertEqual(anyone().get("/v1/organizations").status, 401)
        for query, code in (("?limit=0", "invalid_value"), ("?page_token=x", "bad_cursor"), ("?x=1", "unknown_field")):
            self.assertEqual(who.get("/v1/organizations" + query).code, code)

    def test_it_takes_in_people_and_lets_them_go(self):
        boss, helper, other = person(), person(), person()
        made = boss.post("/v1/organizations", {"name": "Lotus"}).json["organization"]["id"]
        where = f"/v1/organizations/{made}"
        add = lambda email, role, who=boss: who.post(where + "/members", {"email": email, "role": role})
        drafts = lambda: helper.post("/v1/events", organizer().event_form(organization_id=made)).status
        self.assertEqual(drafts(), 404)
        said = add(helper.email.upper(), "viewer")
        self.assertEqual(said.status, 200, said)
        self.assertEqual({m["user_id"]: m["role"] for m in said.json["organization"]["members"]},
                         {boss.id: "owner", helper.id: "viewer"})
        self.assertEqual((helper.get(where).status, drafts()), (200, 404), "who looks on draws up nothing")
        self.assertEqual(add(helper.email, "editor").status, 200)
        self.assertEqual(drafts(), 201)
        listed = lambda: [one["id"] for one in helper.get("/v1/organizations").json["organizations"]]
        self.assertEqual(eventually(listed), [made])
        self.assertEqual(add(other.email, "viewer", helper).status, 403)
        self.assertEqual(add(other.email, "viewer", other).status, 404)
        for email, role, field in (("nobody@usher.example", "viewer", "email"), (other.email, "owner", "role")):
            said = add(email, role)
            self.assertEqual((said.status, [e["field"] for e in said.json["errors"]]), (422, [field]), said)
        self.assertEqual(boss.post(where + "/members", {"email": other.email}).code, "missing_field")
        remove = lambda one, who=boss: who.delete(f"{where}/members/{one.id}")
        self.assertEqual((remove(boss, helper).status, remove(boss).status), (403, 403), "the owner stays")
        self.assertEqual(remove(helper, other).status, 404)
        said = remove(helper)
        self.assertEqual((said.status, [m["user_id"] for m in said.json["organization"]["members"]]), (200, [boss.id]), said)
        self.assertEqual((helper.get(where).status, drafts()), (404, 404))
        self.assertTrue(eventually(lambda: not listed()))

    def test_its_people_see_it_where_it_is_said_to_be(self):
        who = person()
        said = who.post("/v1/organizations", {"name": "Lotus"})
        where = said.header("Location")
        self.assertEqual(where, "/v1/organizations/" + said.json["organization"]["id"])
        shown = who.get(where)
        self.assertEqual((shown.status, shown.json), (200, said.json))
        self.assertEqual(stranger().get(where).status, 404)
        self.assertEqual(anyone().get(where).status, 401)


class Events(unittest.TestCase):
    def test_from_draft_to_sale(self):
        boss, event = organizer(), organizer().draft()
        self.assertEqual(event["status"], "draft")
        for word, status in (("configure", "configured"), ("approve", "approved"), ("publish", "on_sale")):
            event = boss.step(event["id"], word)
            self.assertEqual(event["status"], status)
            self.assertEqual(boss.step(event["id"], word)["status"], status, "a repeat is no error")
        shown = anyone().get("/v1/events/" + event["id"]).json["event"]
        self.assertEqual(shown["status"], "on_sale")
        self.assertEqual([t["price"]["amount"] for t in shown["ticket_types"]], [1200000, 800000])

    def test_steps_out_of_order(self):
        boss, event = organizer(), organizer().draft()["id"]
        for word in ("approve", "publish"):
            self.assertEqual(boss.post(f"/v1/events/{event}/{word}").code, "wrong_state")
        boss.step(event, "configure")
        self.assertEqual(boss.post(f"/v1/events/{event}/publish").code, "wrong_state")
        boss.step(event, "approve", "publish")
        for word in ("configure", "approve"):
            self.assertEqual(boss.post(f"/v1/events/{event}/{word}").code, "wrong_state")

    def test_drafts_are_hidden_from_others(self):
        event = organizer().draft()["id"]
        for who in (anyone(), stranger()):
            for target in ("", "/seats", "/availability", "/live"):
                said = who.get(f"/v1/events/{event}{target}")
                self.assertIn(said.status, (400,) if target == "/live" else (404,), target)
            for word in ("configure", "approve", "publish", "cancel"):
                self.assertEqual(stranger().post(f"/v1/events/{event}/{word}").status, 404)
        self.assertEqual(organizer().get("/v1/events/" + event).status, 200)
        self.assertEqual(stranger().post(f"/v1/events/{event}/sessions", {}).status, 404)

    def test_a_draft_that_is_called_off_stays_hidden(self):
        boss, event = organizer(), organizer().draft()["id"]
        self.assertEqual(boss.step(event, "cancel")["status"], "cancelled")
        for who in (anyone(), stranger()):
            for target in ("", "/seats", "/availability"):
                self.assertEqual(who.get(f"/v1/events/{event}{target}").status, 404, target)
        self.assertEqual(stranger().post(f"/v1/events/{event}/sessions", {}).status, 404)
        self.assertEqual(boss.get("/v1/events/" + event).json["event"]["status"], "cancelled")

    def test_only_members_draft_for_an_organization(self):
        said = stranger().post("/v1/events", organizer().event_form())
        self.assertEqual(said.status, 404)

    def test_cancelling_closes_the_sale(self):
        boss = organizer()
        event = boss.event()["id"]
        buyer = person()
        session = buyer.open(event)["id"]
        self.assertEqual(buyer.hold(session, "A-1-1").status, 200)
        self.assertEqual(boss.step(event, "cancel")["status"], "cancelled")
        self.assertEqual(buyer.post(f"/v1/events/{event}/sessions", {}).code, "event_cancelled")
        self.assertEqual(buyer.hold(session, "A-1-2").status, 409)
        self.assertEqual(boss.post(f"/v1/events/{event}/publish").status, 409)
        self.assertEqual(anyone().get("/v1/events/" + event).json["event"]["status"], "cancelled")

    def test_its_sale_stands_still_and_goes_on(self):
        boss, buyer = organizer(), person()
        event = boss.event()["id"]
        session = buyer.open(event)["id"]
        for _ in range(2):
            said = boss.post(f"/v1/events/{event}/pause")
            self.assertEqual((said.status, said.json["event"]["paused"]), (200, True), said)
        self.assertEqual(person().post(f"/v1/events/{event}/sessions", {}).code, "not_on_sale")
        self.assertEqual(buyer.hold(session, "A-1-1").status, 200, "who has begun goes on")
        said = boss.post(f"/v1/events/{event}/resume")
        self.assertEqual((said.status, said.json["event"]["paused"]), (200, False), said)
        self.assertEqual(person().post(f"/v1/events/{event}/sessions", {}).status, 201)
        draft = boss.draft()["id"]
        for word in ("pause", "resume"):
            self.assertEqual(stranger().post(f"/v1/events/{event}/{word}").status, 404)
            self.assertEqual(anyone().post(f"/v1/events/{event}/{word}").status, 401)
            self.assertEqual(boss.post(f"/v1/events/{draft}/{word}").code, "wrong_state")

    def test_the_house_blocks_seats_and_gives_them_back(self):
        boss, buyer = organizer(), person()
        event = boss.event()["id"]
        session = buyer.open(event)["id"]
        self.assertEqual(buyer.hold(session, "A-1-1").status, 200)
        block = lambda *seats, **more: boss.post(f"/v1/events/{event}/seats/block",
                                                 {"seats": list(seats), "reason": "cameras", **more})
        free = lambda *seats: boss.post(f"/v1/events/{event}/seats/unblock", {"seats": list(seats)})
        for _ in range(2):
            said = block("A-1-3", "A-1-4")
            self.assertEqual((said.status, said.json), (200, {"seats": ["A-1-3", "A-1-4"], "status": "blocked"}))
        self.assertEqual(buyer.hold(session, "A-1-3").code, "seat_unavailable")
        taken = block("A-1-2", "A-1-1")
        self.assertEqual((taken.status, taken.code), (409, "seat_unavailable"))
        self.assertEqual(buyer.hold(session, "A-1-2").status, 200, "all or none")
        said = free("A-1-3", "A-1-3")
        self.assertEqual((said.status, said.json["status"]), (200, "unblocked"))
        self.assertEqual(buyer.hold(session, "A-1-3").status, 200)
        for wrong in (block("A-1-3", "B-1-1"), block("A-99-1"), block("Z-1-1"), block("x"), block(), block("FLOOR-1-1"),
                      block("A-1-4", reason=""), block("A-1-4", reason="x" * 201), free("A-99-1"), free()):
            self.assertEqual(wrong.status, 422, wrong)
        self.assertEqual(free(1).status, 400)
        for word, body in (("block", {"seats": ["A-1-4"], "reason": "x"}), ("unblock", {"seats": ["A-1-4"]})):
            where = f"/v1/events/{event}/seats/{word}"
            self.assertEqual(stranger().post(where, body).status, 404)
            self.assertEqual(anyone().post(where, body).status, 401)
            draft = boss.draft()["id"]
            self.assertEqual(boss.post(f"/v1/events/{draft}/seats/{word}", body).code, "wrong_state")

    def test_what_was_done_under_a_key_is_not_done_again(self):
        boss = organizer()
        event = boss.event()["id"]
        blocking = (f"/v1/events/{event}/seats/block", {"seats": ["A-1-1"], "reason": "cameras"})
        undo = {blocking[0]: (f"/v1/events/{event}/seats/unblock", {"seats": ["A-1-1"]}),
                f"/v1/events/{event}/pause": (f"/v1/events/{event}/resume", {})}
        for where, body in (blocking, (f"/v1/events/{event}/pause", {})):
            key = fresh("key")
            first = boss.post(where, body, key=key)
            self.assertEqual(first.status, 200, first)
            self.assertEqual(boss.post(*undo[where]).status, 200)
            again = boss.post(where, body, key=key)
            self.assertEqual((again.status, again.body), (200, first.body))
        buyer = person()
        session = buyer.open(event)["id"]
        self.assertEqual(buyer.hold(session, "A-1-1").status, 200, "neither blocked again nor paused")
        key = fresh("key")
        self.assertEqual(boss.post(blocking[0], {"seats": ["A-1-3"], "reason": "x"}, key=key).status, 200)
        for seat in ("A-1-4", "B-1-1"):  # of the same section, and of another
            other = boss.post(blocking[0], {"seats": [seat], "reason": "x"}, key=key)
            self.assertEqual((other.status, other.code), (422, "key_reused"), other)
        self.assertEqual(boss.post(blocking[0], {"seats": ["A-1-3"], "reason": "x"}, key=key).status, 200)
        self.assertEqual(buyer.hold(session, "A-1-4").status, 200)
        self.assertEqual(buyer.hold(session, "B-1-1").status, 200, "what was refused blocked nothing")

    def test_who_was_refused_blocks_fewer_seats_under_the_same_key(self):
        boss, buyer = organizer(), person()
        event = boss.event()["id"]
        where = f"/v1/events/{event}/seats/block"
        session = buyer.open(event)["id"]
        self.assertEqual(buyer.hold(session, "A-1-1").status, 200)
        key = fresh("key")
        refused = boss.post(where, {"seats": ["A-1-1", "A-1-5"], "reason": "x"}, key=key)
        self.assertEqual((refused.status, refused.code), (409, "seat_unavailable"), refused)
        said = boss.post(where, {"seats": ["A-1-5"], "reason": "x"}, key=key)
        self.assertEqual((said.status, said.json["seats"]), (200, ["A-1-5"]), said)
        other = boss.post(where, {"seats": ["A-1-6"], "reason": "x"}, key=key)
        self.assertEqual((other.status, other.code), (422, "key_reused"), other)

    def test_windows_of_the_sale(self):
        later = organizer().event(sale_starts_at=from_now(seconds=3600))
        self.assertEqual(later["status"], "upcoming")
        over = organizer().event(sale_ends_at=from_now(seconds=3))
        status = lambda: anyone().get("/v1/events/" + over["id"]).json["event"]["status"]
        self.assertTrue(eventually(lambda: status() == "ended"))
        for event in (later, over):
            said = stranger().post(f"/v1/events/{event['id']}/sessions", {})
            self.assertEqual((said.status, said.code), (409, "not_on_sale"))

    def test_what_makes_no_event(self):
        boss = organizer()
        types = boss.event_form()["ticket_types"]
        for change in ({"title": ""}, {"title": "x" * 301}, {"venue": ""}, {"currency": "VN"}, {"currency": "vnd"},
                       {"currency": "ABC"}, {"timezone": ""}, {"timezone": "Mars/Olympus"}, {"timezone": "../UTC"},
                       {"sale_ends_at": from_now(seconds=-7200)}, {"ticket_types": []},
                       {"ticket_types": [{**types[0], "price": -1}]}, {"ticket_types": [{**types[0], "sections": ["Z"]}]},
                       {"ticket_types": [{**types[0], "sections": []}]},
                       {"ticket_types": [types[0], {**types[1], "sections": ["A"]}]},
                       {"ticket_types": [{**types[0], "price": 2**63 - 1}]},
                       {"ticket_types": [{**types[0], "price": 1.5}]}, {"ticket_types": [{**types[0], "price": 2**70}]},
                       {"settings": {"hold_seconds": -1}}, {"layout_id": str(uuid.uuid4())}, {"layout_id": "x"}, {"starts_at": "tomorrow"},
                       {"starts_at": "2027-01-01T00:00:00"}, {"settings": {"hold_seconds": 0}},
                       {"settings": {"max_per_user": 0}}, {"settings": {"waiting_room": {"enabled": True, "max_active": 0}}}):
            said = boss.post("/v1/events", boss.event_form(**change))
            self.assertEqual(said.status, 422, f"{change}: {said}")
        for change in ({"starts_at": 1}, {"title": 1}, {"ticket_types": {}},
                       {"ticket_types": [{**types[0], "price": "1"}]}, {"settings": {"colour": 1}}, {"extra": 1}, {"title": None}):
            said = boss.post("/v1/events", boss.event_form(**change))
            self.assertEqual(said.status, 400, f"{change}: {said}")
        self.assertEqual(boss.post("/v1/events", boss.event_form(organization_id=str(uuid.uuid4()))).status, 404)

    def test_what_is_wrong_with_an_event_is_said(self):
        boss = organizer()
        types = boss.event_form()["ticket_types"]
        for change, field in (({"title": "x" * 301}, "title"), ({"currency": "XTS"}, "currency"),
                              ({"sale_ends_at": from_now(seconds=-7200)}, "sale_ends_at"),
                              ({"sale_starts_at": from_now(seconds=-7200), "sale_ends_at": from_now(seconds=-3600)},
                               "sale_ends_at"),
                              ({"starts_at": from_now(hours=2), "sale_starts_at": from_now(hours=3)}, "starts_at"),
                              ({"ticket_types": [{**types[0], "price": -1}, types[1]]}, "ticket_types[0].price"),
                              ({"ticket_types": types[:1]}, "ticket_types"),
                              ({"ticket_types": [types[0], {**types[1], "sections": ["FLOOR", "Z"]}]},
                               "ticket_types[1].sections[1]"),
                              ({"ticket_types": [types[0], {**types[1], "sections": ["FLOOR", "A"]}]},
                               "ticket_types[1].sections[1]"),
                              ({"layout_id": str(uuid.uuid4())}, "layout_id"),
                              ({"settings": {"waiting_room": {"batch": 0}}}, "settings.waiting_room.batch")):
            said = boss.post("/v1/events", boss.event_form(**change))
            self.assertEqual((said.status, [e["field"] for e in said.json["errors"]]), (422, [field]), said)
            self.assertIn(field, said.json["detail"])
        said = boss.post("/v1/events", boss.event_form(ticket_types=types[:1]))
        self.assertIn("FLOOR has none", said.json["detail"], "which section")

    def test_a_draft_is_changed(self):
        boss, word = organizer(), fresh("changed")
        event = boss.draft({"max_per_user": 3, "waiting_room": {"batch": 5}}, description="before")
        where = "/v1/events/" + event["id"]
        patch = lambda body, who=boss, **more: who.call("PATCH", where, body, **more)
        change = {"title": word, "settings": {"hold_seconds": 60, "waiting_room": {"max_active": 7}}}
        key = fresh("key")
        said = patch(change, key=key)
        self.assertEqual(said.status, 200, said)
        self.assertEqual(patch(change, key=key).body, said.body)
        now = boss.get(where).json["event"]
        self.assertEqual(now, said.json["event"])
        room = {**event["settings"]["waiting_room"], "max_active": 7}
        self.assertEqual(now, {**event, "title": word, "settings": {**event["settings"], "hold_seconds": 60, "waiting_room": room}})
        types = [{"name": "Any", "price": 5, "sections": ["A", "B", "FLOOR"]}]
        self.assertEqual([t["name"] for t in patch({"ticket_types": types}).json["event"]["ticket_types"]], ["Any"])
        own = f"/v1/organizations/{boss.organization}/events?search={word}"
        self.assertTrue(eventually(lambda: len(boss.get(own).json["events"]) == 1), "the list follows")
        for wrong, field in (({"title": ""}, "title"), ({"timezone": "Mars/Olympus"}, "timezone"),
                             ({"sale_ends_at": from_now(hours=-1)}, "sale_ends_at"), ({"layout_id": str(uuid.uuid4())}, "layout_id"),
                             ({"settings": {"hold_seconds": 10**6}}, "settings.hold_seconds"),
                             ({"ticket_types": [{**types[0], "sections": ["A"]}]}, "ticket_types")):
            said = patch(wrong)
            self.assertEqual((said.status, [e["field"] for e in said.json["errors"]]), (422, [field]), said)
        self.assertEqual(patch({"organization_id": boss.organization}).code, "unknown_field")
        self.assertEqual(patch({"title": "x"}, stranger()).status, 404)
        boss.step(event["id"], *STEPS)
        self.assertEqual(patch({"title": "x"}).code, "wrong_state")
        buyer = person()
        self.assertEqual(buyer.hold(buyer.open(event["id"])["id"], "A-1-1").json["session"]["total"]["amount"], 5)

    def test_an_event_may_say_as_much_as_the_contract_allows(self):
        boss = organizer()
        event = boss.draft(title="공" * 300, description="연" * 10_000, address="x" * 1000)
        self.assertEqual(boss.get("/v1/events/" + event["id"]).json["event"]["description"], "연" * 10_000)
        said = boss.post("/v1/events", boss.event_form(description="x" * 10_001))
        self.assertEqual((said.status, said.json["errors"][0]["field"]), (422, "description"), said)

    def test_an_event_may_be_in_the_largest_layout(self):
        boss = organizer()
        names = [f"{i:03}" + "석" * 37 for i in range(400)]
        hall = boss.post("/v1/layouts", {"name": "H" * 200, "sections": [{"name": name, "capacity": 1} for name in names]})
        self.assertEqual(hall.status, 201, hall)
        event = boss.draft(layout_id=hall.json["layout"]["id"],
                           ticket_types=[{"name": "Place", "price": 100, "sections": names}])
        self.assertEqual([section["name"] for section in event["sections"]], names)

    def test_the_list(self):
        boss, word = organizer(), fresh("lantern")
        made = [boss.event(title=f"{word} {i}", artist_name="한국 Band", starts_at=from_now(days=2, seconds=i))["id"]
                for i in range(5)]
        boss.draft(title=word + " draft")
        client = anyone()
        found = lambda query: client.get("/v1/events?" + query).json
        eventually(lambda: found(f"search={word}")["pagination"]["total"] == 5)
        page = found(f"search={word}&limit=2&page=2")
        self.assertEqual(page["pagination"], {"page": 2, "limit": 2, "total": 5, "totalPages": 3})
        self.assertEqual([e["id"] for e in page["events"]], made[2:4])
        seen, token = [], ""
        while token is not None:
            part = found(f"search={word}&limit=2" + (f"&page_token={token}" if token else ""))
            seen += [e["id"] for e in part["events"]]
            token = part["next_token"]
        self.assertEqual(seen, made)
        self.assertEqual(found(f"search={word}&status=on_sale")["pagination"]["total"], 5)
        self.assertEqual(found(f"search={word}&status=ended")["pagination"]["total"], 0)
        self.assertEqual(found(f"search={word.upper()}%20%ED%95%9C%EA%B5%AD")["pagination"]["total"], 5)
        for query in ("limit=101", "limit=0", "page=0", "page=x", "status=nonsense"):
            self.assertEqual(client.get("/v1/events?" + query).status, 422, query)
        self.assertEqual(client.get("/v1/events?page_token=zzz").code, "bad_cursor")
        self.assertEqual(client.get("/v1/events?unknown=1").code, "unknown_field")
        for query in (f"search={'x' * 201}", "search=%25", "search='%20OR%201=1--"):
            said = client.get("/v1/events?" + query)
            self.assertIn(said.status, (200, 422), f"{query}: {said}")

    def test_an_organization_lists_its_drafts_too(self):
        boss, word = organizer(), fresh("own")
        ids = {boss.event(title=word + " sale")["id"], boss.draft(title=word + " draft")["id"]}
        gone = boss.draft(title=word + " gone")["id"]
        boss.step(gone, "cancel")
        where = f"/v1/organizations/{boss.organization}/events"
        found = lambda query="": {e["id"]: e["status"] for e in boss.get(f"{where}?search={word}{query}").json["events"]}
        eventually(lambda: len(found()) == 3 and found()[gone] == "cancelled")
        self.assertEqual(set(found()), ids | {gone})
        self.assertEqual(set(found("&status=draft").values()), {"draft"})
        self.assertEqual([e["title"] for e in anyone().get(f"/v1/events?search={word}").json["events"]], [word + " sale"])
        first = boss.get(f"{where}?search={word}&limit=2").json
        second = boss.get(f"{where}?search={word}&limit=2&page_token={first['next_token']}").json
        self.assertEqual(len({e["id"] for e in first["events"] + second["events"]}), 3)
        self.assertEqual(anyone().get(f"/v1/events?page_token={first['next_token']}").code, "bad_cursor")
        for query, status in (("limit=0", 422), ("status=nonsense", 422), ("unknown=1", 400)):
            self.assertEqual(boss.get(f"{where}?{query}").status, status, query)
        self.assertEqual(stranger().get(where).status, 404)
        self.assertEqual(anyone().get(where).status, 401)

    def test_an_administrator_approves_where_that_is_asked_for(self):
        from world import ADMIN, new_node
        from client import Client, Organizer
        import world
        strict = new_node({"sales": {"require_admin_approval": True}}, admin=ADMIN)
        boss = Organizer(strict, world.contract)
        event = boss.draft()["id"]
        boss.step(event, "configure")
        refused = boss.post(f"/v1/events/{event}/approve")
        self.assertEqual((refused.status, refused.code), (403, "forbidden"))
        root = Client(strict, world.contract)
        root.token = root.post("/v1/auth/login", {"email": ADMIN[0], "password": ADMIN[1]}).json["access_token"]
        self.assertEqual(root.get("/v1/users/me").json["user"]["role"], "admin")
        waiting = lambda who: [e["id"] for e in who.get("/v1/events?status=configured").json["events"]]
        self.assertEqual(eventually(lambda: waiting(root)), [event], "what is to be approved can be found")
        self.assertEqual((waiting(boss), waiting(Client(strict, world.contract))), ([], []))
        self.assertEqual(root.post(f"/v1/events/{event}/approve").status, 200)
        boss.step(event, "publish")
        strict.stop()
