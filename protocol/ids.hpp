#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// 128 bits as RFC 9562 defines them, in network order.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const uuid&, const uuid&) = default;

  /// True for the nil id, which names nothing.
  bool is_nil() const { return *this == uuid{}; }
};

/// The 36 characters of RFC 9562, in lower case.
std::string to_string(const uuid&);

/// Appends the 36 characters to `out`.
void append_to(std::string& out, const uuid&);

/// Reads 36 characters of either case; anything else is no id.
std::optional<uuid> parse_uuid(std::string_view text);

/// A new id, version 7: unique, and on one thread later ids sort later.
uuid mint_uuid();

/// The id that `name` always has beside `parent`, in its cell: with the
/// timestamp of `parent` and SHA-256 of both in its random bits. Whoever knows
/// parent and name finds the same id without asking anybody.
uuid derive_uuid(const uuid& parent, std::string_view name);

/// Numbers a cell: one PostgreSQL with the nodes that write to it. 0 is the
/// first, which also keeps accounts, organizations and layouts.
using cell_no = std::uint16_t;

/// Cells are numbered below this.
constexpr cell_no most_cells = 64;

constexpr cell_no first_cell = 0;

/// The cell that the id says. Ids of version 8 carry its number in the twelve
/// bits behind the version; all others belong to the first cell.
inline cell_no cell_of(const uuid& x) {
  if (x.bytes[6] >> 4 != 8)
    return first_cell;
  return static_cast<cell_no>((x.bytes[6] & 0x0f) << 8 | x.bytes[7]);
}

/// The id that stands for `x` in a cell: `x` itself if it says so already.
uuid in_cell(uuid x, cell_no);

/// 64 well mixed bits of the id, the same on every node and in every version.
std::uint64_t hash_of(const uuid&);

/// An id that cannot be mistaken for another kind of id.
template <class Tag>
struct id {
  uuid value;

  friend auto operator<=>(const id&, const id&) = default;
};

using account_id = id<struct account_tag>;
using organization_id = id<struct organization_tag>;
using layout_id = id<struct layout_tag>;
using event_id = id<struct event_tag>;
using block_id = id<struct block_tag>;
using session_id = id<struct session_tag>;
using payment_id = id<struct payment_tag>;
using ticket_id = id<struct ticket_tag>;
using ticket_type_id = id<struct ticket_type_tag>;

/// Counts what an entity has journaled: one for each granted command.
using version = std::uint64_t;

} // namespace usher

template <>
struct std::hash<usher::uuid> {
  std::size_t operator()(const usher::uuid& x) const noexcept {
    return usher::hash_of(x);
  }
};

template <class Tag>
struct std::hash<usher::id<Tag>> {
  std::size_t operator()(const usher::id<Tag>& x) const noexcept {
    return usher::hash_of(x.value);
  }
};
