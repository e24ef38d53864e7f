#pragma once

#include "protocol/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

/// The head of an HTTP/1.1 request, read without mercy: whatever two programs
/// could read in two ways is refused, since that is what request smuggling
/// lives on (RFC 9112, section 11.2). Boost.Beast 1.81 lets several of these
/// through, hence a scanner of our own.
namespace usher::http {

/// The methods that any route may know. Every other token, lower case and
/// CONNECT and TRACE among them, is answered 501.
enum class method : std::uint8_t { get, head, post, put, patch, del, options };

/// The name on the wire.
std::string_view to_string(method);

/// The fields that the front itself asks for: found while reading, looked up
/// by index.
enum class field : std::uint8_t {
  host,
  content_length,
  transfer_encoding,
  connection,
  expect,
  upgrade,
  authorization,
  content_type,
  content_encoding,
  idempotency_key,
  if_none_match,
  if_match,
  accept,
  accept_encoding,
  accept_language,
  origin,
  sec_websocket_key,
  sec_websocket_version,
  sec_websocket_protocol,
  traceparent,
  x_request_id,
  forwarded,
  x_forwarded_for,
  x_forwarded_proto,
  other ///< every name that is not in this list
};

/// The bounds of a head, in bytes and lines. `fields` is at most 64.
struct head_limits {
  std::size_t request_line = 4'096; ///< beyond: uri_too_long
  std::size_t head = 8'192;         ///< beyond: head_too_large
  std::size_t fields = 64;          ///< beyond: head_too_large
};

/// What was asked. Its views point into the bytes it was read from.
class request_head {
public:
  method verb = method::get;
  bool http_1_0 = false;         ///< else HTTP/1.1
  bool keep_alive = true;        ///< by version and Connection
  bool chunked = false;          ///< the body comes in chunks
  bool expects_continue = false; ///< 100 Continue is awaited
  bool websocket = false;        ///< asks to become a WebSocket, version 13
  std::string_view path;         ///< as sent: escapes are valid and still there
  std::string_view query;        ///< without `?`, as sent; may be empty
  std::uint64_t content_length = 0; ///< 0 without the field
  std::size_t size = 0;             ///< bytes of the head, empty line included

  /// The value of a field, trimmed; empty if it is missing.
  std::string_view operator[](field name) const {
    return known_[static_cast<std::size_t>(name)];
  }

  /// True if the field is there, even if it is empty.
  bool has(field name) const { return (*this)[name].data() != nullptr; }

  /// The value of the first field of any name, given in lower case; O(fields).
  std::optional<std::string_view> find(std::string_view lower_name) const;

  /// True if a body follows the head.
  bool has_body() const { return chunked || content_length > 0; }

private:
  friend class head_scanner;

  // Offsets instead of views: 64 fields fit into 512 bytes that nobody has to
  // set to zero.
  struct line {
    std::uint16_t name;
    std::uint16_t name_size;
    std::uint16_t value;
    std::uint16_t value_size;
  };

  const char* bytes_ = nullptr;
  std::array<std::string_view, static_cast<std::size_t>(field::other)> known_{};
  std::uint16_t count_ = 0;
  std::array<line, 64> lines_; // only the first count_ are set
};

/// The head is not whole yet; nothing wrong so far.
struct need_more {};

/// The peer broke the rules: answer with the code and close, since where its
/// next request would start cannot be known.
struct violation {
  errc code = errc::bad_request;
  std::string_view why; ///< for the log and the detail of the problem
};

using head_outcome = std::variant<need_more, request_head, violation>;

/// Reads the head at the front of `bytes`: one CRLF before it is skipped. A
/// violation is found as soon as its bytes are there. Refused: any line end
/// but CRLF, folded lines, blanks around names, bytes outside of ASCII, not
/// exactly one valid Host (HTTP/1.0 too), repeated or listed Content-Length,
/// Transfer-Encoding that is not exactly `chunked` or comes with a length or
/// with HTTP/1.0, a body on GET or HEAD, repeated fields that may come once,
/// any target but a path, `.` and `..` segments, encoded slash, backslash and
/// NUL. Other versions than 1.0 and 1.1 are 400, as there is no code for 505.
/// Upgrades other than to a WebSocket are ignored.
head_outcome parse_head(std::string_view bytes, const head_limits& = {});

} // namespace usher::http
