#pragma once

#include "protocol/json.hpp"

#include <utility>

namespace usher::json {

/// Writes one JSON object, member by member, in the order of the calls. It is
/// closed when the writer goes out of scope: before its text is returned.
class object {
public:
  explicit object(std::string& out) : out_(out) { out_ += '{'; }

  ~object() { out_ += '}'; }

  object(const object&) = delete;
  object& operator=(const object&) = delete;

  /// Writes the name; the value is for the caller to append.
  std::string& member(std::string_view name) {
    out_ += std::exchange(is_empty_, false) ? "\"" : ",\"";
    out_ += name;
    out_ += "\":";
    return out_;
  }

  template <class T>
  object& put(std::string_view name, const T& x) {
    json::put(member(name), x);
    return *this;
  }

  object& put_text(std::string_view name, std::string_view text) {
    put_string(member(name), text);
    return *this;
  }

  /// A moment for people: RFC 3339 in UTC.
  object& put_time(std::string_view name, timestamp when) {
    return put_text(name, to_rfc3339(when));
  }

  /// A list of objects: `each(object&, x)` writes the members of one.
  template <class Range, class Each>
  object& put_objects(std::string_view name, const Range& xs, Each each) {
    put_list(member(name), xs, [&](const auto& x) {
      object one{out_};
      each(one, x);
    });
    return *this;
  }

private:
  std::string& out_;
  bool is_empty_ = true;
};

} // namespace usher::json
