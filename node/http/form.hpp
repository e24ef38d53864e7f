#pragma once

#include "node/http/problem.hpp"
#include "node/http/strict_json.hpp"
#include "protocol/error.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

/// Typed reading of request bodies: a form is a described struct.
namespace usher::http {

/// Why a form was not read. The code is that of the first error which is about
/// the shape (400), else invalid_value (422).
struct form_refusal {
  errc code = errc::invalid_json;
  std::vector<field_error> fields; ///< at most 32; empty for invalid_json
};

template <class T>
using form = boost::system::result<T, form_refusal>;

/// The bounds of every list and text in a form; narrower ones are up to the
/// handlers.
struct form_limits {
  std::size_t items = 1'000;      ///< of a list; beyond: invalid_value
  std::size_t text_bytes = 4'096; ///< of a text; beyond: invalid_value
};

/// A form that says `static constexpr bool missing_keeps_default = true` keeps
/// the defaults of members the body lacks; elsewhere that is missing_field.
template <class T>
concept keeps_defaults = requires {
  requires T::missing_keeps_default;
};

/// Reads values of one document and collects what is wrong with them.
class form_reader {
public:
  /// Where a value is: a member or an item of what is above.
  struct place {
    const place* above = nullptr;
    std::string_view name;
    std::size_t index = 0; // of an item, if the name is empty
  };

  form_reader(const json_document& document, const form_limits& limits)
    : nodes_(document.nodes()), limits_(limits) {}

  /// Reads the value at `index` into `out`, or notes why it cannot.
  void read(std::size_t index, const place& at, bool& out);
  void read(std::size_t index, const place& at, double& out);
  void read(std::size_t index, const place& at, std::string& out);
  void read(std::size_t index, const place& at, uuid& out);
  void read(std::size_t index, const place& at, timestamp& out);

  template <class Tag>
  void read(std::size_t index, const place& at, id<Tag>& out) {
    read(index, at, out.value);
  }

  template <std::integral T>
  void read(std::size_t index, const place& at, T& out);

  template <class E>
    requires std::is_enum_v<E>
  void read(std::size_t index, const place& at, E& out);

  template <class T>
  void read(std::size_t index, const place& at, std::optional<T>& out);

  template <class T>
  void read(std::size_t index, const place& at, std::vector<T>& out);

  template <class T>
  requires boost::describe::has_describe_members<T>::value void
  read(std::size_t index, const place& at, T& out);

  const std::vector<field_error>& errors() const { return errors_; }

  form_refusal refusal() &&;

private:
  void note(const place& at, errc code, std::string_view message = {});

  /// The index of the value of a member, or 0 if the object lacks it.
  std::size_t member(std::size_t object, std::string_view name) const;

  template <class T>
  void note_unknown(std::size_t object, const place& at);

  const std::vector<json_node>& nodes_;
  const form_limits& limits_;
  std::vector<field_error> errors_;
};

template <std::integral T>
void form_reader::read(std::size_t index, const place& at, T& out) {
  const auto& node = nodes_[index];
  if (node.is == json_node::kind::integer && std::in_range<T>(node.integer))
    out = static_cast<T>(node.integer);
  else if (node.is == json_node::kind::natural
           && std::in_range<T>(node.natural))
    out = static_cast<T>(node.natural);
  else if (node.is == json_node::kind::fraction)
    note(at, errc::invalid_value, "Must be a whole number within range.");
  else if (node.is == json_node::kind::integer
           || node.is == json_node::kind::natural)
    note(at, errc::invalid_value, "The number is out of range.");
  else
    note(at, errc::wrong_type, "Must be a number.");
}

template <class E>
  requires std::is_enum_v<E>

void form_reader::read(std::size_t index, const place& at, E& out) {
  const auto& node = nodes_[index];
  if (node.is != json_node::kind::text)
    return note(at, errc::wrong_type, "Must be a string.");
  bool known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
    [&](auto choice) {
      if (node.text == choice.name) {
        out = choice.value;
        known = true;
      }
    });
  if (!known)
    note(at, errc::invalid_value, "There is no such choice.");
}

template <class T>
void form_reader::read(std::size_t index, const place& at,
                       std::optional<T>& out) {
  if (nodes_[index].is == json_node::kind::null)
    out.reset();
  else
    read(index, at, out.emplace());
}

template <class T>
void form_reader::read(std::size_t index, const place& at,
                       std::vector<T>& out) {
  const auto& node = nodes_[index];
  if (node.is != json_node::kind::array)
    return note(at, errc::wrong_type, "Must be a list.");
  out.clear();
  for (auto i = index + 1; i < node.next; i = nodes_[i].next) {
    if (out.size() == limits_.items)
      return note(at, errc::invalid_value, "The list is too long.");
    const place here{&at, {}, out.size()};
    read(i, here, out.emplace_back());
  }
}

template <class T>

requires boost::describe::has_describe_members<T>::value void
form_reader::read(std::size_t index, const place& at, T& out) {
  using boost::describe::mod_inherited;
  using boost::describe::mod_public;
  if (nodes_[index].is != json_node::kind::object)
    return note(at, errc::wrong_type, "Must be an object.");
  std::size_t known = 0;
  using members =
    boost::describe::describe_members<T, mod_public | mod_inherited>;
  boost::mp11::mp_for_each<members>([&](auto described) {
    auto& target = out.*described.pointer;
    const place here{&at, described.name};
    if (const auto found = member(index, described.name)) {
      ++known;
      read(found, here, target);
    } else if constexpr (!keeps_defaults<T> && !requires {
                           target.has_value();
                         }) {
      note(here, errc::missing_field);
    }
  });
  std::size_t there = 0;
  for (auto i = index + 1; i < nodes_[index].next; i = nodes_[i + 1].next)
    ++there;
  if (there != known)
    note_unknown<T>(index, at);
}

template <class T>
void form_reader::note_unknown(std::size_t object, const place& at) {
  using boost::describe::mod_inherited;
  using boost::describe::mod_public;
  using members =
    boost::describe::describe_members<T, mod_public | mod_inherited>;
  for (auto i = object + 1; i < nodes_[object].next; i = nodes_[i + 1].next) {
    bool known = false;
    boost::mp11::mp_for_each<members>(
      [&](auto described) { known |= nodes_[i].text == described.name; });
    if (!known)
      note(place{&at, nodes_[i].text}, errc::unknown_field);
  }
}

/// The scratch document of this thread, so that reading a form allocates
/// nothing but the form.
json_document& scratch_document();

/// Reads a whole body into a described struct. Refuses with invalid_json,
/// unknown_field, wrong_type, missing_field (all 400) or invalid_value (422:
/// fractions and numbers out of range for the type, malformed ids and times,
/// no such choice, lists and texts beyond the limits). Members that are
/// optionals may be missing or null. Times are RFC 3339 strings.
template <class T>
form<T> read_form(std::string_view text, const form_limits& limits = {}) {
  auto& document = scratch_document();
  if (!document.parse(text))
    return form_refusal{};
  T out{};
  form_reader reader(document, limits);
  reader.read(0, form_reader::place{}, out);
  if (!reader.errors().empty())
    return std::move(reader).refusal();
  return out;
}

} // namespace usher::http
