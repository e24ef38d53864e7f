#pragma once

#include "config/settings.hpp"

#include <array>
#include <string_view>
#include <utility>

/// The names and ranges of all settings, once, for whoever walks over them: the
/// loader, the reference. A walker has
///   group(name, object), number(name, target, least, most),
///   span(name, target, least, most), text(name, target, presence),
///   flag(name, target), choice(name, target, choices),
///   texts(name, target), groups(name, target).
namespace usher::config {

enum class presence : std::uint8_t { optional, required };

constexpr std::array log_levels{
  std::pair{std::string_view{"debug"}, log_level::debug},
  std::pair{std::string_view{"info"}, log_level::info},
  std::pair{std::string_view{"warning"}, log_level::warning},
  std::pair{std::string_view{"error"}, log_level::error}};

namespace time {
constexpr duration ms{1};
constexpr duration s{1'000};
constexpr duration min{60'000};
constexpr duration h{60 * 60'000};
constexpr duration day{24 * 60 * 60'000};
} // namespace time

void walk(auto& to, node& at) {
  to.text("name", at.name, presence::required);
  to.text("home", at.home, presence::required);
}

void walk(auto& to, http_limits& at) {
  using namespace time;
  to.number("head_bytes", at.head_bytes, 1'024, 65'535);
  to.number("fields", at.fields, 8, 64);
  to.number("request_line_bytes", at.request_line_bytes, 256, 65'535);
  to.number("body_bytes", at.body_bytes, 1'024, 16'777'216);
  to.number("layout_body_bytes", at.layout_body_bytes, 1'024, 67'108'864);
  to.span("head_deadline", at.head_deadline, 100 * ms, 10 * min);
  to.span("body_deadline", at.body_deadline, 100 * ms, 10 * min);
  to.span("write_deadline", at.write_deadline, 100 * ms, 10 * min);
  to.span("keep_alive", at.keep_alive, 100 * ms, 1 * h);
  to.span("request_deadline", at.request_deadline, 100 * ms, 10 * min);
  to.number("connections", at.connections, 1, 1'000'000);
  to.number("connections_per_address", at.connections_per_address, 1,
            1'000'000);
}

void walk(auto& to, http& at) {
  to.text("address", at.address, presence::required);
  to.number("port", at.port, 0, 65'535);
  to.number("io_threads", at.io_threads, 1, 64);
  to.texts("trusted_proxies", at.trusted_proxies);
  to.group("limits", at.limits);
}

void walk(auto& to, rate_limits& at) {
  to.flag("enabled", at.enabled);
  to.number("per_address_per_second", at.per_address_per_second, 1, 1'000'000);
  to.number("address_burst", at.address_burst, 1, 1'000'000);
  to.number("per_user_per_second", at.per_user_per_second, 1, 1'000'000);
  to.number("user_burst", at.user_burst, 1, 1'000'000);
  to.number("per_event_per_second", at.per_event_per_second, 1, 1'000'000);
  to.number("event_burst", at.event_burst, 1, 1'000'000);
  to.number("logins_per_address_per_minute", at.logins_per_address_per_minute,
            1, 1'000'000);
  to.number("wrong_passwords_per_name", at.wrong_passwords_per_name, 1,
            1'000'000);
}

void walk(auto& to, database& at) {
  to.text("owner", at.owner, presence::required);
  to.text("app", at.app, presence::required);
  to.number("readers", at.readers, 1, 64);
}

void walk(auto& to, lease& at) {
  using namespace time;
  to.span("ttl", at.ttl, 1 * s, 5 * min);
  to.span("renew", at.renew, 100 * ms, 1 * min);
}

void walk(auto& to, cell& at) {
  to.number("number", at.number, 0, 63);
  to.text("database", at.database, presence::optional);
  to.number("weight", at.weight, 0, 1'000);
}

void walk(auto& to, cluster& at) {
  to.text("address", at.address, presence::optional);
  to.number("port", at.port, 0, 65'535);
  to.text("advertise", at.advertise, presence::optional);
  to.text("certificate", at.certificate, presence::optional);
  to.text("key", at.key, presence::optional);
  to.text("authority", at.authority, presence::optional);
  to.texts("roles", at.roles);
  to.number("weight", at.weight, 1, 1'000);
  to.number("cell", at.cell, 0, 63);
  to.groups("cells", at.cells);
}

void walk(auto& to, actors& at) {
  using namespace time;
  to.number("scheduler_threads", at.scheduler_threads, 0, 1'024);
  to.span("idle_after", at.idle_after, 100 * ms, 1 * day);
  to.number("snapshot_every", at.snapshot_every, 1, 1'000'000);
  to.number("max_mailbox", at.max_mailbox, 1, 10'000'000);
  to.number("stash", at.stash, 1, 1'000'000);
  to.span("ask_timeout", at.ask_timeout, 100 * ms, 10 * min);
  to.number("restarts", at.restarts, 1, 1'000);
  to.span("restarts_within", at.restarts_within, 1 * s, 1 * h);
}

void walk(auto& to, shedding& at) {
  to.number("max_bytes_in_flight", at.max_bytes_in_flight, 1'048'576,
            1'099'511'627'776);
  to.number("max_appends_waiting", at.max_appends_waiting, 1, 10'000'000);
}

void walk(auto& to, jwt_key& at) {
  to.text("id", at.id, presence::required);
  to.text("secret_file", at.secret_file, presence::optional);
  to.text("secret_env", at.secret_env, presence::optional);
  to.text("secret", at.secret, presence::optional);
}

void walk(auto& to, ticket_key& at) {
  to.text("secret_file", at.secret_file, presence::optional);
  to.text("secret_env", at.secret_env, presence::optional);
  to.text("secret", at.secret, presence::optional);
}

void walk(auto& to, argon2& at) {
  to.number("operations", at.operations, 1, 100);
  to.number("memory_mib", at.memory_mib, 8, 4'096);
}

void walk(auto& to, security& at) {
  using namespace time;
  to.flag("allow_insecure", at.allow_insecure);
  to.groups("jwt_keys", at.jwt_keys);
  to.group("ticket_key", at.ticket_key);
  to.span("access_token", at.access_token, 1 * min, 1 * day);
  to.span("refresh_token", at.refresh_token, 1 * h, 365 * day);
  to.group("passwords", at.passwords);
  to.texts("cors_origins", at.cors_origins);
}

void walk(auto& to, sandbox& at) {
  to.flag("enabled", at.enabled);
  to.text("webhook_secret_file", at.webhook_secret_file, presence::optional);
  to.text("webhook_secret", at.webhook_secret, presence::optional);
  to.text("base_url", at.base_url, presence::required);
}

void walk(auto& to, sales& at) {
  using namespace time;
  to.flag("require_admin_approval", at.require_admin_approval);
  to.span("hold", at.hold, 1 * s, 1 * day);
  to.span("checkout", at.checkout, 1 * s, 1 * day);
  to.span("extension", at.extension, 1 * s, 1 * day);
  to.span("max_hold", at.max_hold, 1 * s, 7 * day);
}

void walk(auto& to, log& at) {
  to.choice("level", at.level, log_levels);
}

void walk(auto& to, settings& at) {
  to.group("node", at.node);
  to.group("http", at.http);
  to.group("rate_limits", at.rate_limits);
  to.group("database", at.database);
  to.group("lease", at.lease);
  to.group("cluster", at.cluster);
  to.group("actors", at.actors);
  to.group("shedding", at.shedding);
  to.group("security", at.security);
  to.group("sandbox", at.sandbox);
  to.group("sales", at.sales);
  to.group("log", at.log);
}

} // namespace usher::config
