#pragma once

#include <boost/describe.hpp>

#include <string_view>

namespace usher {

/// Time has passed. Harmless at any moment: it does what the clock allows.
struct wake {
  static constexpr std::string_view command_name = "wake/1";
  bool operator==(const wake&) const = default;
};

BOOST_DESCRIBE_STRUCT(wake, (), ())

} // namespace usher
