#include "config/networks.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <optional>
#include <string>

namespace usher::config {

namespace {

using bytes = std::array<std::uint8_t, 16>;

constexpr unsigned bits_of_v6 = 128, bits_of_v4 = 32;

struct parsed_address {
  bytes value{};
  bool is_v4 = false;
};

std::optional<parsed_address> parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN)
    return std::nullopt;
  const std::string name{text};
  parsed_address out;
  if (inet_pton(AF_INET6, name.c_str(), out.value.data()) == 1)
    return out;
  out.value[10] = out.value[11] = 0xff;
  out.is_v4 = true;
  if (inet_pton(AF_INET, name.c_str(), out.value.data() + 12) == 1)
    return out;
  return std::nullopt;
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) {
  unsigned out = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, out);
  if (problem != std::errc{} || rest != end || out > most)
    return std::nullopt;
  return out;
}

/// Whether the first bits of both are the same.
bool agree(const bytes& x, const bytes& y, unsigned bits) {
  const auto whole = bits / 8, rest = bits % 8;
  return std::equal(x.begin(), x.begin() + whole, y.begin())
         && (rest == 0 || (x[whole] ^ y[whole]) >> (8 - rest) == 0);
}

} // namespace

bool networks::add(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse(text.substr(0, slash));
  if (!address)
    return false;
  const auto most = address->is_v4 ? bits_of_v4 : bits_of_v6;
  const auto bits = slash == std::string_view::npos
                      ? most
                      : parse_bits(text.substr(slash + 1), most);
  if (!bits)
    return false;
  all_.push_back({address->value, *bits + bits_of_v6 - most});
  return true;
}

bool networks::contains(std::string_view address) const {
  if (all_.empty())
    return false;
  const auto found = parse(address);
  return found && std::ranges::any_of(all_, [&](const network& one) {
           return agree(one.prefix, found->value, one.bits);
         });
}

bool networks::is_address(std::string_view text) {
  return parse(text).has_value();
}

} // namespace usher::config
