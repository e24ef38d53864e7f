#pragma once

#include "protocol/time.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What an operator can set, with the values it has otherwise. The sentences
/// here are those of the table in README.md; a test compares them.
namespace usher::config {

struct node {
  /// The name of this node in logs and in the cluster; unique in a cluster.
  std::string name = "usher-1";
  /// The folder for what this node keeps on disk.
  std::string home = "var";
};

struct http_limits {
  /// The longest head of a request, all fields together, in bytes.
  std::uint32_t head_bytes = 8'192;
  /// The most header fields of a request.
  std::uint32_t fields = 64;
  /// The longest request line, in bytes.
  std::uint32_t request_line_bytes = 4'096;
  /// The longest body of a request, in bytes.
  std::uint32_t body_bytes = 16'384;
  /// The longest body of a request that creates a layout or an event, in bytes.
  std::uint32_t layout_body_bytes = 1'048'576;
  /// How long a client may take to send the head of a request.
  duration head_deadline{5'000};
  /// How long a client may take to send the body of a request.
  duration body_deadline{10'000};
  /// How long a client may take to accept an answer.
  duration write_deadline{10'000};
  /// How long a connection may be idle between two requests.
  duration keep_alive{15'000};
  /// How long a request may wait for its answer before it is told to retry.
  duration request_deadline{2'800};
  /// The most connections at a time.
  std::uint32_t connections = 20'000;
  /// The most connections at a time from one address that is no trusted proxy.
  std::uint32_t connections_per_address = 1'000;
};

struct http {
  /// The address that the front listens on.
  std::string address = "127.0.0.1";
  /// The TCP port that the front listens on; 0 lets the system choose.
  std::uint16_t port = 8'080;
  /// The threads that read and write sockets.
  std::uint32_t io_threads = 1;
  /// The networks of the proxies before this node, as 10.1.0.0/16: what they
  /// forward counts for the client in X-Forwarded-For.
  std::vector<std::string> trusted_proxies;
  http_limits limits;
};

struct rate_limits {
  /// Whether requests are limited at all.
  bool enabled = true;
  /// The requests that one address may make in a second, over time.
  std::uint32_t per_address_per_second = 50;
  /// The requests that one address may make at once after a pause.
  std::uint32_t address_burst = 100;
  /// The requests that one user may make in a second, over time.
  std::uint32_t per_user_per_second = 20;
  /// The requests that one user may make at once after a pause.
  std::uint32_t user_burst = 40;
  /// The requests that name one event, whoever makes them, that are served in a
  /// second, over time.
  std::uint32_t per_event_per_second = 100'000;
  /// The requests that name one event that are served at once after a pause.
  std::uint32_t event_burst = 200'000;
  /// The attempts to log in or register that one address may make in a minute.
  std::uint32_t logins_per_address_per_minute = 10;
  /// The wrong passwords that one account may be tried with at a node in 15
  /// minutes; where it has signed in lately, as many again count for that
  /// address alone.
  std::uint32_t wrong_passwords_per_name = 10;
};

struct database {
  /// How to connect as the owner of the schema, for migrations (a libpq
  /// string).
  std::string owner;
  /// How to connect for everything else (a libpq string).
  std::string app;
  /// The connections that read.
  std::uint32_t readers = 2;
};

struct lease {
  /// How long a node owns its shards without renewing.
  duration ttl{4'000};
  /// How often a node renews; at most half of ttl, more than a quarter counts
  /// as one.
  duration renew{1'000};
};

struct cell {
  /// The number of the cell, 0 to 63; 0 also keeps accounts, organizations and
  /// layouts.
  std::uint16_t number = 0;
  /// How nodes of other cells connect to its database, as usher_app (a libpq
  /// string); may be left out for this node's own cell.
  std::string database;
  /// How many of the new events the cell gets, in proportion to others; 0:
  /// none.
  std::uint32_t weight = 1;
};

struct cluster {
  /// The IP address that this node listens on for other nodes and the
  /// inspector; empty: it is alone and has no such port.
  std::string address;
  /// The TCP port for other nodes; 0 lets the system choose.
  std::uint16_t port = 7'400;
  /// How other nodes dial this one, as host:port; empty: by address and port.
  std::string advertise;
  /// The PEM file with the certificate of this node, for its name; without
  /// certificates only loopback will do.
  std::string certificate;
  /// The PEM file with the key of that certificate.
  std::string key;
  /// The PEM file with the private authority that certifies all nodes.
  std::string authority;
  /// What this node does: front (serves HTTP), worker (owns shards); none said:
  /// both.
  std::vector<std::string> roles;
  /// How many shards this worker takes, in proportion to other workers.
  std::uint32_t weight = 1;
  /// The cell that this node belongs to; its database is that of this file.
  std::uint16_t cell = 0;
  /// All cells, the same list on every node; empty: there is one.
  std::vector<config::cell> cells;

  /// Whether there is a port for other nodes at all.
  bool enabled() const { return !address.empty(); }

  bool is_front() const { return has_role("front"); }

  bool is_worker() const { return has_role("worker"); }

  /// Cells are numbered below this.
  std::uint16_t cells_end() const {
    std::uint16_t out = 1;
    for (const auto& one : cells)
      out = std::max<std::uint16_t>(out, one.number + 1);
    return out;
  }

private:
  bool has_role(std::string_view which) const {
    return roles.empty() || std::ranges::count(roles, which) > 0;
  }
};

struct actors {
  /// The threads that run actors; 0 takes one less than there are cores, or the
  /// io thread where there are at most two.
  std::uint32_t scheduler_threads = 0;
  /// How long an entity stays in memory without being asked.
  duration idle_after{60'000};
  /// The journal entries after which an entity takes a snapshot; more for a
  /// large one.
  std::uint32_t snapshot_every = 200;
  /// The most commands that may wait for one entity.
  std::uint32_t max_mailbox = 10'000;
  /// The most commands kept while an entity is being born.
  std::uint32_t stash = 256;
  /// How long one actor waits for another's answer.
  duration ask_timeout{5'000};
  /// The restarts of an entity after which it is quarantined.
  std::uint32_t restarts = 5;
  /// The time in which those restarts are counted.
  duration restarts_within{30'000};
};

struct shedding {
  /// The bytes of requests, of answers and of what waits for the journal, above
  /// which every request gets 503, and some before.
  std::uint64_t max_bytes_in_flight = 268'435'456;
  /// The decisions waiting for the journal above which new holds get 503,
  /// joining at half of it, browsing at a quarter, and everything at four
  /// times that.
  std::uint32_t max_appends_waiting = 20'000;
};

/// A key that signs access tokens. The first of the list signs, all verify.
/// Its secret comes from exactly one of the three.
struct jwt_key {
  /// What tokens call the key.
  std::string id;
  /// The file that holds the secret, at least 32 bytes.
  std::string secret_file;
  /// The environment variable that holds the secret, at least 32 bytes.
  std::string secret_env;
  /// The secret itself, for experiments: only with allow_insecure.
  std::string secret;
};

/// The key that signs the codes of tickets, which live longer than any token.
/// Its secret comes from at most one of the three.
struct ticket_key {
  /// The file that holds the secret which signs ticket codes, at least 32
  /// bytes; none of the three: the first of jwt_keys signs them, and its
  /// rotation makes all codes invalid.
  std::string secret_file;
  /// The environment variable that holds that secret, at least 32 bytes.
  std::string secret_env;
  /// That secret itself, for experiments: only with security.allow_insecure.
  std::string secret;
};

struct argon2 {
  /// The passes of Argon2id over its memory.
  std::uint32_t operations = 3;
  /// The memory that hashing one password takes, in MiB.
  std::uint32_t memory_mib = 64;
};

struct security {
  /// Whether secrets may stand in this file; never in production.
  bool allow_insecure = false;
  /// The keys that sign access tokens, newest first.
  std::vector<jwt_key> jwt_keys;
  config::ticket_key ticket_key;
  /// How long an access token is good for.
  duration access_token{15 * 60'000};
  /// How long a refresh token is good for.
  duration refresh_token{std::int64_t{30} * 24 * 60 * 60'000};
  argon2 passwords;
  /// The origins whose pages may call the API from a browser.
  std::vector<std::string> cors_origins;

  /// The secret that signs the codes of tickets.
  const std::string& ticket_secret() const {
    return ticket_key.secret.empty() ? jwt_keys.front().secret
                                     : ticket_key.secret;
  }
};

struct sandbox {
  /// Whether the built-in payment provider takes (no real) money.
  bool enabled = false;
  /// The file that holds the secret which signs the sandbox's webhooks.
  std::string webhook_secret_file;
  /// That secret itself, for experiments: only with allow_insecure.
  std::string webhook_secret;
  /// Where the sandbox sends its webhooks, by http, without a final slash.
  std::string base_url = "http://127.0.0.1:8080";
};

struct sales {
  /// Whether an administrator must approve events before they are published.
  bool require_admin_approval = false;
  /// How long seats are held for a cart, unless the event says otherwise.
  duration hold{600'000};
  /// How long a checkout may take, unless the event says otherwise.
  duration checkout{900'000};
  /// How much one extension adds to a hold.
  duration extension{300'000};
  /// The longest that a session may hold seats, extensions and all.
  duration max_hold{1'800'000};
};

enum class log_level : std::uint8_t { debug, info, warning, error };

struct log {
  /// The least urgent lines that are written.
  log_level level = log_level::info;
};

/// The first administrator; from USHER_ADMIN_EMAIL and USHER_ADMIN_PASSWORD
/// alone, never from a file.
struct admin {
  std::string email;
  std::string password;
};

struct settings {
  config::node node;
  config::http http;
  config::rate_limits rate_limits;
  config::database database;
  config::lease lease;
  config::cluster cluster;
  config::actors actors;
  config::shedding shedding;
  config::security security;
  config::sandbox sandbox;
  config::sales sales;
  config::log log;
  config::admin admin;
};

} // namespace usher::config
