#pragma once

#include "protocol/json.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

/// What the documents of the journal mean to people. Pure.
namespace usher::inspect {

/// The meaning of one place in a document, made from the type it was written
/// from.
struct shape {
  enum class sort : std::uint8_t {
    plain,  ///< a number, flag, choice or id: shown as it is
    text,   ///< shown without what is not printable
    hidden, ///< a secret or somebody's personal data
    moment, ///< milliseconds since 1970
    list,   ///< of the one shape in `inside`
    pairs,  ///< a map: the shapes of key and value are in `inside`
    object, ///< the shapes of its members are in `inside`
  };

  sort is = sort::plain;
  std::vector<std::pair<std::string, shape>> inside;
};

/// Tells of a text or a bare id, by its path, whether it may be shown.
using judge = std::function<bool(const std::string& path)>;

/// The shape of what `json::put` writes of a T. Paths: `.member`, `[]`, and
/// `.key` and `.value` of maps.
template <class T>
struct shape_maker {
  static shape of(const std::string& path, const judge& may_show) {
    if constexpr (json::described_struct<T>) {
      shape out{shape::sort::object, {}};
      boost::mp11::mp_for_each<json::members_of<T>>([&](auto member) {
        using type = std::decay_t<decltype(std::declval<T>().*member.pointer)>;
        const auto place =
          path.empty() ? std::string{member.name} : path + '.' + member.name;
        out.inside.emplace_back(member.name,
                                shape_maker<type>::of(place, may_show));
      });
      return out;
    } else if constexpr (std::is_same_v<T, std::string>) {
      return {may_show(path) ? shape::sort::text : shape::sort::hidden, {}};
    } else if constexpr (std::is_same_v<T, uuid>) {
      return {may_show(path) ? shape::sort::plain : shape::sort::hidden, {}};
    } else if constexpr (std::is_same_v<T, timestamp>) {
      return {shape::sort::moment, {}};
    } else {
      return {};
    }
  }
};

template <class T>
struct shape_maker<std::optional<T>> {
  static shape of(const std::string& path, const judge& may_show) {
    return shape_maker<T>::of(path, may_show);
  }
};

template <class T>
struct shape_maker<std::vector<T>> {
  static shape of(const std::string& path, const judge& may_show) {
    return {shape::sort::list,
            {{"", shape_maker<T>::of(path + "[]", may_show)}}};
  }
};

template <class T>
struct shape_maker<std::set<T>> : shape_maker<std::vector<T>> {};

template <class K, class V, class C>
struct shape_maker<std::map<K, V, C>> {
  static shape of(const std::string& path, const judge& may_show) {
    return {shape::sort::pairs,
            {{"key", shape_maker<K>::of(path + ".key", may_show)},
             {"value", shape_maker<V>::of(path + ".value", may_show)}}};
  }
};

/// What stands where something must not be shown.
constexpr std::string_view redacted = "[redacted]";

/// The document as people may see it: what is hidden is redacted, moments are
/// RFC 3339 in UTC, maps are objects, and what is empty (a text, the nil id,
/// the moment zero) is null. What the shape does not know is redacted, too: it
/// may come from a newer version.
boost::json::value show(const shape&, const json::value&);

} // namespace usher::inspect
