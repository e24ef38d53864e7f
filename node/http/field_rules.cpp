#include "node/http/field_rules.hpp"

#include "node/http/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace usher::http {

namespace {

enum : std::uint8_t { token = 1, target = 2, host_name = 4 };

constexpr bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z');
}

constexpr auto classes = [] {
  std::array<std::uint8_t, 256> out{};
  const auto add = [&](std::string_view those, std::uint8_t to) {
    for (char c : those)
      out[static_cast<unsigned char>(c)] |= to;
  };
  for (unsigned c = 0; c < 128; ++c)
    if (is_alnum(static_cast<char>(c)))
      out[c] = token | target | host_name;
  add("!#$%&'*+-.^_`|~", token);
  add("-._~%!$&'()*+,;=:@/?", target);
  add("-._~%!$&'()*+;=", host_name); // no comma: two hosts in a list
  return out;
}();

bool is(char c, std::uint8_t what) {
  return (classes[static_cast<unsigned char>(c)] & what) != 0;
}

/// True if one of the eight bytes is not printable ASCII: below a blank, DEL
/// or with the high bit. It may cry wolf; the caller looks at each byte then.
bool suspicious(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t x = 0;
  std::memcpy(&x, eight, sizeof(x));
  const auto below_blank = (x - ones * 0x20) & ~x;
  const auto del_or_high = (x + ones) | x;
  return ((below_blank | del_or_high) & (ones * 0x80)) != 0;
}

bool valid_port(std::string_view text) {
  return text.size() <= 5
         && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The end of the host in front of a port: npos if it is malformed.
std::size_t end_of_bracket(std::string_view host) {
  const auto end = host.find(']');
  if (end == std::string_view::npos || end < 3)
    return std::string_view::npos;
  for (char c : host.substr(1, end - 1))
    if (hex_digit(c) < 0 && c != ':' && c != '.')
      return std::string_view::npos;
  return end + 1;
}

/// True if the segment reads `.` or `..` once its escapes are decoded.
bool is_dots(std::string_view segment) {
  std::size_t dots = 0;
  while (!segment.empty()) {
    if (segment.front() == '.')
      segment.remove_prefix(1);
    else if (equals_ignoring_case(segment.substr(0, 3), "%2e"))
      segment.remove_prefix(3);
    else
      return false;
    ++dots;
  }
  return dots == 1 || dots == 2;
}

struct name_of_field {
  std::string_view name;
  field which;
};

constexpr std::array<name_of_field, 24> names{{
  {"host", field::host},
  {"content-length", field::content_length},
  {"transfer-encoding", field::transfer_encoding},
  {"connection", field::connection},
  {"expect", field::expect},
  {"upgrade", field::upgrade},
  {"authorization", field::authorization},
  {"content-type", field::content_type},
  {"content-encoding", field::content_encoding},
  {"idempotency-key", field::idempotency_key},
  {"if-none-match", field::if_none_match},
  {"if-match", field::if_match},
  {"accept", field::accept},
  {"accept-encoding", field::accept_encoding},
  {"accept-language", field::accept_language},
  {"origin", field::origin},
  {"sec-websocket-key", field::sec_websocket_key},
  {"sec-websocket-version", field::sec_websocket_version},
  {"sec-websocket-protocol", field::sec_websocket_protocol},
  {"traceparent", field::traceparent},
  {"x-request-id", field::x_request_id},
  {"forwarded", field::forwarded},
  {"x-forwarded-for", field::x_forwarded_for},
  {"x-forwarded-proto", field::x_forwarded_proto},
}};

/// Size and first letter tell nearly all names apart: at most two are left to
/// compare.
constexpr std::size_t bucket_of(std::size_t size, char first) {
  return (size * 32 + (static_cast<unsigned char>(first) & 31)) % 1024;
}

constexpr auto buckets = [] {
  std::array<std::array<std::uint8_t, 2>, 1024> out{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& slot = out[bucket_of(names[i].name.size(), names[i].name[0])];
    if (slot[0] != 0 && slot[1] != 0)
      throw "three names in one bucket";
    slot[slot[0] == 0 ? 0 : 1] = static_cast<std::uint8_t>(i + 1);
  }
  return out;
}();

} // namespace

bool is_token(char c) {
  return is(c, token);
}

bool is_target(char c) {
  return is(c, target);
}

std::size_t end_of_value(std::string_view bytes, std::size_t at) {
  while (bytes.size() - at >= 8 && !suspicious(bytes.data() + at))
    at += 8;
  for (; at < bytes.size(); ++at) {
    const auto c = static_cast<unsigned char>(bytes[at]);
    if ((c < 0x20 && c != '\t') || c >= 0x7f)
      break;
  }
  return at;
}

field field_of(std::string_view name) {
  for (const auto i : buckets[bucket_of(name.size(), name[0])])
    if (i != 0 && equals_ignoring_case(name, names[i - 1U].name))
      return names[i - 1U].which;
  return field::other;
}

bool may_come_once(field f) {
  switch (f) {
    case field::connection:
    case field::upgrade:
    case field::accept:
    case field::accept_encoding:
    case field::accept_language:
    case field::if_none_match:
    case field::if_match:
    case field::forwarded:
    case field::x_forwarded_for:
    case field::x_forwarded_proto:
    case field::traceparent: // a broken trace is no reason to refuse
    case field::x_request_id:
      return false;
    default:
      return true;
  }
}

bool plain_escapes(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos;
       at = text.find('%', at + 3)) {
    if (text.size() - at < 3)
      return false;
    const int high = hex_digit(text[at + 1]);
    const int low = hex_digit(text[at + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0))
      return false;
  }
  return true;
}

bool plain_path(std::string_view path) {
  if (path.find('%') != std::string_view::npos) {
    if (!plain_escapes(path))
      return false;
    for (auto at = path.find('%'); at != std::string_view::npos;
         at = path.find('%', at + 3)) {
      const auto escape = path.substr(at, 3);
      if (equals_ignoring_case(escape.substr(1), "2f")
          || equals_ignoring_case(escape.substr(1), "5c"))
        return false;
    }
  } else if (path.find("/.") == std::string_view::npos) {
    return true;
  }
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    if (is_dots(path.substr(0, end)))
      return false;
    path.remove_prefix(end);
  }
  return true;
}

bool valid_host(std::string_view host) {
  if (host.empty() || host.size() > 255 + 6)
    return false;
  auto end = host[0] == '[' ? end_of_bracket(host)
                            : std::min(host.find(':'), host.size());
  if (end == std::string_view::npos || end == 0)
    return false;
  if (host[0] != '[') {
    for (char c : host.substr(0, end))
      if (!is(c, host_name))
        return false;
    if (!plain_escapes(host.substr(0, end)))
      return false;
  }
  const auto rest = host.substr(end);
  return rest.empty() || (rest[0] == ':' && valid_port(rest.substr(1)));
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty() || text.size() > 18)
    return std::nullopt;
  std::uint64_t out = 0;
  for (char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

} // namespace usher::http
