#include "protocol/frame.hpp"
#include "tests/support/link_probe.hpp"

#include <atomic>
#include <cstdio>
#include <ctime>

/// What a hop to another node costs: the frame's JSON, the link itself, and the
/// way there and back. Both ends and the sender are threads of this program.
namespace {

using namespace usher;
using namespace usher::cluster;
using namespace usher::test;
using steady = std::chrono::steady_clock;

double cpu() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template <class Work>
void time(const char* what, Work work) {
  constexpr int times = 50'000;
  const auto began = cpu();
  std::size_t bytes = 0;
  for (int i = 0; i < times; ++i)
    bytes += work();
  std::printf("%-34s %6.2f us\n", what, (cpu() - began) * 1e6 / times);
  if (bytes == 0)
    std::puts("nothing was done");
}

void codec() {
  request hold;
  hold.to = {entity_kind::booking_session, mint_uuid()};
  hold.from = {2, {}, 123'456, 17};
  hold.key = request_key{mint_uuid(), 0x1234567890abcdef};
  booking_session::hold wish;
  wish.caller = {mint_uuid()};
  wish.wanted.seats = {"107-A-1", "107-A-2"};
  hold.what = booking_session::command{wish};
  response granted{hold.from,
                   {errc::ok, "", document{201, std::string(900, 'j')}}};
  const auto asked = encode(hold);
  const auto said = encode(granted);
  std::printf("a hold is %zu bytes, its answer %zu\n", asked.size(),
              said.size());
  time("encode a hold", [&] { return encode(hold).size(); });
  time("decode a hold", [&] { return decode_request(asked).what.index() + 1; });
  time("encode its answer", [&] { return encode(granted).size(); });
  time("decode its answer",
       [&] { return decode_response(said).what.reply.index() + 1; });
}

struct pair_of_nodes {
  pair_of_nodes(const mesh_settings& of_a, const mesh_settings& of_b)
    : a(of_a), b(of_b) {
    a.mesh.meet({b.address()});
    a.is_up(2);
  }

  linked_node a;
  linked_node b;
};

void stream(const char* name, pair_of_nodes& nodes) {
  constexpr int count = 300'000;
  std::atomic<int> got = 0;
  nodes.b.heard.on_frame = [&](auto, auto, const auto&) { ++got; };
  const std::string body(300, 'x');
  const auto began = steady::now();
  const auto cpu_began = cpu();
  for (int i = 0; i < count; ++i)
    while (!nodes.a.mesh.send(2, frame_kind::request, body))
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
  while (got < count)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  const std::chrono::duration<double> took = steady::now() - began;
  std::printf("%-6s %9.0f frames/s   %.2f us of CPU a frame\n", name,
              count / took.count(), (cpu() - cpu_began) * 1e6 / count);
}

/// So many requests are always under way.
void ask(const char* name, pair_of_nodes& nodes, int at_once) {
  constexpr int count = 50'000;
  std::atomic<int> asked = 0;
  std::atomic<int> answered = 0;
  const std::string body(300, 'x');
  nodes.b.heard.on_frame = [&](auto from, auto, const auto&) {
    nodes.b.mesh.send(from, frame_kind::response, body);
  };
  nodes.a.heard.on_frame = [&](auto, auto, const auto&) {
    ++answered;
    if (asked++ < count)
      nodes.a.mesh.send(2, frame_kind::request, body);
  };
  const auto began = steady::now();
  const auto cpu_began = cpu();
  asked = at_once;
  for (int i = 0; i < at_once; ++i)
    nodes.a.mesh.send(2, frame_kind::request, body);
  while (answered < count)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  const std::chrono::duration<double> took = steady::now() - began;
  std::printf("%-6s %4d at once %9.0f there and back/s   %6.0f us each   "
              "%.2f us of CPU\n",
              name, at_once, count / took.count(),
              took.count() * 1e6 * at_once / count,
              (cpu() - cpu_began) * 1e6 / count);
}

void measure(const char* name, const mesh_settings& a, const mesh_settings& b) {
  pair_of_nodes nodes(a, b);
  stream(name, nodes);
  for (const int at_once : {1, 64, 1'000})
    ask(name, nodes, at_once);
}

} // namespace

int main() {
  codec();
  const certificates files("a b");
  measure("TLS", node_settings(files, 1, "a"), node_settings(files, 2, "b"));
  mesh_settings a;
  a.self = 1;
  a.name = "a";
  auto b = a;
  b.self = 2;
  b.name = "b";
  measure("plain", a, b);
}
