#include "node/inspect/cli/inspector.hpp"
#include "protocol/codec.hpp"
#include "protocol/seat_block.hpp"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace usher;
using namespace usher::inspect;
using namespace std::chrono_literals;
using boost::json::object;
using boost::json::value;
using steady = std::chrono::steady_clock;

/// What commands tell while PostgreSQL is silent, of nodes that are played.
namespace {

constexpr auto block = "seat_block:01a1fc77-b8cf-7000-9c07-ce6333ab6151";
constexpr auto bare_id = "01a1fc77-b8cf-7000-9c07-ce6333ab6151";

/// A port where everybody is let in and nobody is answered, like that of a
/// PostgreSQL whose process was stopped.
class silent_port {
public:
  silent_port() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    bind(socket_, address, size);
    listen(socket_, 100);
    getsockname(socket_, address, &size);
    number_ = ntohs(at.sin_port);
  }

  ~silent_port() { close(socket_); }

  silent_port(const silent_port&) = delete;
  silent_port& operator=(const silent_port&) = delete;

  std::string conninfo() const {
    return "host=127.0.0.1 port=" + std::to_string(number_) + " dbname=usher";
  }

private:
  int socket_;
  int number_ = 0;
};

/// Two nodes that answer each question as they were told to.
struct inspector_test : testing::Test {
  inspector_test() {
    where.addresses = {"one:1"};
    where.databases[0] = postgres.conninfo();
    asked.deadline = 1s;
    says("members",
         R"({"members":[{"incarnation":1,"name":"one","address":"one:1"},
                        {"incarnation":2,"name":"two","address":"two:1"}]})");
  }

  void says(const std::string& question, const std::string& answer) {
    answers["one " + question] = answers["two " + question] = answer;
  }

  void says(const std::string& node, const std::string& question,
            const std::string& answer) {
    answers[node + ' ' + question] = answer;
  }

  inspector it() {
    return {where, asked,
            [this](const peer& who, const std::string& question,
                   steady::time_point until) {
              return answer(who, question, until);
            }};
  }

  /// Who is not told what to say does not answer in time.
  std::string answer(const peer& who, const std::string& question,
                     steady::time_point until) {
    const std::lock_guard guard(lock);
    const auto what = boost::json::parse(question).as_object();
    const auto& word = what.contains("ask") ? what.at("ask") : what.at("do");
    questions.push_back(what);
    const auto name = who.address.substr(0, who.address.find(':'));
    const auto found = answers.find(name + ' ' + as_cell(word));
    if (found == answers.end() || steady::now() >= until)
      throw std::runtime_error("no answer in time");
    return found->second;
  }

  silent_port postgres;
  target where;
  wishes asked;
  std::mutex lock;
  std::map<std::string, std::string> answers;
  std::vector<object> questions;
};

std::vector<std::string> names_of(const std::vector<silence>& all) {
  std::vector<std::string> out;
  for (const auto& one : all)
    out.push_back(one.who);
  return out;
}

} // namespace

TEST_F(inspector_test, waits_once_for_a_silent_database_and_asks_the_nodes) {
  says("actors", R"({"actors":[],"cut":false})");
  const auto begun = steady::now();
  auto looking = it();
  for (int i = 0; i < 3; ++i) {
    const auto said = looking.actors();
    EXPECT_THAT(names_of(said.missing), testing::ElementsAre("PostgreSQL"));
  }
  looking.now();
  EXPECT_LT(steady::now() - begun, 1s);
}

TEST_F(inspector_test, waits_for_all_silent_databases_at_the_same_time) {
  where.databases[1] = where.databases[2] = postgres.conninfo();
  says("actors", R"({"actors":[],"cut":false})");
  const auto said = it().actors();
  EXPECT_THAT(names_of(said.missing),
              testing::ElementsAre("PostgreSQL of cell 0",
                                   "PostgreSQL of cell 1",
                                   "PostgreSQL of cell 2"));
}

