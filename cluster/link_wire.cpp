#include "cluster/link_wire.hpp"

#include <algorithm>
#include <cctype>

namespace usher::cluster {

namespace {

constexpr std::size_t relayed_head_size = 8 + 8 + 1;

template <class Number>
void put_number(std::string& out, Number x) {
  for (int shift = static_cast<int>(sizeof(x)) * 8 - 8; shift >= 0; shift -= 8)
    out += static_cast<char>((x >> shift) & 0xFF);
}

template <class Number>
Number take_number(std::string_view bytes) {
  Number out = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    out = static_cast<Number>(out << 8 | static_cast<unsigned char>(bytes[i]));
  return out;
}

} // namespace

void put_head(std::string& out, frame_head head) {
  put_number(out, head.length);
  out += static_cast<char>(head.kind);
}

frame_head take_head(std::string_view bytes) {
  return {take_number<std::uint32_t>(bytes),
          static_cast<frame_kind>(static_cast<unsigned char>(bytes[4]))};
}

std::optional<std::uint16_t> common_version(const hello& a, const hello& b) {
  const auto version = std::min(a.high, b.high);
  if (version < a.low || version < b.low)
    return std::nullopt;
  return version;
}

std::string encode(const beat& x) {
  std::string out(1, x.is_echo ? '\1' : '\0');
  put_number(out, x.moment);
  return out;
}

std::optional<beat> decode_beat(std::string_view body) {
  if (body.size() != beat_size || static_cast<unsigned char>(body[0]) > 1)
    return std::nullopt;
  return beat{body[0] == '\1', take_number<std::uint64_t>(body.substr(1))};
}

std::string encode(const relayed_frame& x) {
  std::string out;
  out.reserve(relayed_head_size + x.body.size());
  put_number(out, static_cast<std::uint64_t>(x.origin));
  put_number(out, static_cast<std::uint64_t>(x.target));
  out += static_cast<char>(x.kind);
  out += x.body;
  return out;
}

std::optional<relayed_frame> decode_relayed(std::string_view body) {
  if (body.size() < relayed_head_size)
    return std::nullopt;
  relayed_frame out;
  out.origin =
    static_cast<incarnation>(take_number<std::uint64_t>(body.substr(0)));
  out.target =
    static_cast<incarnation>(take_number<std::uint64_t>(body.substr(8)));
  out.kind = static_cast<frame_kind>(static_cast<unsigned char>(body[16]));
  out.body = body.substr(relayed_head_size);
  if (out.origin <= 0 || out.target <= 0) // visitors, or nobody
    return std::nullopt;
  return out;
}

bool may_be_relayed(frame_kind kind) {
  return kind >= frame_kind::request && kind <= frame_kind::missed;
}

rights rights_of(std::string_view name) {
  std::string small{name};
  for (auto& c : small) // names in certificates are alike in either case
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (small.starts_with("admin"))
    return rights::admin;
  return small.starts_with("inspector") ? rights::inspector : rights::none;
}

bool is_for_visitors(frame_kind kind) {
  return kind == frame_kind::watch || kind == frame_kind::inspect;
}

} // namespace usher::cluster
