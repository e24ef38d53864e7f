#include "protocol/frame.hpp"
#include "protocol/membership.hpp"
#include "tests/support/every_fact.hpp"

#include <boost/pfr.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <rapidcheck/gtest.h>
#include <set>
#include <sstream>

/// What travels between nodes arrives as it was sent, and junk arrives nowhere.
using namespace usher;
using namespace usher::test;

namespace {

constexpr auto golden = "tests/unit/golden/frames.txt";

/// The commands that nodes of version 4 know. Never to be changed.
constexpr auto names_of_version_4 =
  "account.challenge/1 account.describe/1 account.register_person/1 "
  "account.rotate/1 account.sign_in/1 account.sign_out/1 allowance.claim/1 "
  "allowance.come_back/1 allowance.enter/1 allowance.leave/1 "
  "booking_session.cancel/1 booking_session.checkout/1 "
  "booking_session.describe/1 booking_session.extend/1 "
  "booking_session.hold/1 booking_session.open/1 "
  "booking_session.reconcile/1 booking_session.remove/1 "
  "booking_session.settle/1 booking_session.share/1 booking_session.undo/1 "
  "booking_session.usage/1 event.admit/1 event.advance/1 event.create/1 "
  "event.describe/1 event.note_stock/1 event.pause/1 event.tell_room/1 "
  "event.wind_up/1 layout.create/1 layout.describe/1 layout.read/1 "
  "login.claim/1 login.release/1 login.resolve/1 organization.create/1 "
  "organization.describe/1 organization.role_of/1 payment.create/1 "
  "payment.describe/1 payment.inquire/1 payment.notify/1 "
  "payment.refund_done/1 queue_slot.complete/1 queue_slot.join/1 "
  "queue_slot.leave/1 queue_slot.status/1 seat_block.block_seats/1 "
  "seat_block.close/1 seat_block.confirm/1 seat_block.extend/1 "
  "seat_block.hold/1 seat_block.hold_best/1 seat_block.hold_places/1 "
  "seat_block.open/1 seat_block.release/1 seat_block.take_back/1 "
  "seat_block.tell_event/1 seat_block.unblock_seats/1 seat_block.view/1 "
  "waiting_room.check_in/1 waiting_room.check_out/1 waiting_room.close/1 "
  "waiting_room.leave/1 waiting_room.look/1 waiting_room.open/1 "
  "waiting_room.take_number/1 wake/1";

entity_id someone(entity_kind kind) {
  filler fill;
  entity_id out{kind, {}};
  fill.fill(out.key);
  return out;
}

/// Every command of every entity, no member at its default, on its way.
std::vector<request> every_request() {
  std::vector<request> out;
  for (const auto kind : all_kinds()) {
    const auto of_entity = wake_of(kind);
    std::visit(
      [&]<class Command>(const Command&) {
        for (auto& what : every_fact<Command>())
          out.push_back({someone(kind),
                         std::move(what),
                         {3, someone(entity_kind::event), 4, 5},
                         request_key{mint_uuid(), ~0ULL},
                         true});
      },
      of_entity);
  }
  return out;
}

std::vector<any_reply> every_reply() {
  std::vector<any_reply> out;
  boost::mp11::mp_for_each<
    boost::mp11::mp_transform<std::type_identity, any_reply>>([&](auto one) {
    typename decltype(one)::type what;
    if constexpr (!std::is_same_v<decltype(what), std::monostate>)
      filler{}.fill(what);
    if constexpr (std::is_same_v<decltype(what), document>)
      what.json = "{\"raw\":\"line\\n\"}\nand what follows";
    out.emplace_back(std::move(what));
  });
  return out;
}

/// Members that an entity keeps while it asks others, or that travel as text.
template <class T>
constexpr std::size_t undescribed = 0;
template <>
constexpr std::size_t undescribed<account::register_person> = 2;
template <>
constexpr std::size_t undescribed<login::claim> = 2;
template <>
constexpr std::size_t undescribed<event::wind_up> = 4;
template <>
constexpr std::size_t undescribed<event::tell_room> = 2;
template <>
constexpr std::size_t undescribed<seat_block::tell_event> = 2;
template <>
constexpr std::size_t undescribed<allowance::enter> = 2;
template <>
constexpr std::size_t undescribed<allowance::claim> = 2;
template <>
constexpr std::size_t undescribed<allowance::come_back> = 2;
template <>
constexpr std::size_t undescribed<booking_session::open> = 4;
template <>
constexpr std::size_t undescribed<booking_session::hold> = 5;
template <>
constexpr std::size_t undescribed<booking_session::extend> = 4;
template <>
constexpr std::size_t undescribed<booking_session::checkout> = 5;
template <>
constexpr std::size_t undescribed<booking_session::settle> = 6;
template <>
constexpr std::size_t undescribed<booking_session::reconcile> = 1;
template <>
constexpr std::size_t undescribed<booking_session::undo> = 2;
template <>
constexpr std::size_t undescribed<event::create> = 2;
template <>
constexpr std::size_t undescribed<event::revise> = 2;
template <>
constexpr std::size_t undescribed<event::advance> = 3;
template <>
constexpr std::size_t undescribed<payment::notify> = 2;
template <>
constexpr std::size_t undescribed<queue_slot::join> = 2;
template <>
constexpr std::size_t undescribed<queue_slot::status> = 2;
template <>
constexpr std::size_t undescribed<document> = 1;
template <>
constexpr std::size_t undescribed<seat_block::picture> = 1;
template <>
constexpr std::size_t undescribed<event::description> = 1;

template <class T>
void expect_all_described() {
  EXPECT_EQ(boost::pfr::tuple_size_v<T>,
            boost::mp11::mp_size<json::members_of<T>>::value + undescribed<T>)
    << "a member of " << __PRETTY_FUNCTION__ << " does not travel";
}

template <class T>
struct unshared {
  using type = T;
};

template <class T>
struct unshared<std::shared_ptr<const T>> {
  using type = T;
};

} // namespace

