#include "config/load.hpp"

#include "config/cluster_rules.hpp"
#include "config/networks.hpp"
#include "config/schema.hpp"
#include "config/yaml_reader.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace usher::config {

namespace {

constexpr std::size_t shortest_secret = 32; // bytes, as HMAC-SHA-256 wants

/// Adds a mistake unless the rule holds.
void expect(loaded& out, bool rule, std::string path, std::string message) {
  if (!rule)
    out.mistakes.push_back({std::move(path), 0, std::move(message)});
}

int sources_of(const auto& key) {
  return static_cast<int>(!key.secret_file.empty())
         + static_cast<int>(!key.secret_env.empty())
         + static_cast<int>(!key.secret.empty());
}

void check_secret(loaded& out, const auto& key, const std::string& path) {
  expect(out, key.secret.empty() || out.values.security.allow_insecure,
         path + ".secret", "needs security.allow_insecure");
  expect(out, key.secret.empty() || key.secret.size() >= shortest_secret,
         path + ".secret", "is shorter than 32 bytes");
}

void check_keys(loaded& out) {
  const auto& keys = out.values.security.jwt_keys;
  expect(out, !keys.empty(), "security.jwt_keys", "is empty");
  std::set<std::string> ids;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto path = "security.jwt_keys[" + std::to_string(i) + "]";
    expect(out, sources_of(keys[i]) == 1, path,
           "wants exactly one of secret_file, secret_env and secret");
    check_secret(out, keys[i], path);
    expect(out, ids.insert(keys[i].id).second, path + ".id",
           "is the id of an earlier key");
  }
  const auto& tickets = out.values.security.ticket_key;
  expect(out, sources_of(tickets) <= 1, "security.ticket_key",
         "wants only one of secret_file, secret_env and secret");
  check_secret(out, tickets, "security.ticket_key");
}

void check_sandbox(loaded& out) {
  const auto& box = out.values.sandbox;
  const bool insecure = out.values.security.allow_insecure;
  expect(out, box.webhook_secret.empty() || insecure, "sandbox.webhook_secret",
         "needs security.allow_insecure");
  expect(out, box.webhook_secret.empty() || box.webhook_secret_file.empty(),
         "sandbox.webhook_secret", "does not go with webhook_secret_file");
  expect(out,
         !box.enabled || !box.webhook_secret.empty()
           || !box.webhook_secret_file.empty(),
         "sandbox", "wants webhook_secret_file or webhook_secret");
  expect(out, !box.base_url.ends_with('/'), "sandbox.base_url",
         "ends with a slash");
}

void check_proxies(loaded& out) {
  const auto& proxies = out.values.http.trusted_proxies;
  networks known;
  for (std::size_t i = 0; i < proxies.size(); ++i)
    expect(out, known.add(proxies[i]),
           "http.trusted_proxies[" + std::to_string(i) + "]",
           "is neither a network nor an address");
}

/// What no single value can tell.
void check_whole(loaded& out) {
  const auto& s = out.values;
  check_keys(out);
  check_proxies(out);
  check_sandbox(out);
  for (auto& broken : broken_rules(s.cluster, s.node.name))
    out.mistakes.push_back(std::move(broken));
  expect(out, s.lease.renew * 2 <= s.lease.ttl, "lease.renew",
         "is more than half of lease.ttl");
  expect(out, s.sales.hold <= s.sales.max_hold, "sales.hold",
         "is more than sales.max_hold");
  expect(out, s.http.limits.request_line_bytes <= s.http.limits.head_bytes,
         "http.limits.request_line_bytes", "is more than head_bytes");
  expect(out, s.security.access_token < s.security.refresh_token,
         "security.access_token", "outlives security.refresh_token");
}

/// Gives each mistake that concerns the whole the line of its setting.
void find_lines(const YAML::Node& document, std::vector<mistake>& mistakes) {
  for (auto& m : mistakes)
    if (m.line == 0)
      m.line = line_of(document, m.path);
}

std::optional<std::string> read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    return std::nullopt;
  return text.str();
}

