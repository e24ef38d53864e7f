#include "cluster/caller.hpp"
#include "cluster/link_tls.hpp"
#include "tests/support/link_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Who may link, and as whom: real sockets, real TLS.
using namespace usher;
using namespace usher::cluster;
using namespace usher::test;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class link_trust : public testing::Test {
protected:
  static void SetUpTestSuite() {
    ours = std::make_unique<certificates>("a b c");
    theirs = std::make_unique<certificates>("a b c");
  }

  static void TearDownTestSuite() {
    ours.reset();
    theirs.reset();
  }

  caller_settings visitor(const linked_node& at, const std::string& name) {
    caller_settings out;
    out.address = at.address().address;
    out.certificate = ours->file(name + ".pem");
    out.key = ours->file(name + ".key");
    out.authority = ours->file("ca.pem");
    return out;
  }

  static call_failure failure_of(const caller_settings& settings) {
    try {
      caller{settings};
    } catch (const call_error& failed) {
      return failed.why;
    }
    ADD_FAILURE() << "the call came through";
    return {};
  }

  static std::unique_ptr<certificates> ours;
  static std::unique_ptr<certificates> theirs;
};

std::unique_ptr<certificates> link_trust::ours;
std::unique_ptr<certificates> link_trust::theirs;

} // namespace

TEST_F(link_trust, links_two_nodes_of_one_authority) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*ours, 2, "b"));
  a.mesh.meet({a.address(), b.address()});
  b.mesh.meet({a.address(), b.address()});
  ASSERT_TRUE(a.is_up(2));
  ASSERT_TRUE(b.is_up(1));
  EXPECT_TRUE(a.mesh.send(2, frame_kind::request, "there"));
  EXPECT_TRUE(b.mesh.send(1, frame_kind::response, std::string("\0back", 5)));
  ASSERT_TRUE(b.heard.wait([&] { return b.heard.frames().size() == 1; }));
  ASSERT_TRUE(a.heard.wait([&] { return a.heard.frames().size() == 1; }));
  EXPECT_EQ(b.heard.frames()[0].from, 1);
  EXPECT_EQ(b.heard.frames()[0].kind, frame_kind::request);
  EXPECT_EQ(b.heard.frames()[0].body, "there");
  EXPECT_EQ(a.heard.frames()[0].body, std::string("\0back", 5));
  for (int i = 0; i < 500 && a.mesh.links()[0].round_trip.count() == 0; ++i)
    std::this_thread::sleep_for(10ms); // a beat, there and back
  const auto links = a.mesh.links();
  ASSERT_EQ(links.size(), 1U);
  EXPECT_TRUE(links[0].up);
  EXPECT_EQ(links[0].name, "b");
  EXPECT_EQ(links[0].version, newest_protocol);
  EXPECT_GT(links[0].round_trip.count(), 0);
  EXPECT_FALSE(a.mesh.send(3, frame_kind::request, "nobody"));
}

TEST_F(link_trust, dials_by_the_name_of_a_host) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*ours, 2, "b"));
  a.mesh.meet({{2, "b", "localhost:" + std::to_string(b.mesh.port())}});
  EXPECT_TRUE(a.is_up(2));
}

TEST_F(link_trust, refuses_a_foreign_authority) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*theirs, 2, "b"));
  a.mesh.meet({b.address()});
  EXPECT_THAT(a.trouble("certificate"), HasSubstr("certificate verify failed"));
  // The other way round: a stranger dials, and believes whatever it is shown.
  rough_client stranger(b.mesh.port());
  stranger.secure(*ours, "a");
  stranger.greet(1, "a");
  EXPECT_THAT(stranger.hear_to_the_end(), IsEmpty());
  EXPECT_THAT(b.heard.ups(), IsEmpty());
}

TEST_F(link_trust, refuses_who_shows_no_certificate) {
  linked_node b(node_settings(*ours, 2, "b"));
  rough_client stranger(b.mesh.port());
  stranger.secure(*ours, "");
  stranger.greet(1, "a");
  EXPECT_THAT(stranger.hear_to_the_end(), IsEmpty());
  EXPECT_THAT(b.heard.ups(), IsEmpty());
}

TEST_F(link_trust, refuses_who_speaks_in_the_clear) {
  linked_node b(node_settings(*ours, 2, "b"));
  rough_client stranger(b.mesh.port());
  stranger.greet(1, "a");
  EXPECT_THAT(stranger.hear_to_the_end(), testing::Not(HasSubstr("name")));
  EXPECT_THAT(b.heard.ups(), IsEmpty());
}

TEST_F(link_trust, wants_the_node_that_was_dialed) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node c(node_settings(*ours, 2, "c"));
  auto wrong = c.address();
  wrong.name = "b";
  a.mesh.meet({wrong});
  EXPECT_THAT(a.trouble("reached"), HasSubstr("dialed b and reached c"));
  EXPECT_THAT(a.heard.ups(), IsEmpty());
  EXPECT_TRUE(c.is_down(1)); // it had let a in, and a went
}