TEST(frame, brings_every_command_as_it_was) {
  const auto all = every_request();
  EXPECT_EQ(all.size(), command_names().size());
  for (const auto& what : all) {
    const auto body = encode(what);
    const auto read = decode_request(body);
    EXPECT_EQ(encode(read), body);
    EXPECT_EQ(read.to, what.to);
    EXPECT_EQ(name_of(read.what), name_of(what.what));
    EXPECT_EQ(read.what.index(), what.what.index());
    EXPECT_EQ(read.from.asker, what.from.asker);
    EXPECT_EQ(read.from.node, 5);
    EXPECT_EQ(read.key->request, what.key->request);
    EXPECT_EQ(read.key->body_hash, ~0ULL);
    EXPECT_TRUE(read.newborn);
  }
}

TEST(frame, brings_what_is_left_of_the_deadline) {
  const timestamp here{duration{1'000'000}}, there{duration{5'000}};
  auto what = every_request().front();
  what.until = here + duration{2'500};
  const auto body = encode(what, here + duration{700});
  EXPECT_EQ(decode_request(body, there).until, there + duration{1'800});
  what.until.reset();
  EXPECT_FALSE(decode_request(encode(what, here), there).until);
}

TEST(frame, brings_how_often_it_was_passed_on) {
  auto what = every_request().front();
  EXPECT_EQ(encode(what).find("hops"), std::string::npos);
  what.hops = 3;
  EXPECT_EQ(decode_request(encode(what)).hops, 3U);
}

TEST(frame, brings_the_trace_of_the_request_behind_it_if_there_is_one) {
  auto what = every_request().front();
  EXPECT_EQ(encode(what).find("trace"), std::string::npos);
  for (const bool is_sampled : {false, true}) {
    what.by = {mint_uuid(), is_sampled};
    EXPECT_EQ(decode_request(encode(what)).by, what.by);
  }
}

TEST(frame, survives_a_deadline_that_makes_no_sense) {
  for (const auto* left : {"9223372036854775807", "-9223372036854775808"}) {
    const auto read = decode_request(
      R"({"to":"login:00000000-0000-0000-0000-000000000001","from":{},"left":)"
        + std::string{left} + R"(,"command":["login.resolve/1",{}]})",
      timestamp::max() - std::chrono::hours{24});
    EXPECT_TRUE(read.until) << left;
  }
}

TEST(frame, brings_every_reply_as_it_was) {
  for (const auto& reply : every_reply()) {
    const response said{{1, {}, 7, 9}, {errc::ok, "", reply}};
    const auto body = encode(said);
    const auto read = decode_response(body);
    EXPECT_EQ(encode(read), body);
    EXPECT_EQ(read.what.reply.index(), reply.index());
    EXPECT_EQ(read.to.number, 7U);
    EXPECT_TRUE(read.what.granted());
  }
}

TEST(frame, carries_a_document_byte_for_byte) {
  const document sent{201, "{\"a\":\"\\n\"}\n\n{}"};
  const auto read = decode_response(encode(response{{}, {errc::ok, "", sent}}));
  const auto& got = std::get<document>(read.what.reply);
  EXPECT_EQ(got.status, 201);
  EXPECT_EQ(got.json, sent.json);
}

TEST(frame, brings_every_refusal_with_what_it_says) {
  for (unsigned n = 1; n <= static_cast<unsigned>(errc::quarantined); ++n) {
    const auto why = static_cast<errc>(n);
    const auto read = decode_response(
      encode(response{{1, {}, 2, 3}, {why, R"("seats":["A-1"])", {}}}));
    EXPECT_EQ(read.what.refused, why) << to_string(why);
    EXPECT_EQ(read.what.more, R"("seats":["A-1"])");
  }
}

TEST(frame, leaves_at_home_only_what_is_meant_to_stay) {
  boost::mp11::mp_for_each<
    boost::mp11::mp_transform<std::type_identity, any_command>>([](auto one) {
    boost::mp11::mp_for_each<boost::mp11::mp_transform<
      std::type_identity, typename decltype(one)::type>>([](auto command) {
      expect_all_described<typename decltype(command)::type>();
    });
  });
  boost::mp11::mp_for_each<
    boost::mp11::mp_transform<std::type_identity, any_reply>>([](auto one) {
    using type = typename unshared<typename decltype(one)::type>::type;
    if constexpr (json::described_struct<type>)
      expect_all_described<type>();
  });
}

TEST(frame, has_a_name_of_its_own_for_each) {
  std::set<std::string_view> seen;
  for (const auto name : command_names())
    EXPECT_TRUE(name == wake::command_name || seen.insert(name).second) << name;
  for (const auto name : reply_names())
    EXPECT_TRUE(seen.insert(name).second) << name;
}

/// A difference here means that a node of yesterday and one of today do not
/// understand each other. New ones are added by USHER_GOLDEN=write.
TEST(frame, writes_as_ever) {
  std::ostringstream now;
  for (auto what : every_request()) {
    what.key.reset();
    now << encode(what) << '\n';
  }
  for (const auto& reply : every_reply())
    now << encode(response{{1, {}, 2, 3}, {errc::ok, "", reply}}) << '\n';
  if (std::getenv("USHER_GOLDEN"))
    std::ofstream(golden) << now.str();
  std::ifstream file(golden);
  ASSERT_TRUE(file) << "run from the top of the repository";
  std::ostringstream ever;
  ever << file.rdbuf();
  EXPECT_EQ(now.str(), ever.str());
}

TEST(frame, passes_over_what_a_later_version_adds) {
  const auto read = decode_request(
    R"({"to":"waiting_room:00000000-0000-0000-0000-000000000001","hops":3,)"
    R"("command":["waiting_room.look/1",{"number":7,"new":[]},"x"],)"
    R"("from":{"number":1,"via":"x"}})");
  const auto& cmd = std::get<waiting_room::command>(read.what);
  EXPECT_EQ(std::get<waiting_room::look>(cmd).number, 7U);
  EXPECT_EQ(read.from.number, 1U);
  EXPECT_EQ(read.from.node, 0);
  EXPECT_FALSE(read.key);
}

TEST(frame, refuses_what_is_no_request) {
  const std::string to =
    R"("to":"login:00000000-0000-0000-0000-000000000001","from":{})";
  for (const auto& junk : std::vector<std::string>{
         "", "{}", "[]", "{" + to + "}", "{" + to + R"(,"command":[]})",
         "{" + to + R"(,"command":["no.such/1",{}]})",
         // another entity's
         "{" + to + R"(,"command":["seat_block.close/1",{}]})",
         "{" + to + R"(,"command":["login.claim/1",3]})",
         "{" + to + R"(,"command":["login.claim/1",{"account":"x"}]})",
         "{" + to + R"(,"command":["login.resolve/1",{}]}{})",
         R"({"to":"nobody:00000000-0000-0000-0000-000000000001","from":{},)"
         R"("command":["wake/1",{}]})",
         R"({"to":"login:1","from":{},"command":["wake/1",{}]})",
         R"({"to":"login","from":{},"command":["wake/1",{}]})"})
    EXPECT_THROW(decode_request(junk), json::bad_shape) << junk;
}

TEST(frame, refuses_what_is_no_response) {
  for (const auto* junk :
       {"", "\n", "{}\n", R"({"to":{},"reply":["nothing/1",null]})",
        "{\"to\":{},\"reply\":[\"nothing/1\",null]}\nand more",
        "{\"to\":{},\"reply\":[\"no.such/1\",{}]}\n",
        "{\"to\":{},\"refused\":\"no_such\",\"reply\":[\"nothing/1\",null]}\n",
        "{\"to\":3,\"reply\":[\"nothing/1\",null]}\n"})
    EXPECT_THROW(decode_response(junk), json::bad_shape) << junk;
}

TEST(frame, refuses_every_request_that_was_cut_short) {
  for (const auto& what : every_request()) {
    const auto body = encode(what);
    for (std::size_t size = 0; size < body.size(); ++size)
      EXPECT_THROW(decode_request({body.data(), size}), json::bad_shape);
  }
}

TEST(frame, tells_who_asked_though_it_cannot_be_read) {
  EXPECT_EQ(asker_in(R"({"to":"nobody:1","command":["no.such/1",{}],)"
                     R"("from":{"number":7,"asker":"nobody:2"}})"),
            7U);
  EXPECT_EQ(asker_in("{\"to\":{\"number\":8},\"refused\":\"no_such\"}\n{}"),
            8U);
  EXPECT_EQ(asker_in(R"({"to":"nobody:1","from":{"number":0}})"), 0U);
  for (const auto* junk :
       {"", "{", "[]", "{}", R"({"to":"nobody:1"})", R"({"from":7})"})
    EXPECT_FALSE(asker_in(junk)) << junk;
}

TEST(frame, is_understood_by_the_first_version_unless_said_otherwise) {
  for (const auto& what : every_request()) {
    const auto since = first_version_of(what.what);
    EXPECT_GE(since, oldest_protocol);
    EXPECT_LE(since, newest_protocol);
  }
  EXPECT_EQ(first_version_of(seat_block::command{seat_block::close{}}), 1);
  EXPECT_EQ(first_version_of(waiting_room::command{waiting_room::clear{}}), 5);
}

/// A new command needs a first_version: whoever does not know it would refuse
/// what nobody can explain.
TEST(frame, is_not_sent_to_nodes_that_are_older_than_the_command) {
  std::istringstream list{names_of_version_4};
  const std::set<std::string> old{std::istream_iterator<std::string>{list}, {}};
  for (const auto& what : every_request()) {
    const std::string name{name_of(what.what)};
    const auto since = first_version_of(what.what);
    EXPECT_EQ(since < 5, old.contains(name)) << name << ": " << since;
  }
}

RC_GTEST_PROP(frame, survives_any_damage, ()) {
  static const auto all = every_request();
  auto body = encode(*rc::gen::elementOf(all));
  const auto hits = *rc::gen::inRange(1, 5);
  for (int i = 0; i < hits; ++i)
    body[*rc::gen::inRange<std::size_t>(0, body.size())] =
      *rc::gen::arbitrary<char>();
  asker_in(body);
  try {
    decode_request(body);
  } catch (const json::bad_shape&) {
    // as it should be; anything else ends the test
  }
}
