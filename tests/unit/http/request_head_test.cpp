#include "node/http/request_head.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

using namespace usher;
using namespace usher::http;

namespace {

const std::string rest = "Host: tickets.example\r\n\r\n";

std::string get(std::string_view target, std::string_view fields = "") {
  std::string out = "GET ";
  out += target;
  out += " HTTP/1.1\r\n";
  out += fields;
  return out + rest;
}

std::string post(std::string_view fields) {
  std::string out = "POST /v1/events HTTP/1.1\r\n";
  out += fields;
  return out + rest;
}

/// The code it is refused with, or ok. Waiting for ever counts as a timeout.
errc refusal(std::string_view bytes) {
  const auto out = parse_head(bytes);
  if (std::holds_alternative<need_more>(out))
    return errc::request_timeout;
  const auto* wrong = std::get_if<violation>(&out);
  return wrong != nullptr ? wrong->code : errc::ok;
}

request_head head_of(std::string_view bytes) {
  auto out = parse_head(bytes);
  EXPECT_TRUE(std::holds_alternative<request_head>(out)) << bytes;
  return std::holds_alternative<request_head>(out) ? std::get<request_head>(out)
                                                   : request_head{};
}

const std::string browser =
  "POST /v1/sessions/1/seats?a=b HTTP/1.1\r\n"
  "Host: localhost:8080\r\n"
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0)\r\n"
  "Accept: application/json\r\n"
  "Accept-Language: vi,en;q=0.5\r\n"
  "Accept-Encoding: gzip, deflate, br\r\n"
  "Content-Type: application/json\r\n"
  "Authorization: Bearer abc.def.ghi\r\n"
  "Idempotency-Key:   42\t \r\n"
  "Content-Length: 31\r\n"
  "Connection: keep-alive\r\n"
  "\r\n";

TEST(request_head, reads_what_a_browser_sends) {
  const auto bytes = browser + "{\"seats\":[]}";
  const auto head = head_of(bytes);
  EXPECT_EQ(head.verb, method::post);
  EXPECT_EQ(head.path, "/v1/sessions/1/seats");
  EXPECT_EQ(head.query, "a=b");
  EXPECT_EQ(head.size, browser.size());
  EXPECT_EQ(head.content_length, 31u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.has_body());
  EXPECT_EQ(head[field::host], "localhost:8080");
  EXPECT_EQ(head[field::authorization], "Bearer abc.def.ghi");
  EXPECT_EQ(head[field::idempotency_key], "42");
  EXPECT_EQ(head[field::accept_language], "vi,en;q=0.5");
  EXPECT_FALSE(head.has(field::if_none_match));
  EXPECT_EQ(head.find("user-agent"),
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0)");
  EXPECT_EQ(head.find("stripe-signature"), std::nullopt);
}

TEST(request_head, finds_every_field_that_the_front_asks_for) {
  for (const std::string_view name : {"host",
                                      "expect",
                                      "upgrade",
                                      "authorization",
                                      "content-type",
                                      "content-encoding",
                                      "idempotency-key",
                                      "if-none-match",
                                      "if-match",
                                      "accept",
                                      "accept-encoding",
                                      "accept-language",
                                      "origin",
                                      "sec-websocket-key",
                                      "sec-websocket-version",
                                      "sec-websocket-protocol",
                                      "traceparent",
                                      "x-request-id",
                                      "forwarded",
                                      "x-forwarded-for",
                                      "x-forwarded-proto"}) {
    std::string line(name);
    line[0] = static_cast<char>(line[0] - 32);
    line += ": 100-continue\r\n";
    const auto bytes = name == "host" ? get("/") : get("/", line);
    unsigned found = 0;
    const auto head = head_of(bytes);
    for (unsigned i = 0; i < static_cast<unsigned>(field::other); ++i)
      found += head.has(static_cast<field>(i)) ? 1u : 0u;
    EXPECT_EQ(found, name == "host" ? 1u : 2u) << name;
  }
}

TEST(request_head, waits_at_every_byte_before_the_last) {
  const auto bytes = "\r\n" + browser;
  for (std::size_t n = 0; n < bytes.size(); ++n)
    EXPECT_EQ(refusal(std::string_view(bytes).substr(0, n)),
              errc::request_timeout)
      << n;
}

TEST(request_head, skips_one_empty_line_before_the_request) {
  EXPECT_EQ(refusal("\r\n" + get("/")), errc::ok);
  EXPECT_EQ(refusal("\r\n\r\n" + get("/")), errc::bad_request);
}

