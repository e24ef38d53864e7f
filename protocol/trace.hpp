#pragma once

#include "protocol/ids.hpp"

/// What ties together all that one request of a client brings about.
namespace usher {

/// The trace-id of W3C Trace Context, of the request behind a command.
struct trace {
  uuid id;                 ///< any 128 bits; nil: no client's request
  bool is_sampled = false; ///< its client asked that facts be found by it

  bool operator==(const trace&) const = default;
};

/// The 32 digits of W3C Trace Context, in lower case; of the nil id none.
std::string trace_digits(const uuid&);

/// Reads such digits, of either case, or the 36 characters of a uuid. Nothing
/// for anything else, and for zeros.
std::optional<uuid> parse_trace_id(std::string_view text);

} // namespace usher