/// The secret in a file, without the line end that editors leave.
std::optional<std::string> read_secret(const std::string& name) {
  auto text = read_file(name);
  if (text)
    while (text->ends_with('\n') || text->ends_with('\r'))
      text->pop_back();
  return text;
}

/// The files that are opened later, by name: said now if they cannot be.
void want_files(const cluster& at, std::vector<mistake>& out) {
  const std::pair<const char*, const std::string*> files[] = {
    {"cluster.certificate", &at.certificate},
    {"cluster.key", &at.key},
    {"cluster.authority", &at.authority}};
  for (const auto& [path, file] : files)
    if (!file->empty() && !read_file(*file))
      out.push_back({path, 0, "names a file that cannot be read"});
}

void take_secret(std::string& secret, std::optional<std::string> found,
                 const std::string& path, std::vector<mistake>& out) {
  if (!found)
    out.push_back({path, 0, "names a secret that cannot be read"});
  else if (found->size() < shortest_secret)
    out.push_back({path, 0, "names a secret shorter than 32 bytes"});
  else
    secret = std::move(*found);
}

void fetch_secret(auto& key, const std::string& path,
                  const environment& variables, std::vector<mistake>& out) {
  if (!key.secret_file.empty())
    take_secret(key.secret, read_secret(key.secret_file), path + ".secret_file",
                out);
  else if (!key.secret_env.empty())
    take_secret(key.secret, variables(key.secret_env), path + ".secret_env",
                out);
}

} // namespace

std::string to_string(const mistake& m, std::string_view file) {
  std::string out{file};
  if (m.line > 0)
    out += ":" + std::to_string(m.line);
  if (!m.path.empty())
    out += ": " + m.path;
  return out + ": " + m.message;
}

loaded parse(std::string_view yaml) {
  loaded out;
  try {
    const auto documents = YAML::LoadAll(std::string{yaml});
    if (documents.size() > 1) {
      out.mistakes.push_back({"", 0, "holds more than one document"});
      return out;
    }
    const auto document = documents.empty() ? YAML::Node{} : documents.front();
    yaml_reader top(document, "", out.mistakes);
    walk(top, out.values);
    top.finish();
    // Contradictions between values that could not be read mean nothing.
    if (out.mistakes.empty())
      check_whole(out);
    find_lines(document, out.mistakes);
  } catch (const YAML::Exception& e) {
    out.mistakes.push_back({"", e.mark.line + 1, "is no YAML: " + e.msg});
  }
  return out;
}

std::optional<std::string> process_environment(const std::string& name) {
  // Read before any thread is started.
  const char* value =
    std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr)
    return std::nullopt;
  return value;
}

std::vector<mistake> fetch_secrets(settings& s, const environment& variables) {
  std::vector<mistake> out;
  for (std::size_t i = 0; i < s.security.jwt_keys.size(); ++i)
    fetch_secret(s.security.jwt_keys[i],
                 "security.jwt_keys[" + std::to_string(i) + "]", variables,
                 out);
  fetch_secret(s.security.ticket_key, "security.ticket_key", variables, out);
  if (!s.sandbox.webhook_secret_file.empty())
    take_secret(s.sandbox.webhook_secret,
                read_secret(s.sandbox.webhook_secret_file),
                "sandbox.webhook_secret_file", out);
  want_files(s.cluster, out);
  s.admin.email = variables("USHER_ADMIN_EMAIL").value_or("");
  s.admin.password = variables("USHER_ADMIN_PASSWORD").value_or("");
  if (s.admin.email.empty() != s.admin.password.empty())
    out.push_back(
      {"", 0, "USHER_ADMIN_EMAIL and USHER_ADMIN_PASSWORD go together"});
  return out;
}

loaded load(const std::string& file, const environment& variables,
            const further_rules& further) {
  const auto text = read_file(file);
  if (!text)
    return {{}, {{"", 0, "cannot be read"}}};
  auto out = parse(*text);
  if (!out)
    return out;
  out.mistakes = fetch_secrets(out.values, variables);
  if (out && further)
    out.mistakes = further(out.values);
  find_lines(YAML::Load(*text), out.mistakes);
  return out;
}

} // namespace usher::config
