#include "tests/support/stores.hpp"

#include <cstdio>
#include <fstream>
#include <sys/resource.h>

/// What a journaled row costs in CPU, on both sides of the connection. Random
/// entities over all shards; facts of 120 bytes; a PostgreSQL of its own.
namespace {

using namespace usher;
using namespace usher::test;

struct load {
  const char* name;
  int rows;    ///< of one batch
  int alarms;  ///< of one batch
  int answers; ///< rows that carry an answer to a request
};

double own_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec)
           + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Of the session that wrote last, from the kernel's scheduler.
double backend_cpu(const pg_store& it) {
  auto pid = it.ask("SELECT pid FROM pg_stat_activity WHERE usename = "
                    "'usher_app' AND query LIKE '%INSERT INTO journal%'")
               .at(0)[0]
               .as<std::string>();
  std::ifstream file("/proc/" + pid + "/schedstat");
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds * 1e-9;
}

void fill(node& writer, const load& wanted) {
  static const std::string facts(120, 'x');
  static const std::string answer(200, 'y');
  for (int i = 0; i < wanted.rows; ++i) {
    auto who = any_block();
    std::optional<remembered> request;
    if (i < wanted.answers)
      request = remembered{who.key, 1, 201, now(), answer};
    writer.add(who, facts, now(), request);
    if (i < wanted.alarms)
      writer.next.alarms.push_back({who, now()});
  }
}

void measure(const load& wanted) {
  pg_store it;
  node writer(it);
  const int batches = std::min(4'000, 200'000 / wanted.rows);
  double client = 0, server = 0, wall = 0;
  for (int i = -50; i < batches; ++i) {
    if (i == 0)
      server = backend_cpu(it);
    fill(writer, wanted);
    auto cpu = own_cpu();
    auto start = std::chrono::steady_clock::now();
    ensure(writer.commit() == verdict::durable);
    std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
    if (i >= 0) {
      client += own_cpu() - cpu;
      wall += took.count();
    }
  }
  server = backend_cpu(it) - server;
  auto us = [&](double x) { return x * 1e6 / batches / wanted.rows; };
  std::printf("%-22s %4d rows: client %6.2f + server %6.2f us a row, "
              "%6.1f us by the clock\n",
              wanted.name, wanted.rows, us(client), us(server), us(wall));
}

} // namespace

int main() {
  for (const auto& wanted :
       {load{"facts", 1, 0, 0}, load{"facts", 8, 0, 0}, load{"facts", 64, 0, 0},
        load{"facts", 256, 0, 0}, load{"every 2nd with alarm", 64, 32, 0},
        load{"every 2nd with answer", 64, 0, 32}})
    measure(wanted);
}
