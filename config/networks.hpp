#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace usher::config {

/// Networks of IP addresses, as an operator names them. IPv4 is part of IPv6
/// here, as RFC 4291, 2.5.5.2 maps it, so either form of an address will do.
class networks {
public:
  /// Adds `10.1.0.0/16`, `fd00::/8` or a single address; false, and nothing
  /// added, if the text is none of these.
  bool add(std::string_view text);

  /// Whether one of them has this address. False for what is no address.
  bool contains(std::string_view address) const;

  /// Whether the text is an address at all.
  static bool is_address(std::string_view text);

private:
  struct network {
    std::array<std::uint8_t, 16> prefix{};
    unsigned bits = 0;
  };

  std::vector<network> all_;
};

} // namespace usher::config
