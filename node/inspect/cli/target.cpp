#include "node/inspect/cli/target.hpp"

#include "config/load.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace usher::inspect {

namespace {

namespace fs = std::filesystem;

constexpr auto file_name = "usher.yaml";

std::vector<fs::path> settings_under(const fs::path& home) {
  std::vector<fs::path> out;
  std::error_code ignored;
  if (fs::exists(home / file_name, ignored))
    out.push_back(home / file_name);
  for (const auto& above : {home, home / "nodes"})
    for (const auto& one : fs::directory_iterator(above, ignored))
      if (fs::exists(one.path() / file_name, ignored))
        out.push_back(one.path() / file_name);
  std::ranges::sort(out);
  return out;
}

config::settings read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    throw no_target(file.string() + " cannot be read");
  auto found = config::parse(text.str());
  if (found.values.database.app.empty())
    throw no_target(file.string() + " names no database");
  return found.values;
}

/// Beside the authority, config/make-certificates puts what visitors show: the
/// administrator's, if this user may read it.
void find_certificate(const std::string& authority, target& out) {
  for (const auto* name : {"admin", "inspector"}) {
    const auto base = fs::path(authority).parent_path() / name;
    if (!std::ifstream(base.string() + ".key"))
      continue;
    out.certificate = base.string() + ".pem";
    out.key = base.string() + ".key";
    out.authority = authority;
    return;
  }
}

void learn_port(const config::cluster& port, target& out) {
  if (!port.enabled())
    return;
  const auto address = port.advertise.empty()
                         ? port.address + ':' + std::to_string(port.port)
                         : port.advertise;
  if (std::ranges::count(out.addresses, address) == 0)
    out.addresses.push_back(address);
  if (out.certificate.empty() && !port.authority.empty())
    find_certificate(port.authority, out);
}

/// Its own cell's by its own settings, the others' as it reaches them.
void learn_databases(const config::settings& from, target& out) {
  out.databases.try_emplace(from.cluster.cell, from.database.app);
  for (const auto& one : from.cluster.cells)
    if (!one.database.empty())
      out.databases.try_emplace(one.number, one.database);
}

std::string home_of(const whereabouts& said) {
  if (!said.home.empty())
    return said.home;
  // The only thread there is.
  const char* named =
    std::getenv("USHER_HOME"); // NOLINT(concurrency-mt-unsafe)
  return named != nullptr ? named : "var";
}

} // namespace

target find_target(const whereabouts& said) {
  if (said.certificate.empty() != said.key.empty()
      || said.key.empty() != said.authority.empty())
    throw no_target("--certificate, --key and --authority go together");
  target out{{}, {}, said.certificate, said.key, said.authority};
  if (!said.address.empty()) {
    out.addresses.push_back(said.address);
    if (said.config.empty() && said.home.empty())
      return out;
  }
  std::vector<fs::path> files;
  if (!said.config.empty())
    files.emplace_back(said.config);
  else
    files = settings_under(home_of(said));
  if (files.empty())
    throw no_target("no " + std::string{file_name} + " in " + home_of(said)
                    + "; name the cluster with --home, --config or --address");
  for (const auto& file : files) {
    const auto settings = read(file);
    learn_databases(settings, out);
    learn_port(settings.cluster, out);
  }
  return out;
}

} // namespace usher::inspect
