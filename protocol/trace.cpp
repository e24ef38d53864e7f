#include "protocol/trace.hpp"

namespace usher {

std::string trace_digits(const uuid& id) {
  if (id.is_nil())
    return {};
  auto out = to_string(id);
  std::erase(out, '-');
  return out;
}

std::optional<uuid> parse_trace_id(std::string_view text) {
  constexpr std::size_t digits = 32;
  std::string whole{text};
  if (text.size() == digits)
    for (const auto hyphen : {8U, 13U, 18U, 23U})
      whole.insert(hyphen, 1, '-');
  const auto out = parse_uuid(whole);
  return out && !out->is_nil() ? out : std::nullopt;
}

} // namespace usher
