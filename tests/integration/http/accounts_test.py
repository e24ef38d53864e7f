"""Registering, signing in, tokens that rotate."""
import time
import unittest

from client import PASSWORD
from node import fresh
from world import ADMIN, anyone, new_node, node, person


class Accounts(unittest.TestCase):
    def test_register_login_and_who_am_i(self):
        who = person(user_name=fresh("u"), mobile_phone="+84 90 000 0000")
        me = who.get("/v1/users/me").json["user"]
        self.assertEqual((me["id"], me["email"], me["role"]), (who.id, who.email, "user"))
        claims = who.get("/v1/auth/verify-token").json
        self.assertEqual((claims["user_id"], claims["email"], claims["role"]), (who.id, who.email, "user"))

    def test_login_by_user_name_in_any_case(self):
        name = fresh("Name")
        person(user_name=name)
        for spelling in (name, name.lower()):
            said = anyone().post("/v1/auth/login", {"username": spelling, "password": PASSWORD})
            self.assertEqual(said.status, 200, said)

    def test_a_wrong_password_and_an_unknown_name_look_alike(self):
        who = person()
        for form in ({"email": who.email, "password": "a wrong password"},
                     {"email": "nobody@usher.example", "password": PASSWORD},
                     {"username": "nobody-at-all", "password": PASSWORD}):
            said = anyone().post("/v1/auth/login", form)
            self.assertEqual((said.status, said.code), (401, "invalid_credentials"), form)

    def test_an_unknown_name_takes_as_long_as_a_wrong_password(self):
        costly = new_node({"security": {"passwords": {"operations": 4, "memory_mib": 64}}})
        who, client = person(costly), anyone(costly)

        def took(email):
            start = time.monotonic()
            said = client.post("/v1/auth/login", {"email": email, "password": "a wrong password"})
            self.assertEqual((said.status, said.code), (401, "invalid_credentials"))
            return time.monotonic() - start

        known, unknown = (min(took(email) for _ in range(5)) for email in (who.email, "nobody@usher.example"))
        self.assertLess(max(known, unknown), 1.5 * min(known, unknown), (known, unknown))
        self.assertEqual(costly.stop(), 0)

    def test_login_wants_exactly_one_name(self):
        for form in ({"password": PASSWORD}, {"email": "a@b.c", "username": "abc", "password": PASSWORD}):
            self.assertEqual(anyone().post("/v1/auth/login", form).status, 400, form)

    def test_an_email_and_a_user_name_belong_to_one_account(self):
        who = person(user_name=fresh("u"))
        name = who.get("/v1/users/me").json["user"]["user_name"]
        form = {"email": who.email.upper(), "password": PASSWORD, "first_name": "B", "last_name": "C"}
        self.assertEqual(anyone().post("/v1/auth/register", form).code, "email_taken")
        form.update(email=fresh("q") + "@usher.example", user_name=name)
        self.assertEqual(anyone().post("/v1/auth/register", form).code, "username_taken")
        del form["user_name"]  # the refusal left the address free
        self.assertEqual(anyone().post("/v1/auth/register", form).status, 201)

    def test_values_out_of_range_name_their_field(self):
        good = {"email": "v@usher.example", "password": PASSWORD, "first_name": "A", "last_name": "B"}
        for field, value in (("email", "no address"), ("email", "a@"), ("password", "short"), ("password", "x" * 129),
                             ("first_name", ""), ("last_name", "x" * 101), ("user_name", "a b"), ("mobile_phone", "9" * 21)):
            said = anyone().post("/v1/auth/register", {**good, field: value})
            self.assertEqual((said.status, said.json["errors"][0]["field"]), (422, field), said)

    def test_refresh_rotates_and_reuse_ends_the_family(self):
        who = person()
        first = who.refresh
        second = anyone().post("/v1/auth/refresh", {"refresh_token": first}).json
        self.assertNotEqual(second["refresh_token"], first)
        self.assertEqual(who.get("/v1/users/me", token=second["access_token"]).status, 200)
        third = anyone().post("/v1/auth/refresh", {"refresh_token": second["refresh_token"]}).json
        again = anyone().post("/v1/auth/refresh", {"refresh_token": first})
        self.assertEqual((again.status, again.code), (401, "token_reused"))
        newest = anyone().post("/v1/auth/refresh", {"refresh_token": third["refresh_token"]})
        self.assertEqual(newest.status, 401, "the family is over")
        who.sign_in()  # another family begins
        self.assertEqual(anyone().post("/v1/auth/refresh", {"refresh_token": who.refresh}).status, 200)

    def test_a_refresh_whose_answer_was_lost_is_repeated_also_after_a_crash(self):
        at = new_node()
        who = person(at)
        renew = lambda token: anyone(at).post("/v1/auth/refresh", {"refresh_token": token})
        lost, again = renew(who.refresh), renew(who.refresh)
        self.assertEqual((lost.status, again.status), (200, 200))
        self.assertEqual(again.json["refresh_token"], lost.json["refresh_token"])
        at.kill9()
        at.start()
        again = renew(who.refresh)
        self.assertEqual((again.status, again.json["refresh_token"]), (200, lost.json["refresh_token"]))
        self.assertEqual(who.get("/v1/users/me", token=again.json["access_token"]).status, 200)
        self.assertEqual(renew(again.json["refresh_token"]).status, 200)
        self.assertEqual(at.stop(), 0)

    def test_logout_ends_the_family(self):
        who = person()
        self.assertEqual(anyone().post("/v1/auth/logout", {"refresh_token": who.refresh}).status, 204)
        self.assertEqual(anyone().post("/v1/auth/refresh", {"refresh_token": who.refresh}).status, 401)
        self.assertEqual(anyone().post("/v1/auth/logout", {"refresh_token": "nonsense"}).status, 401)

    def test_made_up_refresh_tokens(self):
        who = person()
        account, family, secret = who.refresh.split(".")
        for text in ("", "x", "..", f"{fresh()}.{family}.{secret}",
                     f"{family}.{account}.{secret}", who.token):
            said = anyone().post("/v1/auth/refresh", {"refresh_token": text})
            self.assertEqual(said.status, 401, text)
        self.assertEqual(anyone().post("/v1/auth/refresh", {"refresh_token": who.refresh}).status, 200,
                         "guessing does not end a family")

    def test_passwords_are_stored_as_argon2id(self):
        who = person()
        stored = node().query("SELECT string_agg(facts, '') FROM journal WHERE facts LIKE '%argon2id%'")
        self.assertIn("$argon2id$", stored)
        self.assertNotIn(PASSWORD, stored)
        self.assertNotIn(who.refresh.split(".")[2], stored)

    def test_a_password_is_hashed_at_the_cost_of_today_when_it_is_next_used(self):
        at = new_node()
        who = person(at)
        self.assertEqual(at.stop(), 0)
        at.change = {"security": {"passwords": {"operations": 2, "memory_mib": 9}}}
        at.start()
        hashes = lambda: at.query(f"SELECT count(*) FROM journal WHERE entity = '{who.id}' AND facts LIKE '%t=2,p=1%'")
        login = lambda password: anyone(at).post("/v1/auth/login", {"email": who.email, "password": password}).status
        self.assertEqual((login("a wrong password"), hashes()), (401, "0"))
        self.assertEqual((login(PASSWORD), hashes()), (200, "1"))
        self.assertEqual((login(PASSWORD), hashes()), (200, "1"), "once is enough")
        self.assertEqual(login("a wrong password"), 401)
        self.assertEqual(at.stop(), 0)


