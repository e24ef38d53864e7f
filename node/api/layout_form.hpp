#pragma once

#include "node/http/form.hpp"
#include "protocol/layout.hpp"

namespace usher::api {

/// The body of POST /v1/layouts.
struct layout_form {
  std::string name;
  std::vector<section> sections;
};

/// Reads it: rows may be listed one by one, or be a number of equal rows of
/// `seats_per_row`, which are then labelled 1, 2, and so on. A section without
/// rows is general admission.
http::form<layout_form> read_layout(std::string_view body);

} // namespace usher::api
