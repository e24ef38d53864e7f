#include "protocol/json.hpp"

#include <boost/json/src.hpp>

namespace usher::json {

void put_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      default: {
        char escaped[8];
        std::snprintf(escaped, sizeof(escaped), "\\u%04x", c);
        out += escaped;
      }
    }
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

value parse(std::string_view text) {
  boost::json::error_code ec;
  auto out = boost::json::parse({text.data(), text.size()}, ec);
  if (ec)
    throw bad_shape(ec.message());
  return out;
}

} // namespace usher::json
