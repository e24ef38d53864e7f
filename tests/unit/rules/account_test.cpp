#include "actors/account/account.hpp"
#include "actors/login/login.hpp"
#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::account;

namespace {

constexpr uuid self = nth(1);
constexpr uuid phone = nth(61);
const person countess{"ada@example.org", "ada", "Ada", "Lovelace", ""};
const registered ada_registered{countess, "hash", role::user, t0};
const signed_in on_her_phone{phone, "token-1", t0 + 24h};

entity_id login_of(const std::string& name) {
  return {entity_kind::login, login::key_of(name)};
}

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{self, past};
}

register_person registering() {
  return {countess, "hash", role::user, 0, {}};
}

} // namespace

TEST(account, takes_both_names_before_it_exists) {
  auto account = given({});
  account.when(registering())
    .then_asks<login::claim>(login_of("ADA@example.org"));
  account.when_granted().then_asks<login::claim>(login_of("ada"));
  account.when_granted().then({ada_registered});
  EXPECT_EQ(account.said().show, 201);
  account.when(registering()).then_refused(errc::already_exists);
}

TEST(account, is_refused_when_the_e_mail_address_is_taken) {
  given({})
    .when(registering())
    .when_refused(errc::already_exists)
    .then_refused(errc::email_taken)
    .then_letters(0);
}

TEST(account, gives_the_e_mail_address_back_when_the_user_name_is_taken) {
  given({})
    .when(registering())
    .when_granted()
    .when_refused(errc::already_exists)
    .then_refused(errc::username_taken)
    .then_tells<login::release>(0, login_of("ada@example.org"));
}

TEST(account, guesses_nothing_when_a_name_does_not_answer) {
  given({})
    .when(registering())
    .when_refused(errc::outcome_unknown)
    .then_refused(errc::outcome_unknown);
}

TEST(account, rotates_refresh_tokens) {
  auto account = given({ada_registered, on_her_phone});
  account.when(rotate{phone, "token-1", "token-2", t0 + 25h}, t0 + 1h)
    .then({rotated{phone, "token-2", t0 + 25h, t0 + 1h}});
  EXPECT_EQ(account.replied<secret>().email, "ada@example.org");
}

TEST(account, repeats_an_exchange_whose_answer_may_be_lost) {
  auto account =
    given({ada_registered, on_her_phone, rotated{phone, "2", t0 + 25h, t0}});
  const rotate again{phone, "token-1", "2", t0 + 26h};
  for (const auto when : {t0, t0 + exchange_repeated - 1ms}) {
    account.when(again, when).then_nothing();
    EXPECT_EQ(account.replied<secret>().email, "ada@example.org");
  }
  account.when(rotate{phone, "2", "3", t0 + 26h}, t0 + 1s)
    .then({rotated{phone, "3", t0 + 26h, t0 + 1s}});
  account.when(rotate{phone, "2", "3", t0 + 26h}, t0 + 2s).then_nothing();
  account
    .when(again, t0 + 2s) // its successor has been used
    .then_refused(errc::token_reused, {signed_out{phone, true}});
}

TEST(account, repeats_no_exchange_that_is_long_over_or_that_never_was) {
  const std::vector<fact> past{ada_registered, on_her_phone,
                               rotated{phone, "2", t0 + 25h, t0}};
  given(past)
    .when(rotate{phone, "token-1", "2", t0 + 26h}, t0 + exchange_repeated)
    .then_refused(errc::token_reused, {signed_out{phone, true}});
  given(past)
    .when(rotate{phone, "token-1", "another", t0 + 26h}, t0 + 1s)
    .then_refused(errc::token_reused, {signed_out{phone, true}});
  given(past)
    .when(rotate{phone, "token-0", "2", t0 + 26h}, t0 + 1s)
    .then_refused(errc::token_reused, {signed_out{phone, true}});
  given({ada_registered, signed_in{phone, "token-1", t0 + 1h},
         rotated{phone, "2", t0 + 1h, t0 + 1h - 1s}})
    .when(rotate{phone, "token-1", "2", t0 + 2h}, t0 + 1h)
    .then_refused(errc::token_expired);
}

