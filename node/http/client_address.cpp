#include "node/http/client_address.hpp"

#include "node/http/text.hpp"

namespace usher::http {

namespace {

/// Takes the last element off a list with commas.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const bool is_only = comma == std::string_view::npos;
  const auto last = trim(is_only ? list : list.substr(comma + 1));
  list = list.substr(0, is_only ? 0 : comma);
  return last;
}

} // namespace

std::string_view client_of(const config::networks& proxies,
                           std::string_view peer,
                           std::string_view forwarded_for) {
  auto client = peer;
  while (!forwarded_for.empty() && proxies.contains(client)) {
    const auto before = take_last(forwarded_for);
    if (!config::networks::is_address(before))
      break;
    client = before;
  }
  return client;
}

} // namespace usher::http
