#include "node/http/chunked.hpp"

#include "node/http/text.hpp"

#include <algorithm>

namespace usher::http {

result<std::size_t> chunked_decoder::decode(std::string_view bytes,
                                            std::string& body) {
  std::size_t at = 0;
  while (at < bytes.size() && !done()) {
    if (state_ != state::data) {
      if (!take(bytes[at++]))
        return errc::bad_request;
      if (left_ > limit_ - total_)
        return errc::body_too_large;
      continue;
    }
    const auto n = std::min(left_, bytes.size() - at);
    body.append(bytes, at, n);
    at += n;
    total_ += n;
    left_ -= n;
    if (left_ == 0)
      state_ = state::data_cr;
  }
  return at;
}

bool chunked_decoder::take(char c) {
  switch (state_) {
    case state::size_first:
      digits_ = 0;
      state_ = state::size;
      return take_digit(c);
    case state::size:
      return end_size_line(c) || take_digit(c);
    case state::extension:
      return skip(c, state::size_lf, extension_room_);
    case state::size_lf:
      return expect(c, '\n', left_ == 0 ? state::trailer : state::data);
    case state::data_cr:
      return expect(c, '\r', state::data_lf);
    case state::data_lf:
      return expect(c, '\n', state::size_first);
    case state::trailer:
      if (c == '\r')
        return expect(c, '\r', state::last_lf);
      state_ = state::trailer_rest;
      return c != ' ' && c != '\t' && skip(c, state::trailer_lf, trailer_room_);
    case state::trailer_rest:
      return skip(c, state::trailer_lf, trailer_room_);
    case state::trailer_lf:
      return expect(c, '\n', state::trailer);
    case state::last_lf:
      return expect(c, '\n', state::done);
    case state::data:
    case state::done:
      break;
  }
  return false;
}

bool chunked_decoder::take_digit(char c) {
  const int digit = hex_digit(c);
  // Seven digits are 256 MiB: more than any limit, and no overflow.
  if (digit < 0 || ++digits_ > 7)
    return false;
  left_ = left_ * 16 + static_cast<std::size_t>(digit);
  return true;
}

bool chunked_decoder::end_size_line(char c) {
  if (c != '\r' && c != ';')
    return false;
  state_ = c == '\r' ? state::size_lf : state::extension;
  return true;
}

bool chunked_decoder::skip(char c, state after_cr, std::size_t& room) {
  if (c == '\r') {
    state_ = after_cr;
    return true;
  }
  const bool printable = c == '\t' || (c >= 0x20 && c < 0x7f);
  return printable && room-- > 0;
}

bool chunked_decoder::expect(char c, char wanted, state next) {
  state_ = next;
  return c == wanted;
}

} // namespace usher::http
