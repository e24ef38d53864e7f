#include "config/duration_text.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <unistd.h>

using namespace usher;
using namespace usher::config;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// The least that a configuration must say.
const std::string least = R"(
database: {owner: dbname=usher, app: dbname=usher}
security: {jwt_keys: [{id: k, secret_env: KEY}]}
)";

/// The mistakes of the least configuration with these lines before it, so that
/// lines count from 1.
std::vector<mistake> mistakes_of(const std::string& lines) {
  return parse(lines + least).mistakes;
}

mistake only_mistake_of(const std::string& lines) {
  const auto all = mistakes_of(lines);
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? mistake{} : all.front();
}

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  EXPECT_TRUE(in) << file << " (tests run from the root of the sources)";
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

environment with(std::map<std::string, std::string> variables) {
  return [=](const std::string& name) -> std::optional<std::string> {
    auto found = variables.find(name);
    if (found == variables.end())
      return std::nullopt;
    return found->second;
  };
}

const std::string long_secret(32, 's');

/// A file that is gone when the test is.
class temporary_file {
public:
  explicit temporary_file(const std::string& text)
    : name_(testing::TempDir() + "usher_config_test_"
            + std::to_string(::getpid())) {
    std::ofstream(name_) << text;
  }

  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  ~temporary_file() { std::filesystem::remove(name_); }

  const std::string& name() const { return name_; }

private:
  std::string name_;
};

} // namespace

