"""From the trace that a buyer reports to what was done for it: in the answer, in the logs, in the journal."""
import json
import secrets
import unittest
import uuid

from client import Organizer
from node import free_port, fresh
from world import anyone, new_node, node, person, worker_node

ORGANIZATION, SEAT_BLOCK, BOOKING_SESSION = 3, 6, 8  # the kinds' numbers


def traceparent(trace, flags="01"):
    return {"traceparent": f"00-{trace}-{'1' * 16}-{flags}"}


def lines_of(at, what):
    """Of a node's log."""
    lines = (at.home / "log").read_text(errors="replace").splitlines()
    return [one for one in (json.loads(x) for x in lines if x.startswith("{")) if one["what"] == what]


class Tracing(unittest.TestCase):
    def test_every_answer_says_its_trace(self):
        trace = secrets.token_hex(16)
        for target, status in (("/v1/events", 200), ("/v1/users/me", 401), ("/v1/nothing", 404)):
            ask = lambda **headers: anyone().get(target, headers={k.replace("_", "-"): v for k, v in headers.items()})
            said = ask(**traceparent(trace), X_Request_Id="mine")
            self.assertEqual((said.status, said.header("X-Trace-Id")), (status, trace))
            self.assertEqual(ask(X_Request_Id=str(uuid.UUID(trace))).header("X-Trace-Id"), trace)
            ours = [ask(X_Request_Id="mine").header("X-Trace-Id"), ask().header("X-Trace-Id")]
            for one in ours:
                self.assertRegex(one, "^[0-9a-f]{32}$")
            self.assertEqual(len({trace, *ours}), 3, "each has one of its own")

    def test_who_asks_for_it_finds_what_came_of_a_request(self):
        boss, buyer = Organizer(node()), person()
        session = buyer.open(boss.event()["id"])["id"]
        for flags, expected in (("00", set()), ("01", {SEAT_BLOCK, BOOKING_SESSION})):
            trace = secrets.token_hex(16)
            said = buyer.post(f"/v1/sessions/{session}/seats", {"best_available": {"count": 1}},
                              headers=traceparent(trace, flags))
            self.assertEqual(said.status, 200, said)
            kinds = node().query(f"SELECT DISTINCT kind FROM traced NATURAL JOIN journal WHERE trace = '{trace}'").split()
            self.assertEqual({int(one) for one in kinds} & {SEAT_BLOCK, BOOKING_SESSION}, expected, flags)
            self.assertEqual(bool(kinds), bool(expected))

    def test_who_debugs_reads_each_command(self):
        talkative = new_node({"log": {"level": "debug"}})
        trace = secrets.token_hex(16)
        said = person(talkative).post("/v1/organizations", {"name": fresh("Org ")}, headers=traceparent(trace, "00"))
        found = [one for one in lines_of(talkative, "command") if one["trace_id"] == trace]
        self.assertEqual([(one["command"], one["entity"]) for one in found],
                         [("organization.create/1", "organization:" + said.json["organization"]["id"])])
        self.assertEqual(talkative.stop(), 0)

    def test_the_node_that_obeyed_a_command_says_so(self):
        talkative = {"log": {"level": "debug"}}
        one = new_node({"cluster": {"address": "127.0.0.1", "port": free_port()}, **talkative})
        two = worker_node(one, talkative)
        who, trace = person(one), secrets.token_hex(16)
        made = [who.post("/v1/organizations", {"name": fresh("Org ")}, headers=traceparent(trace)) for _ in range(20)]
        heard = [[line["entity"] for line in lines_of(at, "command") if line["trace_id"] == trace] for at in (one, two)]
        self.assertEqual(sorted(heard[0] + heard[1]),
                         sorted("organization:" + said.json["organization"]["id"] for said in made))
        self.assertTrue(heard[0] and heard[1], "it travelled")
        self.assertEqual(one.query(f"SELECT count(*) FROM traced WHERE trace = '{trace}'"), "20")
        self.assertEqual((two.stop(), one.stop()), (0, 0))

    def test_what_failed_is_in_the_log_by_the_trace_in_its_problem(self):
        at = new_node()
        who, broken = person(at), str(uuid.UUID(int=uuid.uuid4().int & ~(0xF << 76) | 7 << 76))
        at.query("INSERT INTO journal (lsn, at, epoch, version, shard, kind, entity, is_listed, facts) VALUES "
                 f"(1000000, now(), 1, 1, 255, {ORGANIZATION}, '{broken}', false, '[[\"no.such/1\",{{}}]]')")
        said = who.get(f"/v1/organizations/{broken}")
        self.assertEqual((said.status, said.header("X-Trace-Id")), (503, said.json["trace_id"]))
        found = [one for one in lines_of(at, "command_failed") if one["trace_id"] == said.json["trace_id"]]
        self.assertEqual([(one["entity"], one["node"], one["answer"]) for one in found],
                         [("organization:" + broken, "here", "unavailable")])
        ended = [one for one in lines_of(at, "request_failed") if one["trace_id"] == said.json["trace_id"]]
        self.assertEqual([(one["route"], one["status"]) for one in ended], [("GET /v1/organizations/{id}", "503")])
        self.assertIn("organization:" + broken, [one["entity"] for one in lines_of(at, "entity_failed")])
        self.assertEqual(lines_of(at, "command"), [], "nobody debugs")
        self.assertEqual(at.stop(), 0)
