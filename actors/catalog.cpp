#include "actors/catalog.hpp"

#include "actors/entity/living.hpp"

#include <boost/mp11/algorithm.hpp>

namespace usher {

namespace {

using boost::mp11::mp_at_c;

constexpr auto kind_count = boost::mp11::mp_size<every_state>::value;

static_assert(kind_count == std::variant_size_v<any_command>);

/// Whether the state at a place is that of the kind and the commands there.
template <std::size_t Place>
constexpr bool is_in_place =
  static_cast<std::size_t>(mp_at_c<every_state, Place>::kind) == Place + 1
  && std::is_same_v<typename mp_at_c<every_state, Place>::command,
                    std::variant_alternative_t<Place, any_command>>;

} // namespace

std::unique_ptr<life> conceive(const entity_id& self) {
  const auto place = static_cast<std::size_t>(self.kind) - 1;
  if (place >= kind_count)
    return nullptr;
  return boost::mp11::mp_with_index<kind_count>(
    place, [&](auto at) -> std::unique_ptr<life> {
      static_assert(is_in_place<at>);
      return std::make_unique<living<mp_at_c<every_state, at>>>(self);
    });
}

} // namespace usher
