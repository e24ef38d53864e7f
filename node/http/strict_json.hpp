#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher::http {

/// One value of a document, which lies in a row with all others: an array is
/// followed by its items, an object by its keys (as text) and values in turn.
struct json_node {
  enum class kind : std::uint8_t {
    null,
    boolean,
    integer,  ///< fits int64
    natural,  ///< beyond int64, fits uint64
    fraction, ///< has a fraction or exponent, or is larger still
    text,
    array,
    object
  };

  kind is = kind::null;
  std::uint32_t next = 0;    ///< index of the first node after this whole value
  std::int64_t integer = 0;  ///< of an integer; 0 or 1 of a boolean
  std::uint64_t natural = 0; ///< of a natural
  double fraction = 0;       ///< of a fraction; finite
  std::string_view text;     ///< of a text; points into source or document
};

/// Reads what strangers send: one whole document of RFC 8259 in valid UTF-8
/// with a depth of at most 16, without duplicate keys (after unescaping), NaN,
/// numbers beyond double, lone surrogates or NUL. Reuse one to save memory.
class json_document {
public:
  /// Reads `text`, which must outlive the use of `nodes`; false if it breaks
  /// any of the rules above.
  bool parse(std::string_view text);

  /// The values in document order, the root first. Valid after a parse that
  /// returned true, until the next.
  const std::vector<json_node>& nodes() const { return nodes_; }

private:
  friend class json_tape;

  std::vector<json_node> nodes_;
  std::vector<std::uint32_t> open_; // arrays and objects that are not closed
  std::vector<std::string_view> keys_;
  std::string unescaped_; // texts that are not in the source as they are
};

} // namespace usher::http
