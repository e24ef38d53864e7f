#include "node/inspect/printable.hpp"

#include <cstdint>
#include <optional>

namespace usher::inspect {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

/// One character of UTF-8: its number, and its bytes.
struct character {
  std::uint32_t point = 0;
  std::size_t size = 0;
};

/// How many bytes follow this first one; nothing for one that begins none.
std::optional<std::size_t> followers(unsigned char first) {
  if (first < 0x80)
    return 0;
  if (first >= 0xC2 && first <= 0xDF)
    return 1;
  if (first >= 0xE0 && first <= 0xEF)
    return 2;
  if (first >= 0xF0 && first <= 0xF4)
    return 3;
  return std::nullopt;
}

bool is_overlong_or_no_character(std::uint32_t point, std::size_t more) {
  return (more == 2 && point < 0x800) || (more == 3 && point < 0x10000)
         || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF;
}

std::optional<character> next(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const auto more = followers(first);
  if (!more || text.size() <= *more)
    return std::nullopt;
  std::uint32_t point = *more == 0 ? first : first & (0x3FU >> *more);
  for (std::size_t i = 1; i <= *more; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80)
      return std::nullopt;
    point = (point << 6U) | (byte & 0x3FU);
  }
  if (is_overlong_or_no_character(point, *more))
    return std::nullopt;
  return character{point, *more + 1};
}

bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

/// Marks of direction, joiners, other characters without a look.
bool is_invisible(std::uint32_t c) {
  return c == 0xAD || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F)
         || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F)
         || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB)
         || (c >= 0xE0000 && c <= 0xE007F);
}

/// The size of the escape sequence at the beginning: CSI up to its final byte,
/// a string (OSC, DCS and their like) up to BEL or ST, else two bytes.
std::size_t escape_size(std::string_view text) {
  if (text.size() < 2)
    return text.size();
  if (text[1] == '[') {
    std::size_t n = 2;
    while (n < text.size() && text[n] >= 0x20 && text[n] < 0x40)
      ++n;
    return n < text.size() && text[n] >= 0x40 && text[n] < 0x7F ? n + 1 : n;
  }
  if (std::string_view{"]PX^_"}.find(text[1]) == std::string_view::npos)
    return 2;
  const auto end = text.find_first_of("\a\x1b", 2);
  if (end == std::string_view::npos)
    return text.size();
  return end + (text.substr(end, 2) == "\x1b\\" ? 2 : 1);
}

} // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (text.front() == '\x1b') {
      text.remove_prefix(escape_size(text));
      continue;
    }
    const auto one = next(text);
    if (!one)
      out += replacement;
    else if (one->point == '\n' || one->point == '\t' || one->point == '\r')
      out += ' ';
    else if (!is_control(one->point) && !is_invisible(one->point))
      out += text.substr(0, one->size);
    text.remove_prefix(one ? one->size : 1);
  }
  return out;
}

boost::json::value all_printable(const boost::json::value& what) {
  if (const auto* text = what.if_string())
    return boost::json::string(
      printable(std::string_view{text->data(), text->size()}));
  if (const auto* list = what.if_array()) {
    boost::json::array out;
    out.reserve(list->size());
    for (const auto& one : *list)
      out.push_back(all_printable(one));
    return out;
  }
  if (const auto* object = what.if_object()) {
    boost::json::object out;
    out.reserve(object->size());
    for (const auto& member : *object)
      out[printable(
        std::string_view{member.key().data(), member.key().size()})] =
        all_printable(member.value());
    return out;
  }
  return what;
}

} // namespace usher::inspect