TEST(account, ends_the_family_when_an_old_token_is_shown) {
  auto account =
    given({ada_registered, on_her_phone, rotated{phone, "token-2", t0 + 25h}});
  account.when(rotate{phone, "token-1", "token-3", t0 + 25h})
    .then_refused(errc::token_reused, {signed_out{phone, true}});
  account.when(rotate{phone, "token-2", "token-3", t0 + 25h})
    .then_refused(errc::invalid_token);
}

TEST(account, rotates_nothing_after_the_end) {
  given({ada_registered, on_her_phone})
    .when(rotate{phone, "token-1", "token-2", t0 + 48h}, t0 + 24h)
    .then_refused(errc::token_expired);
  given({ada_registered, on_her_phone})
    .when(rotate{nth(62), "token-1", "token-2", t0 + 48h})
    .then_refused(errc::invalid_token);
}

TEST(account, signs_out_and_notices_an_old_token_there_too) {
  given({ada_registered, on_her_phone})
    .when(sign_out{phone, "token-1"})
    .then({signed_out{phone, false}});
  given({ada_registered, on_her_phone})
    .when(sign_out{phone, "token-0"})
    .then({signed_out{phone, true}});
  given({ada_registered}).when(sign_out{phone, "token-1"}).then_nothing();
}

TEST(account, clears_old_families_and_bounds_their_number) {
  auto account = given({ada_registered, on_her_phone});
  account.when(sign_in{nth(62), "t", t0 + 50h}, t0 + 24h)
    .then({signed_out{phone, false}, signed_in{nth(62), "t", t0 + 50h}});
  for (std::uint8_t n = 100; n < 150; ++n)
    account.when(sign_in{nth(n), "t", t0 + 50h + std::chrono::minutes{n}},
                 t0 + 25h);
  EXPECT_EQ(account.state().families.size(), most_families);
  EXPECT_TRUE(account.state().families.contains(nth(149)));
}

TEST(account, checks_against_the_newer_hash_of_the_same_password) {
  auto account = given({ada_registered});
  account.when(sign_in{phone, "token-1", t0 + 24h, "dearer hash"})
    .then({on_her_phone, rehashed{"dearer hash"}});
  account.when(challenge{});
  EXPECT_EQ(account.replied<secret>().password_hash, "dearer hash");
}

TEST(account, ends_all_families_when_the_password_changes) {
  auto account = given({ada_registered, on_her_phone});
  account.when(set_password{"new hash"}).then({password_changed{"new hash"}});
  EXPECT_EQ(
    account.when(challenge{}).replied<secret>().password_hash, // at once
    "new hash");
  account.when(rotate{phone, "token-1", "token-2", t0 + 25h}, t0 + 1h)
    .then_refused(errc::invalid_token);
  given({}).when(set_password{"new hash"}).then_refused(errc::not_found);
}

TEST(account, lets_nobody_in_whose_password_changed_while_it_was_checked) {
  auto account = given({ada_registered, password_changed{"new hash"}});
  account.when(sign_in{phone, "token-1", t0 + 24h, "dearer hash", "hash"})
    .then_refused(errc::invalid_credentials);
  account.when(sign_in{phone, "token-1", t0 + 24h, {}, "hash"})
    .then_refused(errc::invalid_credentials);
  EXPECT_EQ(account.when(challenge{}).replied<secret>().password_hash,
            "new hash");
  account.when(sign_in{phone, "token-1", t0 + 24h, {}, "new hash"})
    .then({on_her_phone});
  given({ada_registered, rehashed{"dearer hash"}, password_changed{"new hash"}})
    .when(sign_in{phone, "token-1", t0 + 24h, {}, "hash"})
    .then_refused(errc::invalid_credentials);
}