class Administrator(unittest.TestCase):
    def start_again(self, at, password):
        self.assertEqual(at.stop(), 0)
        at.admin = (ADMIN[0], password)
        at.start()

    def login(self, at, password):
        return anyone(at).post("/v1/auth/login", {"email": ADMIN[0], "password": password})

    def role(self, at, token):
        return anyone(at).get("/v1/users/me", token=token).json["user"]["role"]

    def test_a_new_password_in_the_environment_is_the_right_one_from_the_next_start_on(self):
        at, new = new_node(admin=ADMIN), "a newer password for the administrator"
        first = self.login(at, ADMIN[1]).json
        rows = at.quiet_rows()
        self.start_again(at, ADMIN[1])
        self.assertEqual(at.quiet_rows(), rows, "the same password is no news")
        self.start_again(at, new)
        self.assertIn("admin_password_changed", at.last_words())
        self.assertEqual(self.login(at, ADMIN[1]).code, "invalid_credentials")
        said = self.login(at, new)
        self.assertEqual((said.status, self.role(at, said.json["access_token"])), (200, "admin"))
        old = anyone(at).post("/v1/auth/refresh", {"refresh_token": first["refresh_token"]})
        self.assertEqual((old.status, old.code), (401, "invalid_token"))
        self.assertEqual(at.stop(), 0)

    def test_who_registered_the_address_first_is_no_administrator_and_the_operator_hears_of_it(self):
        at = new_node()
        form = {"email": ADMIN[0], "password": PASSWORD, "first_name": "A", "last_name": "B"}
        self.assertEqual(anyone(at).post("/v1/auth/register", form).status, 201)
        self.start_again(at, ADMIN[1])
        self.assertIn("admin_email_taken", at.last_words())
        self.assertEqual(self.login(at, ADMIN[1]).status, 401)
        self.assertEqual(self.role(at, self.login(at, PASSWORD).json["access_token"]), "user")
        self.assertEqual(at.stop(), 0)


class Languages(unittest.TestCase):
    def test_a_problem_speaks_the_language_asked_for(self):
        titles = set()
        for language in ("en", "ko-KR,ko;q=0.9", "vi"):
            said = anyone().get("/v1/users/me", headers={"Accept-Language": language})
            self.assertEqual(said.header("Content-Language"), language[:2])
            titles.add(said.json["title"])
        self.assertEqual(len(titles), 3)


class Problems(unittest.TestCase):
    def test_a_problem_has_the_id_that_its_caller_gave(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        ask = lambda **headers: anyone().get("/v1/users/me", headers={k.replace("_", "-"): v for k, v in headers.items()})
        parent = f"00-{trace}-00f067aa0ba902b7-01"
        self.assertEqual(ask(traceparent=parent).json["trace_id"], trace)
        self.assertEqual(ask(traceparent=parent, X_Request_Id="mine").json["trace_id"], trace)
        self.assertEqual(ask(traceparent="nonsense", X_Request_Id="mine").json["trace_id"], "mine")
        self.assertNotIn("trace_id", ask().json, "a refusal is in no log")

    def test_a_problem_says_in_words_what_is_wrong_with_which_field(self):
        said = anyone().post("/v1/auth/login", {"email": "a@b.c", "password": 7})
        self.assertEqual(said.json["detail"], f"password: {said.json['errors'][0]['message']}")