TEST(config, has_a_value_for_all_that_is_not_said) {
  const auto read = parse(least);
  ASSERT_THAT(read.mistakes, IsEmpty());
  EXPECT_EQ(read.values.http.port, 8'080);
  EXPECT_EQ(read.values.http.limits.head_bytes, 8'192U);
  EXPECT_EQ(read.values.lease.ttl, 4s);
  EXPECT_EQ(read.values.security.refresh_token, 24h * 30);
  EXPECT_FALSE(read.values.sandbox.enabled);
}

TEST(config, takes_what_is_said) {
  const auto read = parse("http: {port: 0, limits: {keep_alive: 90s}}\n"
                          "log: {level: warning}\n"
                          "sales: {require_admin_approval: true}\n"
                          + least);
  ASSERT_THAT(read.mistakes, IsEmpty());
  EXPECT_EQ(read.values.http.port, 0);
  EXPECT_EQ(read.values.http.limits.keep_alive, 90s);
  EXPECT_EQ(read.values.log.level, log_level::warning);
  EXPECT_TRUE(read.values.sales.require_admin_approval);
  EXPECT_EQ(read.values.security.jwt_keys.at(0).id, "k");
}

TEST(config, refuses_unknown_settings_and_says_where_they_are) {
  EXPECT_EQ(only_mistake_of("http:\n  port: 80\n  prot: 81\n"),
            (mistake{"http.prot", 3, "is no setting"}));
  EXPECT_EQ(only_mistake_of("htpp: {}\n").path, "htpp");
  EXPECT_EQ(only_mistake_of("admin: {email: a@example.org}\n").path, "admin");
}

TEST(config, refuses_a_setting_that_is_set_twice) {
  EXPECT_EQ(only_mistake_of("http:\n  port: 80\n  port: 81\n"),
            (mistake{"http.port", 3, "is set twice"}));
}

TEST(config, refuses_numbers_that_are_none) {
  for (auto value :
       {"many", "\"80\"", "80.5", "-1", "0x50", "80 ", "[80]", "", "{}"})
    EXPECT_EQ(mistakes_of(std::string{"http: {port: "} + value + "}\n").size(),
              std::string{value} == "80 " ? 0U : 1U)
      << value;
}

TEST(config, refuses_numbers_out_of_range) {
  for (auto value : {"65536", "99999999999999999999999"})
    EXPECT_EQ(only_mistake_of(std::string{"http:\n  port: "} + value + "\n"),
              (mistake{"http.port", 2, "is not within 0 and 65535"}));
}

TEST(config, refuses_durations_without_a_unit_or_out_of_range) {
  EXPECT_THAT(only_mistake_of("lease: {ttl: 4}\n").message,
              HasSubstr("ms, s, min, h or d"));
  EXPECT_EQ(only_mistake_of("lease: {ttl: 6min}\n").message,
            "is not within 1s and 5min");
}

TEST(config, refuses_flags_and_choices_that_are_none) {
  EXPECT_EQ(only_mistake_of("sandbox: {enabled: yes}\n").path,
            "sandbox.enabled");
  EXPECT_EQ(only_mistake_of("log: {level: loud}\n").path, "log.level");
}

TEST(config, refuses_proxies_that_are_no_networks) {
  EXPECT_EQ(only_mistake_of("http:\n"
                            "  trusted_proxies: [10.1.0.0/16, \"fd00::1\"]\n"
                            "  prot: 1\n")
              .path,
            "http.prot");
  const auto read =
    parse("http: {trusted_proxies: [10.1.0.0/16, front.example]}\n" + least);
  ASSERT_EQ(read.mistakes.size(), 1U);
  EXPECT_EQ(read.mistakes[0].path, "http.trusted_proxies[1]");
}

TEST(config, refuses_a_value_where_a_group_belongs) {
  EXPECT_EQ(only_mistake_of("http: 8080\n"),
            (mistake{"http", 1, "is not a group of settings"}));
  EXPECT_FALSE(parse("- http\n"));
  EXPECT_EQ(only_mistake_of("http: {limits: [1]}\n").path, "http.limits");
}

TEST(config, refuses_what_is_no_yaml) {
  const auto read = parse("http:\n  port: [\n");
  ASSERT_EQ(read.mistakes.size(), 1U);
  EXPECT_GT(read.mistakes[0].line, 0);
  EXPECT_FALSE(parse(least + "---\n" + least));
}

TEST(config, collects_every_mistake) {
  std::vector<std::string> paths;
  for (const auto& m : mistakes_of("http: {port: x, prot: 1}\n"
                                   "lease: {ttl: never}\n"
                                   "log: {level: loud}\n"))
    paths.push_back(m.path);
  EXPECT_THAT(paths,
              ElementsAre("http.port", "http.prot", "lease.ttl", "log.level"));
}

TEST(config, wants_what_has_no_sensible_value) {
  std::vector<std::string> paths;
  for (const auto& m : parse("").mistakes)
    paths.push_back(m.path);
  EXPECT_THAT(paths, ElementsAre("database.owner", "database.app"));
  const auto no_keys = parse("database: {owner: a, app: b}").mistakes;
  ASSERT_EQ(no_keys.size(), 1U);
  EXPECT_EQ(no_keys[0].path, "security.jwt_keys");
}

TEST(config, refuses_values_that_contradict_each_other) {
  EXPECT_EQ(only_mistake_of("lease:\n  ttl: 4s\n  renew: 3s\n"),
            (mistake{"lease.renew", 3, "is more than half of lease.ttl"}));
  EXPECT_EQ(only_mistake_of("sales: {hold: 2h}\n").path, "sales.hold");
  EXPECT_EQ(only_mistake_of("sandbox: {enabled: true}\n").path, "sandbox");
}

TEST(config, opens_no_cluster_port_unless_told_to) {
  EXPECT_FALSE(parse(least).values.cluster.enabled());
  const auto read =
    parse("cluster: {address: 127.0.0.1, roles: [worker]}\n" + least);
  ASSERT_THAT(read.mistakes, IsEmpty());
  EXPECT_TRUE(read.values.cluster.enabled());
  EXPECT_EQ(read.values.cluster.port, 7'400);
  EXPECT_THAT(read.values.cluster.roles, ElementsAre("worker"));
}

TEST(config, refuses_a_cluster_port_that_strangers_could_use) {
  for (auto address : {"10.0.0.1", "0.0.0.0", "::"}) {
    const auto mistake =
      only_mistake_of(std::string{"cluster:\n  advertise: a:1\n  address: \""}
                      + address + "\"\n");
    EXPECT_EQ(mistake.path, "cluster.address") << address;
    EXPECT_EQ(mistake.line, 3);
    EXPECT_THAT(mistake.message, HasSubstr("without certificates"));
  }
  for (auto address : {"127.0.0.1", "127.9.9.9", "::1"})
    EXPECT_THAT(
      mistakes_of(std::string{"cluster: {address: \""} + address + "\"}\n"),
      IsEmpty())
      << address;
}

TEST(config, knows_all_cells_and_which_is_its_own) {
  const auto read = parse("cluster: {address: 127.0.0.1, cell: 3, cells: ["
                          "{number: 0, database: d, weight: 2}, {number: 3}]}\n"
                          + least);
  ASSERT_TRUE(read);
  EXPECT_EQ(read.values.cluster.cell, 3);
  EXPECT_EQ(read.values.cluster.cells_end(), 4);
  ASSERT_EQ(read.values.cluster.cells.size(), 2u);
  EXPECT_EQ(read.values.cluster.cells[0].database, "d");
  EXPECT_EQ(read.values.cluster.cells[0].weight, 2u);
  EXPECT_EQ(parse(least).values.cluster.cells_end(), 1);
}

TEST(config, refuses_cells_that_do_not_make_one_installation) {
  const auto path_of = [](const std::string& inside) {
    return only_mistake_of("cluster: {address: 127.0.0.1, " + inside + "}\n")
      .path;
  };
  EXPECT_EQ(path_of("cell: 1"), "cluster.cell");
  EXPECT_EQ(path_of("cell: 64"), "cluster.cell");
  EXPECT_EQ(path_of("cells: [{number: 64, database: d}]"),
            "cluster.cells[0].number");
  EXPECT_EQ(path_of("cells: [{number: 0}, {number: 1}]"),
            "cluster.cells[1].database");
  EXPECT_EQ(path_of("cells: [{number: 0}, {number: 0}]"),
            "cluster.cells[1].number");
  EXPECT_EQ(path_of("cell: 1, cells: [{number: 0, database: d}]"),
            "cluster.cells");
  EXPECT_EQ(path_of("cell: 1, cells: [{number: 1}]"), "cluster.cells");
  EXPECT_EQ(path_of("cells: [{number: 0, weight: 0}]"), "cluster.cells");
  EXPECT_EQ(only_mistake_of("cluster: {cells: [{number: 0}]}\n").path,
            "cluster.cells");
}

TEST(config, refuses_settings_of_a_cluster_that_do_not_fit) {
  const std::string files = "certificate: c, key: k, authority: a";
  const auto path_of = [](const std::string& inside) {
    return only_mistake_of("cluster: {" + inside + "}\n").path;
  };
  EXPECT_EQ(path_of("address: localhost"), "cluster.address");
  EXPECT_EQ(path_of("address: 127.0.0.1, key: k"), "cluster");
  EXPECT_EQ(path_of("address: 0.0.0.0, " + files), "cluster.advertise");
  EXPECT_EQ(path_of("address: 10.0.0.1, advertise: host, " + files),
            "cluster.advertise");
  EXPECT_EQ(path_of("address: 127.0.0.1, advertise: 'host:0'"),
            "cluster.advertise");
  EXPECT_EQ(path_of("roles: [front, back]"), "cluster.roles");
  EXPECT_EQ(path_of("roles: [front, front]"), "cluster.roles");
  EXPECT_EQ(path_of("weight: 0"), "cluster.weight");
  for (auto name : {"Admin-1", "inspector", "a b"})
    EXPECT_EQ(only_mistake_of(std::string{"node: {name: "} + name
                              + "}\ncluster: {address: 127.0.0.1}\n")
                .path,
              "node.name")
      << name;
}

TEST(config, says_at_once_that_a_certificate_is_not_there) {
  settings s;
  s.cluster.certificate = s.cluster.key = s.cluster.authority = "/nowhere";
  EXPECT_EQ(fetch_secrets(s, with({})).size(), 3U);
}

TEST(config, asks_further_rules_of_what_is_good_and_finds_the_line) {
  const auto rules = [](const settings&) {
    return std::vector<mistake>{{"node.name", 0, "is not liked"}};
  };
  const auto variables = with({{"KEY", long_secret}});
  const temporary_file good("node:\n  name: one\n" + least);
  EXPECT_TRUE(load(good.name(), variables));
  const auto disliked = load(good.name(), variables, rules);
  ASSERT_EQ(disliked.mistakes.size(), 1U);
  EXPECT_EQ(disliked.mistakes[0].message, "is not liked");
  EXPECT_EQ(disliked.mistakes[0].line, 2);
  const auto without_key = load(good.name(), with({}), rules);
  ASSERT_EQ(without_key.mistakes.size(), 1U);
  EXPECT_NE(without_key.mistakes[0].message, "is not liked");
}

TEST(config, keeps_secrets_out_of_the_file_unless_told_to_be_insecure) {
  const std::string key = "database: {owner: a, app: b}\n"
                          "security:\n  jwt_keys:\n  - id: k\n    secret: "
                          + long_secret + "\n";
  const auto refused = parse(key);
  ASSERT_EQ(refused.mistakes.size(), 1U);
  EXPECT_EQ(refused.mistakes[0].path, "security.jwt_keys[0].secret");
  EXPECT_EQ(refused.mistakes[0].line, 5);
  const auto allowed = parse(key + "  allow_insecure: true\n");
  EXPECT_THAT(allowed.mistakes, IsEmpty());
  EXPECT_EQ(allowed.values.security.jwt_keys[0].secret, long_secret);
}

TEST(config, wants_one_secret_a_key_and_every_key_once) {
  const std::string start = "database: {owner: a, app: b}\n"
                            "security: {jwt_keys: [";
  EXPECT_EQ(parse(start + "{id: a}]}").mistakes.size(), 1U);
  EXPECT_EQ(
    parse(start + "{id: a, secret_env: A, secret_file: f}]}").mistakes.size(),
    1U);
  const auto twice =
    parse(start + "{id: a, secret_env: A}, {id: a, secret_env: B}]}");
  ASSERT_EQ(twice.mistakes.size(), 1U);
  EXPECT_EQ(twice.mistakes[0].path, "security.jwt_keys[1].id");
}

TEST(config, wants_one_secret_at_most_for_tickets) {
  const std::string start =
    "database: {owner: a, app: b}\n"
    "security: {jwt_keys: [{id: a, secret_env: A}], ticket_key: ";
  EXPECT_THAT(parse(start + "{secret_env: T}}").mistakes, IsEmpty());
  EXPECT_THAT(parse(start + "{}}").mistakes, IsEmpty());
  const auto twice = parse(start + "{secret_env: T, secret_file: f}}");
  ASSERT_EQ(twice.mistakes.size(), 1U);
  EXPECT_EQ(twice.mistakes[0].path, "security.ticket_key");
  const auto said = parse(start + "{secret: " + long_secret + "}}");
  ASSERT_EQ(said.mistakes.size(), 1U);
  EXPECT_EQ(said.mistakes[0].path, "security.ticket_key.secret");
}

TEST(config, fetches_secrets_from_files_and_variables) {
  const temporary_file file(long_secret + "\n");
  settings s;
  s.security.jwt_keys = {{"a", file.name(), "", ""}, {"b", "", "KEY", ""}};
  s.security.ticket_key.secret_env = "TICKETS";
  const auto other = std::string(40, 'o');
  const auto tickets = std::string(40, 't');
  EXPECT_THAT(fetch_secrets(s, with({{"KEY", other}, {"TICKETS", tickets}})),
              IsEmpty());
  EXPECT_EQ(s.security.ticket_secret(), tickets);
  EXPECT_EQ(s.security.jwt_keys[0].secret, long_secret);
  EXPECT_EQ(s.security.jwt_keys[1].secret, other);
}

TEST(config, refuses_secrets_that_are_absent_or_short) {
  settings s;
  s.security.jwt_keys = {{"a", "/nowhere/at/all", "", ""},
                         {"b", "", "NONE", ""},
                         {"c", "", "SHORT", ""}};
  s.security.ticket_key.secret_file = "/nowhere/at/all";
  EXPECT_EQ(fetch_secrets(s, with({{"SHORT", "short"}})).size(), 4U);
}

TEST(config, takes_the_administrator_from_the_environment) {
  settings s;
  EXPECT_THAT(fetch_secrets(s, with({{"USHER_ADMIN_EMAIL", "a@example.org"},
                                     {"USHER_ADMIN_PASSWORD", "secret"}})),
              IsEmpty());
  EXPECT_EQ(s.admin.email, "a@example.org");
  EXPECT_EQ(fetch_secrets(s, with({{"USHER_ADMIN_EMAIL", "a@b.c"}})).size(),
            1U);
}

TEST(config, tells_the_line_of_a_secret_it_cannot_fetch) {
  const temporary_file file("database: {owner: a, app: b}\n"
                            "security:\n"
                            "  jwt_keys:\n"
                            "  - id: k\n"
                            "    secret_env: KEY\n");
  EXPECT_TRUE(load(file.name(), with({{"KEY", long_secret}})));
  const auto refused = load(file.name(), with({}));
  ASSERT_EQ(refused.mistakes.size(), 1U);
  EXPECT_EQ(to_string(refused.mistakes[0], "f.yaml"),
            "f.yaml:5: security.jwt_keys[0].secret_env: "
            "names a secret that cannot be read");
}

TEST(config, says_when_the_file_cannot_be_read) {
  const auto read = load("/nowhere/at/all.yaml");
  ASSERT_EQ(read.mistakes.size(), 1U);
  EXPECT_EQ(to_string(read.mistakes[0], "all.yaml"),
            "all.yaml: cannot be read");
}

TEST(config, reads_back_every_duration_it_writes) {
  for (auto length : std::initializer_list<duration>{0ms, 1ms, 1500ms, 4s, 90s,
                                                     15min, 36h, 720h})
    EXPECT_EQ(parse_duration(to_text(length)), length) << to_text(length);
  for (auto text :
       {"", "s", "1", "-1s", "1 s", "1.5s", "1sec", "1S", "99999999999999999d"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(config_examples, load) {
  for (const auto& entry :
       std::filesystem::directory_iterator("config/examples")) {
    const auto file = entry.path().string();
    for (const auto& m : parse(text_of(file)).mistakes)
      ADD_FAILURE() << to_string(m, file);
  }
}

TEST(config_reference, has_a_line_for_every_setting) {
  const auto readme = text_of("config/README.md");
  for (const auto& row : reference())
    EXPECT_THAT(readme, HasSubstr("| `" + row.path + "` | " + row.standard
                                  + " | " + row.allowed + " | "));
}

TEST(config_reference, has_no_line_for_what_is_no_setting) {
  std::istringstream readme(text_of("config/README.md"));
  std::size_t lines = 0;
  for (std::string line; std::getline(readme, line);)
    lines += line.starts_with("| `") ? 1 : 0;
  EXPECT_EQ(lines, reference().size());
}

TEST(config_reference, says_the_same_as_the_source) {
  std::string source;
  std::istringstream words(text_of("config/settings.hpp"));
  for (std::string word; words >> word;)
    if (word != "///")
      source += word + " ";
  std::istringstream readme(text_of("config/README.md"));
  for (std::string line; std::getline(readme, line);) {
    if (!line.starts_with("| `"))
      continue;
    const auto end = line.rfind(" |");
    const auto begin = line.rfind("| ", end - 1) + 2;
    EXPECT_THAT(source, HasSubstr(line.substr(begin, end - begin)));
  }
}
