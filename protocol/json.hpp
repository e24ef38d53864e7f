#pragma once

#include "protocol/ids.hpp"
#include "protocol/money.hpp"
#include "protocol/time.hpp"

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>

#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// The one codec: what is described (Boost.Describe) can be written as JSON
/// and read back. Facts, snapshots and HTTP bodies all pass through here.
namespace usher::json {

/// Thrown by `get` when a document does not have the expected shape.
struct bad_shape : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
concept described_struct = boost::describe::has_describe_members<T>::value;

template <class T>
concept described_enum =
  std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
using members_of =
  boost::describe::describe_members<T, boost::describe::mod_public
                                         | boost::describe::mod_inherited>;

// -- writing

/// Appends `text` with quotes and the escapes of RFC 8259.
void put_string(std::string& out, std::string_view text);

template <class T>
  requires std::is_integral_v<T>

void put(std::string& out, T x) {
  if constexpr (std::is_same_v<T, bool>) {
    out += x ? "true" : "false";
  } else {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof(digits), x).ptr;
    out.append(digits, end);
  }
}

inline void put(std::string& out, const std::string& x) {
  put_string(out, x);
}

inline void put(std::string& out, const uuid& x) {
  out += '"';
  append_to(out, x);
  out += '"';
}

template <class Tag>
void put(std::string& out, const id<Tag>& x) {
  put(out, x.value);
}

/// A moment travels as milliseconds since 1970.
inline void put(std::string& out, timestamp x) {
  put(out, static_cast<std::int64_t>(x.time_since_epoch().count()));
}

inline void put(std::string& out, duration x) {
  put(out, static_cast<std::int64_t>(x.count()));
}

template <described_enum E>
void put(std::string& out, E x) {
  put_string(out, boost::describe::enum_to_string(x, "?"));
}

template <described_struct T>
void put(std::string& out, const T& x);
template <class T>
void put(std::string& out, const std::optional<T>& x);
template <class T>
void put(std::string& out, const std::vector<T>& xs);
template <class T>
void put(std::string& out, const std::set<T>& xs);
template <class K, class V, class C>
void put(std::string& out, const std::map<K, V, C>& xs);
template <class A, class B>
void put(std::string& out, const std::pair<A, B>& x);
template <class T>
void put(std::string& out, const std::shared_ptr<const T>& x);

template <class Range, class Each>
void put_list(std::string& out, const Range& xs, Each each) {
  out += '[';
  bool first = true;
  for (const auto& x : xs) {
    if (!first)
      out += ',';
    first = false;
    each(x);
  }
  out += ']';
}

template <class T>
void put(std::string& out, const std::vector<T>& xs) {
  put_list(out, xs, [&](const T& x) { put(out, x); });
}

template <class T>
void put(std::string& out, const std::set<T>& xs) {
  put_list(out, xs, [&](const T& x) { put(out, x); });
}

/// A pair is a list of two.
template <class A, class B>
void put(std::string& out, const std::pair<A, B>& x) {
  out += '[';
  put(out, x.first);
  out += ',';
  put(out, x.second);
  out += ']';
}

/// A map is a list of pairs, whatever its keys are.
template <class K, class V, class C>
void put(std::string& out, const std::map<K, V, C>& xs) {
  put_list(out, xs, [&](const auto& x) { put(out, x); });
}

/// What is shared is written as if it were not; nothing is null.
template <class T>
void put(std::string& out, const std::shared_ptr<const T>& x) {
  if (x)
    put(out, *x);
  else
    out += "null";
}

template <class T>
void put(std::string& out, const std::optional<T>& x) {
  if (x)
    put(out, *x);
  else
    out += "null";
}

template <class T>
struct is_optional : std::false_type {};

template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// Members that are empty optionals are left out.
template <described_struct T>
void put(std::string& out, const T& x) {
  out += '{';
  bool first = true;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    const auto& value = x.*member.pointer;
    if constexpr (is_optional<std::decay_t<decltype(value)>>::value)
      if (!value)
        return;
    if (!first)
      out += ',';
    first = false;
    out += '"';
    out += member.name;
    out += "\":";
    put(out, value);
  });
  out += '}';
}

