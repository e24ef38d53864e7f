#include "node/http/compress.hpp"
#include "node/http/form.hpp"
#include "node/http/problem.hpp"
#include "node/http/rate_limit.hpp"
#include "node/http/request_head.hpp"
#include "node/http/route.hpp"
#include "node/http/token_cache.hpp"

#include <benchmark/benchmark.h>

// What one request costs before any actor hears of it.

using namespace usher;
using namespace usher::http;
using namespace std::chrono_literals;

namespace {

const token_keys keys("usher", "api", {{"k1", std::string(32, 's')}});
const timestamp now{1'700'000'000s};
const auto token =
  keys.sign(access_claims{{}, role::user, uuid{}, now, now + 15min});

const std::string script =
  "POST /v1/sessions/019aa5b4-9a3c-7000-8000-000000000001/seats HTTP/1.1\r\n"
  "Host: 127.0.0.1:8080\r\nContent-Type: application/json\r\n"
  "Idempotency-Key: 019aa5b4-9a3c-7000-8000-000000000002\r\n"
  "Authorization: Bearer "
  + token + "\r\nContent-Length: 31\r\n\r\n";

const std::string browser =
  "POST /v1/sessions/019aa5b4-9a3c-7000-8000-000000000001/seats HTTP/1.1\r\n"
  "Host: tickets.example\r\nConnection: keep-alive\r\nContent-Length: 31\r\n"
  "sec-ch-ua: \"Chromium\";v=\"126\", \"Not.A/Brand\";v=\"24\"\r\n"
  "Content-Type: application/json\r\nsec-ch-ua-mobile: ?0\r\n"
  "Authorization: Bearer "
  + token
  + "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36\r\n"
    "Idempotency-Key: 019aa5b4-9a3c-7000-8000-000000000002\r\n"
    "Accept: */*\r\nOrigin: https://tickets.example\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\nReferer: https://tickets.example/events/1\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: vi-VN,vi;q=0.9,en;q=0.8\r\n\r\n";

struct seats_form {
  std::vector<std::string> seats;
};

BOOST_DESCRIBE_STRUCT(seats_form, (), (seats))

const route_table routes({
  {method::get, "/healthz", 0},
  {method::post, "/v1/auth/login", 1},
  {method::get, "/v1/events", 2},
  {method::get, "/v1/events/{id}", 3},
  {method::get, "/v1/events/{id}/seats", 4},
  {method::post, "/v1/events/{id}/sessions", 5},
  {method::get, "/v1/orders/{id}", 6},
  {method::get, "/v1/sessions/{id}", 7},
  {method::post, "/v1/sessions/{id}/seats", 8},
  {method::post, "/v1/sessions/{id}/checkout", 9},
});

void head_of_script(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_head(script));
}

void head_of_browser(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_head(browser));
}

void find_route(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(routes.find(
      method::post, "/v1/sessions/019aa5b4-9a3c-7000-8000-000000000001/seats"));
}

void verify_token(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(keys.verify_access(token, now));
}

void verify_remembered_token(benchmark::State& state) {
  token_cache cache(keys);
  for (auto _ : state)
    benchmark::DoNotOptimize(cache.verify(token, now));
}

void read_seats(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(
      read_form<seats_form>(R"({"seats":["A-2-17","A-2-18"]})"));
}

void take_from_bucket(benchmark::State& state) {
  rate_limiter limiter({1e6, 1e6});
  rate_key key = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(
      limiter.take(key++ & 1023, rate_limiter::clock::time_point{1h}));
}

void write_problem(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(problem_json({.code = errc::seat_unavailable,
                                           .extra = R"("seats":["A-2-17"])",
                                           .speaks = language::vietnamese}));
}

void whole_request(benchmark::State& state) {
  token_cache cache(keys);
  for (auto _ : state) {
    const auto out = parse_head(script);
    const auto& head = std::get<request_head>(out);
    benchmark::DoNotOptimize(routes.find(head.verb, head.path));
    benchmark::DoNotOptimize(
      cache.verify(bearer_token(head[field::authorization]), now));
    benchmark::DoNotOptimize(
      read_form<seats_form>(R"({"seats":["A-2-17","A-2-18"]})"));
  }
}

} // namespace

BENCHMARK(head_of_script);
BENCHMARK(head_of_browser);
BENCHMARK(find_route);
BENCHMARK(verify_token);
BENCHMARK(verify_remembered_token);
BENCHMARK(read_seats);
BENCHMARK(take_from_bucket);
BENCHMARK(write_problem);
BENCHMARK(whole_request);

BENCHMARK_MAIN();
