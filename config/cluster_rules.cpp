#include "config/cluster_rules.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <set>

namespace usher::config {

namespace {

enum class reach : std::uint8_t { nothing, loopback, somewhere, everywhere };

/// What an IP address listens to; nothing if it is none.
reach reach_of(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    const auto number = ntohl(v4.s_addr);
    return number == 0           ? reach::everywhere
           : number >> 24 == 127 ? reach::loopback
                                 : reach::somewhere;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, address.c_str(), &v6) != 1)
    return reach::nothing;
  return IN6_IS_ADDR_UNSPECIFIED(&v6) ? reach::everywhere
         : IN6_IS_ADDR_LOOPBACK(&v6)  ? reach::loopback
                                      : reach::somewhere;
}

/// `host:port` with a port that can be dialed.
bool can_be_dialed(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return false;
  const auto* end = address.data() + address.size();
  std::uint16_t port = 0;
  const auto read = std::from_chars(address.data() + colon + 1, end, port);
  return read.ec == std::errc{} && read.ptr == end && port > 0;
}

/// As certificates write it: what the DNS allows, and not a visitor's name.
bool can_be_certified(std::string_view name) {
  std::string small{name};
  std::transform(
    small.begin(), small.end(), small.begin(),
    [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return !small.empty() && small.size() <= 63 && !small.starts_with("admin")
         && !small.starts_with("inspector")
         && small.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.")
              == std::string::npos;
}

void check_files(const cluster& at, reach where, std::vector<mistake>& out) {
  const auto files = static_cast<int>(!at.certificate.empty())
                     + static_cast<int>(!at.key.empty())
                     + static_cast<int>(!at.authority.empty());
  if (files == 1 || files == 2)
    out.push_back(
      {"cluster", 0, "wants all of certificate, key and authority, or none"});
  if (files == 0 && where != reach::loopback)
    out.push_back({"cluster.address", 0,
                   "is not loopback: without certificates anybody there could "
                   "command the node"});
}

void check_roles(const cluster& at, std::vector<mistake>& out) {
  for (auto role = at.roles.begin(); role != at.roles.end(); ++role) {
    if (*role != "front" && *role != "worker")
      out.push_back({"cluster.roles", 0, "are front and worker, not " + *role});
    if (std::find(at.roles.begin(), role, *role) != role)
      out.push_back({"cluster.roles", 0, "names " + *role + " twice"});
  }
}

void check_cells(const cluster& at, std::vector<mistake>& out) {
  std::set<unsigned> numbers;
  bool has_weight = false;
  for (std::size_t i = 0; i < at.cells.size(); ++i) {
    const auto& one = at.cells[i];
    const auto path = "cluster.cells[" + std::to_string(i) + "]";
    if (!numbers.insert(one.number).second)
      out.push_back({path + ".number", 0, "is that of an earlier cell"});
    if (one.database.empty() && one.number != at.cell)
      out.push_back({path + ".database", 0, "is wanted of another cell"});
    has_weight = has_weight || one.weight > 0;
  }
  if (at.cells.empty() && at.cell != 0)
    out.push_back({"cluster.cell", 0, "wants cluster.cells"});
  if (at.cells.empty())
    return;
  if (!at.enabled())
    out.push_back({"cluster.cells", 0, "want cluster.address"});
  if (!numbers.contains(0))
    out.push_back({"cluster.cells", 0, "lack the first cell, number 0"});
  if (!numbers.contains(at.cell))
    out.push_back({"cluster.cells", 0, "lack this node's own, cluster.cell"});
  if (!has_weight)
    out.push_back({"cluster.cells", 0, "have no weight: none takes events"});
}

} // namespace

std::vector<mistake> broken_rules(const cluster& at, std::string_view name) {
  std::vector<mistake> out;
  check_roles(at, out);
  check_cells(at, out);
  if (!at.enabled())
    return out;
  const auto where = reach_of(at.address);
  if (where == reach::nothing) {
    out.push_back({"cluster.address", 0, "is no IP address"});
    return out;
  }
  check_files(at, where, out);
  if (where == reach::everywhere && at.advertise.empty())
    out.push_back({"cluster.advertise", 0,
                   "is wanted: nobody can dial the address of all interfaces"});
  if (!at.advertise.empty() && !can_be_dialed(at.advertise))
    out.push_back({"cluster.advertise", 0, "is not host:port"});
  if (!can_be_certified(name))
    out.push_back({"node.name", 0,
                   "cannot be certified: letters, digits, - _ and . only, at "
                   "most 63, not beginning with admin or inspector"});
  return out;
}

} // namespace usher::config