template <class T>
std::string text_of(const T& x) {
  std::string out;
  put(out, x);
  return out;
}

// -- reading

using value = boost::json::value;

/// Parses a whole document; throws bad_shape. For what the journal holds: what
/// strangers send goes through the stricter reader of the HTTP front.
value parse(std::string_view text);

template <class T>
struct reader;

/// Reads a T, or throws bad_shape. Members a document lacks keep the default
/// of their type, so that old facts read well after a member was added.
template <class T>
T get(const value& v) {
  return reader<T>::read(v);
}

template <class T>
T get(std::string_view text) {
  return get<T>(parse(text));
}

template <class T>
  requires std::is_integral_v<T>

struct reader<T> {
  static T read(const value& v) {
    if constexpr (std::is_same_v<T, bool>) {
      if (auto* b = v.if_bool())
        return *b;
    } else {
      boost::json::error_code ec;
      auto n = v.to_number<T>(ec);
      if (!ec)
        return n;
    }
    throw bad_shape("not a number or flag");
  }
};

template <>
struct reader<std::string> {
  static std::string read(const value& v) {
    if (auto* s = v.if_string())
      return {s->data(), s->size()};
    throw bad_shape("not a string");
  }
};

template <>
struct reader<uuid> {
  static uuid read(const value& v) {
    auto* s = v.if_string();
    auto parsed = s ? parse_uuid({s->data(), s->size()}) : std::nullopt;
    if (!parsed)
      throw bad_shape("not an id");
    return *parsed;
  }
};

template <class Tag>
struct reader<id<Tag>> {
  static id<Tag> read(const value& v) { return {reader<uuid>::read(v)}; }
};

template <>
struct reader<duration> {
  static duration read(const value& v) {
    return duration{reader<std::int64_t>::read(v)};
  }
};

template <>
struct reader<timestamp> {
  static timestamp read(const value& v) {
    return timestamp{reader<duration>::read(v)};
  }
};

template <described_enum E>
struct reader<E> {
  static E read(const value& v) {
    E out{};
    auto name = reader<std::string>::read(v);
    if (!boost::describe::enum_from_string(name.c_str(), out))
      throw bad_shape("no such choice: " + name);
    return out;
  }
};

inline const boost::json::array& items(const value& v) {
  if (auto* a = v.if_array())
    return *a;
  throw bad_shape("not a list");
}

template <class T>
struct reader<std::optional<T>> {
  static std::optional<T> read(const value& v) {
    return v.is_null() ? std::nullopt : std::optional<T>{get<T>(v)};
  }
};

template <class T>
struct reader<std::vector<T>> {
  static std::vector<T> read(const value& v) {
    std::vector<T> out;
    out.reserve(items(v).size());
    for (const auto& x : items(v))
      out.push_back(get<T>(x));
    return out;
  }
};

template <class T>
struct reader<std::set<T>> {
  static std::set<T> read(const value& v) {
    std::set<T> out;
    for (const auto& x : items(v))
      out.insert(get<T>(x));
    return out;
  }
};

template <class A, class B>
struct reader<std::pair<A, B>> {
  static std::pair<A, B> read(const value& v) {
    const auto& pair = items(v);
    if (pair.size() != 2)
      throw bad_shape("not a pair");
    return {get<A>(pair[0]), get<B>(pair[1])};
  }
};

template <class T>
struct reader<std::shared_ptr<const T>> {
  static std::shared_ptr<const T> read(const value& v) {
    return v.is_null() ? nullptr : std::make_shared<const T>(get<T>(v));
  }
};

template <class K, class V, class C>
struct reader<std::map<K, V, C>> {
  static std::map<K, V, C> read(const value& v) {
    std::map<K, V, C> out;
    for (const auto& x : items(v))
      out.insert(get<std::pair<K, V>>(x));
    return out;
  }
};

template <described_struct T>
struct reader<T> {
  static T read(const value& v) {
    auto* object = v.if_object();
    if (!object)
      throw bad_shape("not an object");
    T out{};
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
      auto& target = out.*member.pointer;
      if (auto* found = object->if_contains(member.name))
        target = get<std::decay_t<decltype(target)>>(*found);
    });
    return out;
  }
};

} // namespace usher::json
