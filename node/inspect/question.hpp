#pragma once

#include "protocol/entity.hpp"

#include <boost/json.hpp>

#include <stdexcept>
#include <string>

/// How the words of a question are read. Pure.
namespace usher::inspect {

/// A question that is not answered; what it says goes to who asked.
struct bad_question : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The text under this name; empty if there is none.
std::string text_in(const boost::json::object&, const char* name);

/// No answer has more rows.
constexpr std::size_t most_rows = 10'000;

/// The number under this name, at most `most`.
std::size_t number_in(const boost::json::object&, const char* name,
                      std::size_t otherwise, std::size_t most = most_rows);

/// Reads `kind:uuid`; throws bad_question.
entity_id entity_of(const std::string&);

} // namespace usher::inspect
