#include "node/membership/own_certificate.hpp"

#include "cluster/link_tls.hpp"

#include <ctime>

namespace usher {

std::vector<config::mistake>
wrong_certificate(const config::settings& settings) {
  const auto& chosen = settings.cluster;
  if (!chosen.enabled())
    return {};
  try {
    cluster::check_own_certificate(
      {chosen.certificate, chosen.key, chosen.authority}, settings.node.name,
      std::time(nullptr));
  } catch (const std::invalid_argument& why) {
    return {{"cluster.certificate", 0, why.what()}};
  }
  return {};
}

} // namespace usher