TEST_F(link_trust, tells_once_why_there_is_no_link) {
  std::mutex lock;
  std::vector<std::string> told;
  mesh_events events;
  events.troubled = [&](const peer_address&, const std::string& why) {
    const std::lock_guard guard(lock);
    told.push_back(why);
  };
  linked_node c(node_settings(*ours, 2, "c"));
  mesh a(node_settings(*ours, 1, "a"), events);
  auto wrong = c.address();
  wrong.name = "b";
  a.meet({wrong});
  ASSERT_TRUE(c.heard.wait([&] { return c.heard.times_down(1) >= 3; }));
  const std::lock_guard guard(lock);
  EXPECT_THAT(told, testing::ElementsAre(HasSubstr("dialed b and reached c")));
}

TEST_F(link_trust, wants_the_dialed_node_to_be_that_life_of_it) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*ours, 3, "b"));
  auto earlier = b.address();
  earlier.self = 2;
  a.mesh.meet({earlier});
  EXPECT_THAT(a.trouble("reached"), HasSubstr("dialed b and reached b"));
  EXPECT_THAT(a.heard.ups(), IsEmpty());
}

TEST_F(link_trust, believes_a_name_only_with_its_certificate) {
  linked_node b(node_settings(*ours, 2, "b"));
  rough_client liar(b.mesh.port());
  ASSERT_FALSE(liar.secure(*ours, "c"));
  liar.greet(1, "a");
  EXPECT_THAT(liar.hear_to_the_end(), HasSubstr("not for the name a"));
  // And who is dialed may not lie either.
  auto lies = node_settings(*ours, 3, "c");
  lies.name = "b";
  linked_node impostor(lies);
  linked_node a(node_settings(*ours, 1, "a"));
  a.mesh.meet({impostor.address()});
  EXPECT_THAT(a.trouble("name b"), HasSubstr("not for the name b"));
  EXPECT_THAT(a.heard.ups(), IsEmpty());
}

TEST_F(link_trust, believes_no_name_that_stands_for_many) {
  const certificates ends_alike("b c.ops");
  linked_node b(node_settings(ends_alike, 2, "b"));
  for (const std::string name : {".ops", "*.ops", ""}) {
    rough_client liar(b.mesh.port());
    ASSERT_FALSE(liar.secure(ends_alike, "c.ops"));
    liar.greet(1, name);
    EXPECT_THAT(liar.hear_to_the_end(), HasSubstr("not for the name " + name));
  }
  EXPECT_THAT(b.heard.ups(), IsEmpty());
}

TEST_F(link_trust, keeps_the_order_of_dialing_and_the_names_of_members) {
  linked_node b(node_settings(*ours, 2, "b"));
  rough_client later(b.mesh.port());
  later.secure(*ours, "a");
  later.greet(3, "a");
  EXPECT_THAT(later.hear_to_the_end(), HasSubstr("smaller incarnation"));
  b.mesh.meet({{1, "a", "127.0.0.1:1"}});
  rough_client other(b.mesh.port());
  other.secure(*ours, "c");
  other.greet(1, "c");
  EXPECT_THAT(other.hear_to_the_end(), HasSubstr("is called a"));
  EXPECT_THAT(b.heard.ups(), IsEmpty());
}

TEST_F(link_trust, refuses_a_version_it_does_not_speak_and_says_so) {
  auto old = node_settings(*ours, 1, "a");
  old.newest_version = 1;
  auto recent = node_settings(*ours, 2, "b");
  recent.oldest_version = 2;
  recent.newest_version = 3;
  linked_node a(old);
  linked_node b(recent);
  a.mesh.meet({b.address()});
  EXPECT_THAT(a.trouble("version"), HasSubstr("here 2 to 3, there 1 to 1"));
  old.newest_version = 2;
  linked_node a2(old);
  a2.mesh.meet({b.address()});
  ASSERT_TRUE(a2.is_up(2));
  EXPECT_EQ(a2.mesh.links().at(0).version, 2);
}

TEST_F(link_trust, has_no_plain_port_but_on_loopback) {
  mesh_settings plain;
  plain.self = 1;
  plain.name = "a";
  plain.address = "0.0.0.0";
  EXPECT_THROW(mesh(plain, {}), std::invalid_argument);
  plain.address = "localhost";
  EXPECT_THROW(mesh(plain, {}), std::invalid_argument);
  plain.address = "127.0.0.1";
  linked_node a(plain);
  plain.self = 2;
  plain.name = "b";
  linked_node b(plain);
  a.mesh.meet({b.address(), {3, "far", "192.0.2.1:7400"}});
  EXPECT_TRUE(a.is_up(2));
  EXPECT_THAT(a.trouble("only loopback"), HasSubstr("only loopback"));
}

TEST_F(link_trust, does_not_start_with_credentials_that_do_not_fit) {
  auto settings = node_settings(*ours, 1, "a");
  settings.key = ours->file("b.key");
  EXPECT_THROW(mesh(settings, {}), std::invalid_argument);
  settings.key = "/nowhere";
  EXPECT_THROW(mesh(settings, {}), std::invalid_argument);
  settings.key.clear();
  EXPECT_THROW(mesh(settings, {}), std::invalid_argument);
  settings = node_settings(*ours, 1, "admin");
  EXPECT_THROW(mesh(settings, {}), std::invalid_argument);
}

