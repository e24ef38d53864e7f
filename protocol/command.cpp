#include "protocol/command.hpp"

#include "protocol/ensure.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

namespace usher {

namespace {

constexpr std::size_t place_of(entity_kind kind) {
  return static_cast<std::size_t>(kind) - 1;
}

constexpr auto kind_count = std::variant_size_v<any_command>;

static_assert(boost::mp11::mp_size<
                boost::describe::describe_enumerators<entity_kind>>::value
              == kind_count);

} // namespace

any_command wake_of(entity_kind kind) {
  ensure(place_of(kind) < kind_count);
  return boost::mp11::mp_with_index<kind_count>(place_of(kind), [](auto place) {
    return any_command{std::in_place_index<place>, wake{}};
  });
}

bool is_wake(const any_command& what) {
  return std::visit(
    [](const auto& of_kind) { return std::holds_alternative<wake>(of_kind); },
    what);
}

bool is_query(const any_command& what) {
  return std::visit([](const auto& of_kind) { return is_query(of_kind); },
                    what);
}

} // namespace usher
