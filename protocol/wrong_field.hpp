#pragma once

#include "protocol/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// What a refusal says more if one field of the request is to blame: its path,
/// as in `ticket_types[0].price`, and what is asked for, in English; empty if
/// the code says enough.
struct wrong_field {
  std::string field;
  std::string message;
};

BOOST_DESCRIBE_STRUCT(wrong_field, (), (field, message))

/// As `answer::more` has it.
inline std::string more_about(const wrong_field& wrong) {
  std::string out = "\"field\":";
  json::put_string(out, wrong.field);
  if (!wrong.message.empty()) {
    out += ",\"message\":";
    json::put_string(out, wrong.message);
  }
  return out;
}

/// Reads it back; nothing if the answer says something else, or no more.
inline std::optional<wrong_field> wrong_field_in(std::string_view more) {
  if (!more.starts_with("\"field\":"))
    return std::nullopt;
  return json::get<wrong_field>('{' + std::string{more} + '}');
}

} // namespace usher