TEST_F(link_trust, tells_beforehand_why_others_would_refuse_a_certificate) {
  const auto trouble = [](const mesh_settings& with, const std::string& name,
                          std::chrono::hours later) -> std::string {
    try {
      check_own_certificate({with.certificate, with.key, with.authority}, name,
                            std::chrono::system_clock::to_time_t(
                              std::chrono::system_clock::now() + later));
    } catch (const std::invalid_argument& why) {
      return why.what();
    }
    return "";
  };
  auto settings = node_settings(*ours, 1, "a");
  EXPECT_EQ(trouble(settings, "a", 0h), "");
  EXPECT_EQ(trouble({}, "a", 0h), "") << "it shows none";
  EXPECT_THAT(trouble(settings, "b", 0h), HasSubstr("not for the name b"));
  EXPECT_THAT(trouble(settings, "a", 24h * 830), HasSubstr("has expired"));
  EXPECT_THAT(trouble(settings, "a", -48h), HasSubstr("not yet valid"));
  settings.authority = theirs->file("ca.pem");
  EXPECT_THAT(trouble(settings, "a", 0h), HasSubstr("would be refused"));
  settings.authority = ours->file("ca.pem");
  settings.key = ours->file("b.key");
  EXPECT_NE(trouble(settings, "a", 0h), "");
}

TEST_F(link_trust, has_its_port_before_it_knows_who_it_is) {
  auto settings = node_settings(*ours, 0, "b");
  listener heard;
  mesh b(settings, heard.events());
  settings.port = b.port();
  EXPECT_THROW(mesh(settings, {}), boost::system::system_error);
  linked_node a(node_settings(*ours, 1, "a"));
  a.mesh.meet({{2, "b", "127.0.0.1:" + std::to_string(b.port())}});
  b.begin(2);
  EXPECT_TRUE(a.is_up(2));
  EXPECT_TRUE(heard.wait([&] { return heard.times_up(1) == 1; }));
}

TEST_F(link_trust, lets_visitors_ask_as_far_as_their_rights_go) {
  linked_node a(node_settings(*ours, 1, "a"));
  a.heard.on_frame = [&](incarnation from, frame_kind, const std::string& q) {
    const auto may = a.mesh.visitor_rights(from);
    a.mesh.send(from, frame_kind::inspected,
                q + (may == rights::admin ? " admin" : " inspector"));
    a.mesh.send(from, frame_kind::inspected_all, "end");
  };
  constexpr auto patience = 10s;
  caller looker(visitor(a, "inspector"));
  EXPECT_EQ(looker.node(), "a");
  EXPECT_EQ(looker.call(frame_kind::inspect, "who", patience), "who inspector");
  EXPECT_EQ(looker.next(patience).kind, frame_kind::inspected_all);
  caller chief(visitor(a, "admin"));
  EXPECT_EQ(chief.call(frame_kind::inspect, "who", patience), "who admin");
  ASSERT_TRUE(a.heard.wait([&] { return a.heard.ups().size() == 2; }));
  EXPECT_LT(a.heard.ups()[0], 0);
  // Who is idle stays; who speaks like a node does not.
  std::this_thread::sleep_for(2500ms);
  chief.next(patience);
  EXPECT_EQ(chief.call(frame_kind::inspect, "still", patience), "still admin");
  chief.next(patience);
  chief.send(frame_kind::request, "{}");
  EXPECT_THROW(chief.next(patience), call_error);
  EXPECT_EQ(a.mesh.visitor_rights(-7), rights::none);
}

TEST_F(link_trust, tells_a_visitor_why_it_got_no_answer) {
  linked_node a(node_settings(*ours, 1, "a"));
  EXPECT_EQ(failure_of(visitor(a, "b")), call_failure::refused);
  auto settings = visitor(a, "inspector");
  settings.expected = "b";
  EXPECT_EQ(failure_of(settings), call_failure::refused);
  settings = visitor(a, "inspector");
  settings.authority = theirs->file("ca.pem");
  EXPECT_EQ(failure_of(settings), call_failure::refused);
  settings.authority = "/nowhere";
  EXPECT_EQ(failure_of(settings), call_failure::bad_settings);
  settings = visitor(a, "inspector");
  settings.address = "127.0.0.1:1";
  EXPECT_EQ(failure_of(settings), call_failure::unreachable);
  caller quiet(visitor(a, "inspector"));
  try {
    quiet.call(frame_kind::inspect, "x", 50ms);
    ADD_FAILURE();
  } catch (const call_error& failed) {
    EXPECT_EQ(failed.why, call_failure::timed_out);
  }
}

TEST_F(link_trust, takes_no_request_from_a_node_that_claims_to_visit) {
  linked_node b(node_settings(*ours, 2, "b"));
  rough_client node(b.mesh.port());
  node.secure(*ours, "a");
  hello me;
  me.name = "a";
  me.role = link_role::visitor;
  node.say(frame_kind::hello, json::text_of(me));
  EXPECT_THAT(node.hear_to_the_end(), HasSubstr("nodes do not visit"));
}
