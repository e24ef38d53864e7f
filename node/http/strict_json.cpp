#include "node/http/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace usher::http {

namespace {

using boost::json::error;
using boost::json::error_code;
using kind = json_node::kind;

constexpr std::size_t max_depth = 16;
constexpr std::size_t max_size = std::numeric_limits<std::uint32_t>::max();

} // namespace

/// Writes the nodes down as the parser of Boost.JSON meets them; adds the
/// rules that parser does not know.
class json_tape {
public:
  static constexpr std::size_t max_object_size = max_size;
  static constexpr std::size_t max_array_size = max_size;
  static constexpr std::size_t max_key_size = max_size;
  static constexpr std::size_t max_string_size = max_size;

  json_tape(json_document& to, std::string_view source)
    : to_(to), source_(source) {}

  static bool on_document_begin(error_code&) { return true; }

  static bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) { return open(kind::object); }

  bool on_object_end(std::size_t members, error_code& ec) {
    const auto index = close();
    return members < 2 || unique_keys(index, members) || refuse(ec);
  }

  bool on_array_begin(error_code&) { return open(kind::array); }

  bool on_array_end(std::size_t, error_code&) {
    close();
    return true;
  }

  bool on_key_part(std::string_view part, std::size_t, error_code&) {
    return keep_part(part);
  }

  bool on_key(std::string_view last, std::size_t, error_code& ec) {
    return put_text(last) || refuse(ec);
  }

  bool on_string_part(std::string_view part, std::size_t, error_code&) {
    return keep_part(part);
  }

  bool on_string(std::string_view last, std::size_t, error_code& ec) {
    return put_text(last) || refuse(ec);
  }

  static bool on_number_part(std::string_view, error_code&) { return true; }

  bool on_int64(std::int64_t x, std::string_view, error_code&) {
    put(kind::integer).integer = x;
    return true;
  }

  bool on_uint64(std::uint64_t x, std::string_view, error_code&) {
    put(kind::natural).natural = x;
    return true;
  }

  bool on_double(double x, std::string_view, error_code& ec) {
    put(kind::fraction).fraction = x;
    return std::isfinite(x) || refuse(ec);
  }

  bool on_bool(bool x, error_code&) {
    put(kind::boolean).integer = x ? 1 : 0;
    return true;
  }

  bool on_null(error_code&) {
    put(kind::null);
    return true;
  }

  static bool on_comment_part(std::string_view, error_code& ec) {
    return refuse(ec);
  }

  static bool on_comment(std::string_view, error_code& ec) {
    return refuse(ec);
  }

private:
  static bool refuse(error_code& ec) {
    ec = error::syntax;
    return false;
  }

  json_node& put(kind is) {
    auto& node = to_.nodes_.emplace_back();
    node.is = is;
    node.next = static_cast<std::uint32_t>(to_.nodes_.size());
    return node;
  }

  bool open(kind is) {
    to_.open_.push_back(static_cast<std::uint32_t>(to_.nodes_.size()));
    put(is);
    return true;
  }

  std::uint32_t close() {
    const auto index = to_.open_.back();
    to_.open_.pop_back();
    to_.nodes_[index].next = static_cast<std::uint32_t>(to_.nodes_.size());
    return index;
  }

  bool keep_part(std::string_view part) {
    to_.unescaped_ += part; // never reallocates: see parse
    parts_ += part.size();
    return true;
  }

  /// A text that came in one piece and without escapes lies in the source.
  bool put_text(std::string_view last) {
    const std::less_equal<> not_after;
    const bool in_source =
      not_after(source_.data(), last.data())
      && not_after(last.data(), source_.data() + source_.size());
    if (parts_ > 0 || !in_source) {
      keep_part(last);
      last =
        std::string_view(to_.unescaped_).substr(to_.unescaped_.size() - parts_);
      parts_ = 0;
    }
    put(kind::text).text = last;
    return last.find('\0') == std::string_view::npos;
  }

  bool unique_keys(std::uint32_t object, std::size_t members) {
    auto& keys = to_.keys_;
    keys.clear();
    for (auto i = object + 1; keys.size() < members; i = to_.nodes_[i + 1].next)
      keys.push_back(to_.nodes_[i].text);
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
  }

  json_document& to_;
  std::string_view source_;
  std::size_t parts_ = 0; // bytes of the text that is being put together
};

bool json_document::parse(std::string_view text) {
  nodes_.clear();
  open_.clear();
  unescaped_.clear();
  if (text.size() >= max_size)
    return false;
  // No text grows by unescaping: views into `unescaped_` stay valid.
  if (text.find('\\') != std::string_view::npos)
    unescaped_.reserve(text.size());
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<json_tape> parser(options, *this, text);
  error_code ec;
  const auto used = parser.write_some(false, text.data(), text.size(), ec);
  return !ec && used == text.size() && parser.done();
}

} // namespace usher::http
