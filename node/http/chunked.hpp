#pragma once

#include "protocol/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace usher::http {

/// Decodes one chunked body (RFC 9112, section 7.1), piece by piece and
/// strictly: CRLF only, no blanks around sizes, at most 256 bytes of
/// extensions and 1 KiB of trailers in the whole body, both thrown away.
class chunked_decoder {
public:
  /// Bodies beyond `limit` bytes are refused.
  explicit chunked_decoder(std::size_t limit) : limit_(limit) {}

  /// Takes what belongs to the body off the front of `bytes`, appends what it
  /// decodes to `body` and returns how many bytes it took. Refuses with
  /// bad_request or body_too_large; the connection must close then. The limit
  /// is checked when a chunk is announced.
  result<std::size_t> decode(std::string_view bytes, std::string& body);

  /// True once the last chunk and the trailers are over.
  bool done() const { return state_ == state::done; }

private:
  enum class state : std::uint8_t {
    size_first,   // at least one digit must come
    size,         // more digits, an extension or the end of the line
    extension,    // skipped up to CR
    size_lf,      // LF of the size line
    data,         // left_ bytes of the chunk
    data_cr,      // CR after the chunk
    data_lf,      // and its LF
    trailer,      // at the start of a trailer line, or the end
    trailer_rest, // skipped up to CR
    trailer_lf,   // LF of a trailer line
    last_lf,      // LF of the empty line that ends it all
    done
  };

  bool take(char c);
  bool take_digit(char c);
  bool end_size_line(char c);
  bool skip(char c, state after_cr, std::size_t& room);
  bool expect(char c, char wanted, state next);

  state state_ = state::size_first;
  std::size_t limit_;
  std::size_t total_ = 0;
  std::size_t left_ = 0;
  unsigned digits_ = 0;
  std::size_t extension_room_ = 256;
  std::size_t trailer_room_ = 1024;
};

} // namespace usher::http