TEST(account, lets_two_in_at_once_though_the_first_renews_the_hash) {
  auto account = given({ada_registered});
  account.when(sign_in{phone, "token-1", t0 + 24h, "dearer hash", "hash"})
    .then({on_her_phone, rehashed{"dearer hash"}});
  for (std::uint8_t n = 62; n < 64; ++n)
    account.when(sign_in{nth(n), "t", t0 + 24h, "another hash", "hash"})
      .then({signed_in{nth(n), "t", t0 + 24h}});
  EXPECT_EQ(account.when(challenge{}).replied<secret>().password_hash,
            "dearer hash");
}

TEST(account, tells_nothing_before_it_exists) {
  given({}).when(challenge{}).then_refused(errc::not_found);
  given({}).when(sign_in{phone, "t", t0 + 1h}).then_refused(errc::not_found);
  given({}).when(describe{}).then_refused(errc::not_found);
}

TEST(account, shows_no_secret) {
  auto account = given({ada_registered, on_her_phone});
  const auto text = render(account.state(), self);
  EXPECT_EQ(text.find("hash"), std::string::npos);
  EXPECT_EQ(text.find("token"), std::string::npos);
  EXPECT_NO_THROW(json::parse(text));
}

TEST(login, belongs_to_one_account_at_a_time) {
  scenario<login::state> name{login::key_of("ada")};
  name.when(login::resolve{}).then_refused(errc::not_found);
  name.when(login::claim{ada}).then({login::claimed_at{ada, t0}});
  name.when(login::claim{ada}).then_nothing();
  name.when(login::claim{bob}).then_refused(errc::already_exists);
  EXPECT_EQ(name.when(login::resolve{}).replied<login::owner>().account, ada);
  name.when(login::release{bob}).then_nothing();
  name.when(login::release{ada}).then({login::released{}});
  name.when(login::release{ada}).then_nothing();
  name.when(login::claim{bob}).then({login::claimed_at{bob, t0}});
}

TEST(login, is_free_again_if_its_account_was_never_registered) {
  scenario<login::state> name{login::key_of("ada"),
                              {login::claimed_at{ada, t0}}};
  const auto later = t0 + login::a_registration;
  name.when(login::claim{bob}, later - 1ms).then_refused(errc::already_exists);
  name.when(login::claim{bob}, later)
    .then_asks<account::challenge>({entity_kind::account, ada.value});
  name.when_refused(errc::not_found, later)
    .then({login::claimed_at{bob, later}});
  name.when(login::claim{ada}, later).then_refused(errc::already_exists);
}

TEST(login, stays_with_an_account_that_exists_or_does_not_answer) {
  const auto later = t0 + 24h;
  for (const auto& was : {login::fact{login::claimed_at{ada, t0}},
                          login::fact{login::claimed{ada}}}) {
    scenario<login::state> name{login::key_of("ada"), {was}};
    name.when(login::claim{bob}, later)
      .when_granted(account::secret{}, later)
      .then_refused(errc::already_exists);
    name.when(login::claim{bob}, later)
      .when_refused(errc::outcome_unknown, later)
      .then_refused(errc::outcome_unknown);
    EXPECT_EQ(name.state().account, ada);
  }
}

TEST(login, gives_a_registration_that_begins_again_its_whole_time) {
  scenario<login::state> name{login::key_of("ada"),
                              {login::claimed_at{ada, t0}}};
  name.when(login::claim{ada}, t0 + 1min).then_nothing();
  name.when(login::claim{ada}, t0 + 11min)
    .then({login::claimed_at{ada, t0 + 11min}});
  name.when(login::claim{bob}, t0 + 12min).then_refused(errc::already_exists);
}

TEST(login, is_the_same_in_upper_and_lower_case) {
  EXPECT_EQ(login::key_of("Ada@Example.org"), login::key_of("ada@example.org"));
  EXPECT_NE(login::key_of("ada"), login::key_of("bob"));
}
