#pragma once

#include "protocol/codec.hpp"
#include "protocol/command.hpp"

#include <type_traits>

/// One of every fact, with no member left at its default.
namespace usher::test {

/// Fills whatever is described with values that differ from the defaults.
class filler {
public:
  template <class T>
  void fill(T& out) {
    if constexpr (std::is_same_v<T, bool>)
      out = true;
    else if constexpr (std::is_enum_v<T>)
      out = last_of<T>();
    else if constexpr (std::is_integral_v<T>)
      out = static_cast<T>(++count_);
    else if constexpr (std::is_same_v<T, std::string>)
      out = "text \"" + std::to_string(++count_) + "\" \n é";
    else if constexpr (std::is_same_v<T, timestamp>)
      out = timestamp{duration{1'700'000'000'000 + ++count_}};
    else if constexpr (std::is_same_v<T, duration>)
      out = duration{++count_};
    else if constexpr (std::is_same_v<T, uuid>)
      out.bytes[15] = static_cast<std::uint8_t>(++count_);
    else if constexpr (requires { out.value.bytes; })
      fill(out.value);
    else if constexpr (requires { out.has_value(); })
      fill(out.emplace());
    else if constexpr (requires { out.emplace_back(); })
      fill(out.emplace_back());
    else if constexpr (requires { out.first, out.second; })
      fill(out.first), fill(out.second);
    else if constexpr (requires { typename T::element_type; })
      fill_shared(out);
    else
      boost::mp11::mp_for_each<json::members_of<T>>(
        [&](auto member) { fill(out.*member.pointer); });
  }

private:
  template <class T>
  void fill_shared(std::shared_ptr<const T>& out) {
    T shared;
    fill(shared);
    out = std::make_shared<const T>(std::move(shared));
  }

  template <class E>
  static E last_of() {
    E out{};
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
      [&](auto one) { out = one.value; });
    return out;
  }

  int count_ = 0;
};

template <class Fact>
std::vector<Fact> every_fact() {
  std::vector<Fact> out;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, Fact>>(
    [&](auto one) {
      typename decltype(one)::type what;
      filler{}.fill(what);
      out.emplace_back(std::move(what));
    });
  return out;
}

template <class Each>
void for_each_kind_of_fact(Each each) {
  each(std::type_identity<account::fact>{});
  each(std::type_identity<login::fact>{});
  each(std::type_identity<organization::fact>{});
  each(std::type_identity<layout::fact>{});
  each(std::type_identity<event::fact>{});
  each(std::type_identity<seat_block::fact>{});
  each(std::type_identity<allowance::fact>{});
  each(std::type_identity<booking_session::fact>{});
  each(std::type_identity<payment::fact>{});
  each(std::type_identity<waiting_room::fact>{});
  each(std::type_identity<queue_slot::fact>{});
}

} // namespace usher::test