TEST(request_head, knows_whether_the_connection_stays) {
  EXPECT_FALSE(head_of(get("/", "Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(head_of(get("/", "Connection: foo, Close\r\n")).keep_alive);
  const std::string old = "GET / HTTP/1.0\r\nHost: a\r\n";
  EXPECT_FALSE(head_of(old + "\r\n").keep_alive);
  EXPECT_TRUE(head_of(old + "Connection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(request_head, knows_a_websocket_and_ignores_h2c) {
  const std::string fields =
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: ";
  EXPECT_TRUE(head_of(get("/live", fields + "websocket\r\n")).websocket);
  EXPECT_FALSE(head_of(get("/live", fields + "h2c\r\n")).websocket);
}

TEST(request_head, tells_who_awaits_100_continue) {
  EXPECT_TRUE(head_of(post("Expect: 100-continue\r\nContent-Length: 3\r\n"))
                .expects_continue);
  EXPECT_FALSE(head_of(post("Expect: 100-continue\r\n")).expects_continue);
  EXPECT_EQ(refusal(post("Expect: miracles\r\n")), errc::bad_request);
}

// -- the table of bad input

TEST(request_head, refuses_transfer_encodings_that_are_not_just_chunked) {
  EXPECT_TRUE(head_of(post("Transfer-Encoding: chunked\r\n")).chunked);
  for (const std::string bad :
       {"gzip", "identity", "xchunked", "gzip, chunked", "chunked, gzip",
        "chunked, chunked", "", "chunked;x=1", "\"chunked\""}) {
    const auto line = "Transfer-Encoding: " + bad + "\r\n";
    EXPECT_EQ(refusal(post(line)), errc::bad_request) << bad;
    EXPECT_EQ(refusal(post(line + "Content-Length: 5\r\n")), errc::bad_request);
  }
  EXPECT_EQ(
    refusal(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")),
    errc::bad_request);
  EXPECT_EQ(refusal(post("Transfer-Encoding: chunked\r\n"
                         "Transfer-Encoding: chunked\r\n")),
            errc::bad_request);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + rest),
            errc::bad_request);
}

TEST(request_head, refuses_lengths_that_are_not_one_number) {
  EXPECT_EQ(head_of(post("Content-Length: 0\r\n")).content_length, 0u);
  for (const std::string bad :
       {"5, 5", "+5", "-5", "5 5", "0x5", "", "5a", "99999999999999999999"})
    EXPECT_EQ(refusal(post("Content-Length: " + bad + "\r\n")),
              errc::bad_request)
      << bad;
  EXPECT_EQ(refusal(post("Content-Length: 5\r\nContent-Length: 5\r\n")),
            errc::bad_request);
}

TEST(request_head, wants_exactly_one_valid_host) {
  const auto with = [](std::string_view host) {
    return refusal("GET / HTTP/1.1\r\nHost:" + std::string(host) + "\r\n\r\n");
  };
  for (const auto* good : {"a", "a.example:80", "127.0.0.1:8080", "[::1]:1",
                           "[2001:db8::1]", "x_y", " a:"})
    EXPECT_EQ(with(good), errc::ok) << good;
  for (const auto* bad : {"", "a b", "a/b", "a@b", "a:b", ":80", "[::1", "[]",
                          "[::g]", "a:123456", "a,b", "a%zz", "a\\b", "[::1]x"})
    EXPECT_EQ(with(bad), errc::bad_request) << bad;
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), errc::bad_request);
  EXPECT_EQ(refusal(get("/", "Host: tickets.example\r\n")), errc::bad_request);
}

TEST(request_head, refuses_malformed_lines) {
  for (const std::string bad :
       {"A: b\r\n c\r\n", "A : b\r\n", " A: b\r\n", "A\r\n", ": b\r\n",
        "A: b\n", "A: \xc3\xa9\r\n", "A: b\rc\r\n", "A: \x01\r\n", "A(: b\r\n",
        "A: \x7f\r\n", "\xc3: a\r\n"})
    EXPECT_EQ(refusal(get("/", bad)), errc::bad_request) << bad;
  EXPECT_EQ(refusal(get("/", std::string("A: \0\r\n", 7))), errc::bad_request);
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: a\n\n"), errc::bad_request);
}

TEST(request_head, refuses_repeated_fields_that_may_come_once) {
  for (const std::string name :
       {"Authorization", "Content-Type", "Idempotency-Key"})
    EXPECT_EQ(refusal(post(name + ": a\r\n" + name + ": a\r\n")),
              errc::bad_request);
  EXPECT_EQ(refusal(post("Accept: a\r\nAccept: b\r\n")), errc::ok);
}

TEST(request_head, bounds_the_request_line_the_head_and_the_fields) {
  EXPECT_EQ(refusal(get("/" + std::string(4'000, 'a'))), errc::ok);
  EXPECT_EQ(refusal(get("/" + std::string(4'096, 'a'))), errc::uri_too_long);
  EXPECT_EQ(refusal("GET /" + std::string(5'000, 'a')), errc::uri_too_long);
  EXPECT_EQ(refusal(get("/", "A: " + std::string(8'000, 'a') + "\r\n")),
            errc::ok);
  EXPECT_EQ(refusal(get("/", "A: " + std::string(8'192, 'a') + "\r\n")),
            errc::head_too_large);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nA: " + std::string(8'192, 'a')),
            errc::head_too_large);
  std::string tiny;
  for (int i = 0; i < 63; ++i)
    tiny += "a:\r\n";
  EXPECT_EQ(refusal(get("/", tiny)), errc::ok);
  EXPECT_EQ(refusal(get("/", tiny + "a:\r\n")), errc::head_too_large);
  for (int i = 0; i < 900; ++i)
    tiny += "a:\r\n";
  EXPECT_EQ(refusal(get("/", tiny)), errc::head_too_large);
}

TEST(request_head, knows_methods_by_their_exact_names) {
  for (const std::string bad :
       {"get", "Get", "BREW", "CONNECT", "TRACE", "GETX"})
    EXPECT_EQ(refusal(bad + " / HTTP/1.1\r\n" + rest), errc::not_implemented)
      << bad;
  EXPECT_EQ(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), errc::not_implemented);
  EXPECT_EQ(refusal(" / HTTP/1.1\r\n" + rest), errc::bad_request);
  EXPECT_EQ(refusal("\x16\x03\x01\x02"), errc::bad_request); // TLS hello
}

TEST(request_head, refuses_targets_that_are_not_plain_paths) {
  for (const std::string bad : {"http://tickets.example/",
                                "tickets.example:80",
                                "*",
                                "/../etc/passwd",
                                "/a/..",
                                "/a/./b",
                                "/%2e%2e/x",
                                "/a/.%2E",
                                "/a%2fb",
                                "/a%2Fb",
                                "/a%5cb",
                                "/a%00b",
                                "/a%",
                                "/a%2",
                                "/a%zz",
                                "/a\\b",
                                "/a#b",
                                "/\xc3\xa9",
                                "/a\"b",
                                "/a?b=%00",
                                "/a?b=%g",
                                "?a",
                                "/a\tb"})
    EXPECT_EQ(refusal(get(bad)), errc::bad_request) << bad;
  for (const auto* good :
       {"/", "/v1/events?search=Kh%C3%A1n%20a&page=2", "/.well-known/x",
        "/a/...", "/a%2Eb", "/a?/../b", "/a/..;"})
    EXPECT_EQ(refusal(get(good)), errc::ok) << good;
  EXPECT_EQ(refusal("GET  / HTTP/1.1\r\n" + rest), errc::bad_request);
  EXPECT_EQ(refusal("GET /  HTTP/1.1\r\n" + rest), errc::bad_request);
  EXPECT_EQ(refusal("GET /\r\n" + rest), errc::bad_request); // HTTP/0.9
}

TEST(request_head, refuses_a_body_on_get) {
  EXPECT_EQ(refusal(get("/", "Content-Length: 0\r\n")), errc::ok);
  EXPECT_EQ(refusal(get("/", "Content-Length: 1\r\n")), errc::bad_request);
  EXPECT_EQ(refusal(get("/", "Transfer-Encoding: chunked\r\n")),
            errc::bad_request);
}

TEST(request_head, refuses_other_versions) {
  for (const std::string bad : {"HTTP/2.0", "HTTP/1.2", "HTTP/1.10", "http/1.1",
                                "HTTP/11", "HTTP/1.1 ", "HTTP/0.9"})
    EXPECT_EQ(refusal("GET / " + bad + "\r\n" + rest), errc::bad_request)
      << bad;
}

// -- chance

/// More bytes never change a verdict, and no bytes lead out of bounds (each
/// try has its own allocation, for the address sanitizer).
TEST(request_head, survives_mutations_and_keeps_its_verdicts) {
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    std::mt19937 dice(seed);
    auto bytes = browser;
    for (auto n = 1 + dice() % 3; n > 0; --n) {
      const auto at = dice() % bytes.size();
      switch (dice() % 3) {
        case 0:
          bytes[at] = static_cast<char>(dice() % 256);
          break;
        case 1:
          bytes.erase(at, 1 + dice() % 8);
          break;
        default:
          bytes.insert(at, bytes.substr(dice() % bytes.size(), dice() % 16));
      }
    }
    const auto whole = refusal(std::string(bytes));
    const auto part = refusal(bytes.substr(0, dice() % bytes.size()));
    if (part != errc::request_timeout) {
      ASSERT_EQ(part, whole) << "seed " << seed << "\n" << bytes;
    }
  }
}

} // namespace
