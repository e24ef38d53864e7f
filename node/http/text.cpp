#include "node/http/text.hpp"

#include <cstddef>

namespace usher::http {

namespace {

/// The length of the sequence that `lead` opens and the range of its second
/// byte, which is where overlong forms and surrogates show (RFC 3629, 4).
struct sequence {
  std::size_t size;
  unsigned char low;
  unsigned char high;
};

sequence sequence_of(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf)
    return {2, 0x80, 0xbf};
  if (lead == 0xe0)
    return {3, 0xa0, 0xbf};
  if (lead == 0xed)
    return {3, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef)
    return {3, 0x80, 0xbf};
  if (lead == 0xf0)
    return {4, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3)
    return {4, 0x80, 0xbf};
  if (lead == 0xf4)
    return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// The byte that the escape at the front of `text` stands for.
std::optional<char> unescape(std::string_view text) {
  if (text.size() < 3)
    return std::nullopt;
  const int high = hex_digit(text[1]);
  const int low = hex_digit(text[2]);
  if (high < 0 || low < 0)
    return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

} // namespace

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size())
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool upper = text[i] >= 'A' && text[i] <= 'Z';
    if ((upper ? static_cast<char>(text[i] | 0x20) : text[i]) != lower[i])
      return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

std::optional<std::string_view> next_element(std::string_view& list) {
  if (list.data() == nullptr)
    return std::nullopt;
  const auto comma = list.find(',');
  const auto element = trim(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view{}
                                         : list.substr(comma + 1);
  return element;
}

unsigned quality(std::string_view parameters) {
  const auto at = parameters.find(';');
  if (at == std::string_view::npos)
    return 1000;
  auto text = trim(parameters.substr(at + 1));
  if (text.size() < 3 || text.size() > 7 || (text[0] | 0x20) != 'q'
      || text[1] != '=' || (text[2] != '0' && text[2] != '1'))
    return 0;
  unsigned value = text[2] == '1' ? 1000 : 0;
  if (text.size() > 3 && text[3] != '.')
    return 0;
  unsigned weight = 100;
  for (std::size_t i = 4; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9')
      return 0;
    value += static_cast<unsigned>(text[i] - '0') * weight;
    weight /= 10;
  }
  return value > 1000 ? 0 : value;
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = byte_at(text, i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const auto [size, low, high] = sequence_of(lead);
    if (size == 0 || i + size > text.size() || byte_at(text, i + 1) < low
        || byte_at(text, i + 1) > high)
      return false;
    for (std::size_t k = 2; k < size; ++k)
      if ((byte_at(text, i + k) & 0xc0) != 0x80)
        return false;
    i += size;
  }
  return true;
}

std::optional<std::string> percent_decode(std::string_view text, plus how) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && how == plus::space) {
      c = ' ';
    } else if (c == '%') {
      const auto byte = unescape(text.substr(i));
      if (!byte)
        return std::nullopt;
      c = *byte;
      i += 2;
    }
    if (is_control(c))
      return std::nullopt;
    out += c;
  }
  if (!valid_utf8(out))
    return std::nullopt;
  return out;
}

} // namespace usher::http
