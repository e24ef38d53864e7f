#include "persistence/lists/cursor.hpp"

#include "protocol/base64.hpp"

#include <algorithm>

namespace usher::persistence {

namespace {

// list, direction, page, time, id: 30 bytes are 40 characters without padding.
constexpr std::size_t size = 30, characters = 40;

void put(std::string& out, std::uint64_t x, int bytes) {
  for (int i = bytes - 1; i >= 0; --i)
    out += static_cast<char>(x >> (8 * i) & 0xff);
}

std::uint64_t number(std::string_view bytes) {
  std::uint64_t out = 0;
  for (char c : bytes)
    out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

} // namespace

std::string to_token(const cursor& x) {
  std::string bytes{x.list, x.forward ? 'n' : 'p'};
  put(bytes, x.page, 4);
  put(bytes, static_cast<std::uint64_t>(x.at.time_since_epoch().count()), 8);
  bytes.append(reinterpret_cast<const char*>(x.id.bytes.data()), 16);
  return to_base64url(bytes);
}

std::optional<cursor> parse_token(std::string_view token, char list) {
  if (token.size() != characters)
    return std::nullopt;
  const auto bytes = from_base64url(token);
  if (!bytes || bytes->size() != size || bytes->at(0) != list
      || (bytes->at(1) != 'n' && bytes->at(1) != 'p'))
    return std::nullopt;
  const std::string_view all = *bytes;
  cursor out;
  out.list = list;
  out.forward = all[1] == 'n';
  out.page = static_cast<std::uint32_t>(number(all.substr(2, 4)));
  out.at =
    timestamp(duration(static_cast<std::int64_t>(number(all.substr(6, 8)))));
  std::ranges::copy(all.substr(14),
                    reinterpret_cast<char*>(out.id.bytes.data()));
  // No list has rows beyond the year 9999: nobody was given such a token.
  const auto ms = out.at.time_since_epoch().count();
  if (ms < 0 || ms > 253'402'300'799'999)
    return std::nullopt;
  return out;
}

} // namespace usher::persistence