TEST_F(inspector_test, shows_nodes_by_their_own_words) {
  says("node", R"({"name":"one","incarnation":1,"state":"serving",
                   "residents":5,"requests_per_second":2.5})");
  answers.erase("two node");
  const auto said = it().nodes();
  EXPECT_THAT(names_of(said.missing),
              testing::UnorderedElementsAre("two", "PostgreSQL"));
  const auto& rows = said.body.at("nodes").as_array();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("name"), value("one"));
  EXPECT_EQ(rows[0].at("state"), value("serving"));
  EXPECT_EQ(rows[0].at("shards"), value());
  EXPECT_EQ(rows[0].at("live").at("residents"), value(5));
  EXPECT_EQ(said.body.at("shards_without_owner"), value());
}

TEST_F(inspector_test, tells_why_a_node_has_no_link_to_another) {
  says("two", "node", R"({"name":"two","incarnation":2,"links":[
    {"peer":1,"name":"one","up":false,"trouble":null,"detour":null}]})");
  says("one", "node", R"({"name":"one","incarnation":1,"links":[
    {"peer":2,"name":"two","up":false,"trouble":"refused","detour":null},
    {"peer":3,"name":"three","up":false,"trouble":"late","detour":2}]})");
  EXPECT_THAT(it().nodes().findings,
              testing::ElementsAre("one has no link to two: refused",
                                   "one has no link to three, only a detour: "
                                   "late"));
}

TEST_F(inspector_test, tells_beliefs_though_nothing_stored_is_known) {
  says("where", R"({"owner":1,"is_owner":true,"resident":true,
                    "quarantined":false})");
  const auto said = it().where(block);
  EXPECT_EQ(said.body.at("owner"), value());
  EXPECT_EQ(said.body.at("beliefs").as_array().size(), 2u);
  EXPECT_THAT(names_of(said.missing), testing::ElementsAre("PostgreSQL"));
  EXPECT_TRUE(said.findings.empty());
}

TEST_F(inspector_test, finds_what_is_in_flight_wherever_it_is) {
  says("one", "state", R"({"resident":false})");
  says("two", "state", R"({"resident":true,"version":3})");
  const auto said = it().state(block, "");
  EXPECT_EQ(said.body.at("durable"), value());
  EXPECT_EQ(said.body.at("in_flight").at("node"), value("two"));
  EXPECT_THAT(names_of(said.missing), testing::ElementsAre("PostgreSQL"));
}

