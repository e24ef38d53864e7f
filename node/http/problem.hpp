#pragma once

#include "protocol/error.hpp"
#include "protocol/trace.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace usher::http {

/// The languages that errors speak.
enum class language : std::uint8_t { english, korean, vietnamese };

/// The one of ours that an Accept-Language likes best; English if it likes
/// none, is malformed or missing.
language pick_language(std::string_view accept_language);

/// The tag for Content-Language: en, ko or vi.
std::string_view tag_of(language);

/// By what the caller finds a request again: the trace-id of a traceparent (W3C
/// Trace Context), else the X-Request-Id, of at most 128 bytes. Empty if there
/// is neither.
std::string_view pick_trace_id(std::string_view traceparent,
                               std::string_view request_id);

/// The trace of a request: that of its traceparent, sampled or not; else its
/// X-Request-Id if that is 32 digits or a uuid. Nil if it is neither.
trace pick_trace(std::string_view traceparent, std::string_view request_id);

/// One sentence for people; the English one is `sentence(errc)`.
std::string_view title(errc, language);

/// The same of an advice.
std::string_view title(advice, language);

/// What is wrong with one field of a body or one parameter of a query.
struct field_error {
  std::string field; ///< a path such as `sections[0].rows[1].seats`
  errc code = errc::invalid_value;
  std::string message; ///< empty: the title of the code

  bool operator==(const field_error&) const = default;
};

/// What goes into a problem besides its code.
struct problem {
  errc code = errc::internal;
  std::string_view detail = {}; ///< empty: the advice, or the fields
  std::span<const field_error> fields = {}; ///< left out when empty
  std::string_view extra = {};              ///< JSON text: `"seats":["A-1-1"]`
  std::string_view trace_id = {};           ///< left out when empty
  language speaks = language::english;      ///< of titles
};

/// The text of application/problem+json (RFC 9457): type, title, status, code,
/// detail (if there is more to say), errors [{field, code, message}], the extra
/// members, trace_id. Of an advice among these, the detail says what it is, in
/// the language of the titles. The type is `urn:usher:problem:` and the code.
std::string problem_json(const problem&);

} // namespace usher::http