TEST_F(inspector_test, shows_of_a_long_state_what_was_asked_for_and_says_so) {
  std::string marks = "0";
  for (int i = 1; i < 1'000; ++i)
    marks += "," + std::to_string(i);
  says("one", "state", R"({"resident":false})");
  says("two", "state",
       R"({"resident":true,"state":{"marks":[)" + marks + "]}}");
  asked.limit = 12;
  const auto said = it().state(block, "");
  const auto& shown = said.body.at("in_flight").at("state").at("marks");
  ASSERT_EQ(shown.as_array().size(), 12u);
  EXPECT_EQ(shown.at(10), value(10));
  EXPECT_EQ(shown.at(11), value("... and 989 more"));
  EXPECT_TRUE(said.is_cut);
  EXPECT_LT(said.text.size(), 1'000u);
  EXPECT_THAT(as_text(said), testing::HasSubstr("see --limit"));
  EXPECT_EQ(questions.back().at("limit").to_number<std::size_t>(), 12u);
  asked.limit = 1'000;
  EXPECT_FALSE(it().state(block, "").is_cut);
}

TEST_F(inspector_test, says_that_an_id_alone_needs_the_database) {
  try {
    it().where(bare_id);
    ADD_FAILURE();
  } catch (const persistence::unavailable& why) {
    EXPECT_THAT(why.what(), testing::HasSubstr("name it as kind:uuid"));
  }
}

TEST_F(inspector_test, needs_no_database_to_show_living_nodes) {
  where.databases.clear();
  says("node", R"({"name":"one","incarnation":1,"state":"serving"})");
  says("two", "node", R"({"name":"two","incarnation":2,"state":"serving"})");
  const auto said = it().nodes();
  EXPECT_EQ(said.body.at("nodes").as_array().size(), 2u);
  EXPECT_THAT(names_of(said.missing), testing::ElementsAre("PostgreSQL"));
  EXPECT_THROW(it().where(bare_id), bad_usage);
  EXPECT_THROW(it().shards(""), bad_usage);
}

TEST_F(inspector_test, sends_no_act_that_makes_no_sense) {
  asked.is_confirmed = true;
  EXPECT_THROW(it().act("event", {"stop", bare_id}), bad_usage);
  EXPECT_THROW(it().act("event", {"pause", block}), bad_usage);
  EXPECT_THROW(it().act("restart", {"nonsense"}), bad_usage);
  for (const auto* letter : {"one", "one/", "one/3x", "/3"})
    EXPECT_THROW(it().dead_letters("drop", letter), bad_usage) << letter;
  EXPECT_TRUE(questions.empty());
}

TEST_F(inspector_test, names_an_event_that_was_given_as_an_id) {
  asked.is_confirmed = true;
  says("event", R"({"done":true,"said":"its sale goes on","record":1})");
  EXPECT_EQ(it().act("event", {"resume", bare_id}).body.at("done"),
            value(true));
  EXPECT_EQ(questions.back().at("words").at(1),
            value(std::string{"event:"} + bare_id));
}

TEST_F(inspector_test, does_not_call_undone_what_is_not_known) {
  asked.is_confirmed = true;
  says("one", "restart", R"({"done":false,"said":"not here"})");
  const auto late = it().act("restart", {block});
  EXPECT_EQ(late.body.at("done"), value());
  EXPECT_THAT(late.findings, testing::ElementsAre(testing::HasSubstr(
                               "not known whether it was done")));
  says("two", "restart", R"({"refused":"only an administrator's"})");
  const auto refused = it().act("restart", {block});
  EXPECT_EQ(refused.body.at("done"), value(false));
  says("two", "restart", R"({"done":true,"said":"done","record":1})");
  EXPECT_EQ(it().act("restart", {block}).body.at("done"), value(true));
}

TEST(show_row, shows_of_a_long_fact_what_was_asked_for_and_says_so) {
  seat_block::released long_one;
  for (seat_block::seat_no i = 0; i < 1'000; ++i)
    long_one.seats.push_back(i);
  journal_entry row;
  row.entity.kind = entity_kind::seat_block;
  row.facts =
    encode_facts(std::vector<seat_block::fact>{long_one, long_one, long_one});
  bool is_cut = false;
  const auto whole = show_row(row, 1'000, is_cut);
  EXPECT_FALSE(is_cut);
  EXPECT_EQ(whole.at("facts").as_array().size(), 3u);
  EXPECT_GT(boost::json::serialize(whole).size(), 9'000u);
  const auto little = show_row(row, 2, is_cut);
  EXPECT_TRUE(is_cut);
  ASSERT_EQ(little.at("facts").as_array().size(), 2u);
  const auto& seats = little.at("facts").at(0).at("body").at("seats");
  ASSERT_EQ(seats.as_array().size(), 2u);
  EXPECT_EQ(seats.at(1), value("... and 999 more"));
  EXPECT_LT(boost::json::serialize(little).size(), 1'000u);
}

TEST(parse_instant, goes_back_a_hundred_years_at_most) {
  const timestamp now{std::chrono::hours{24 * 365 * 60}};
  EXPECT_EQ(parse_instant("-10min", now).when, now - 10min);
  EXPECT_THROW(parse_instant("-9999999d", now), bad_usage);
  EXPECT_THROW(parse_instant("-99999999999d", now), bad_usage);
}
