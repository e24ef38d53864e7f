#include "node/http/request_head.hpp"

#include "node/http/field_rules.hpp"
#include "node/http/text.hpp"
#include "protocol/ensure.hpp"

#include <algorithm>

namespace usher::http {

std::string_view to_string(method m) {
  static constexpr std::array<std::string_view, 7> names{
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return names[static_cast<std::size_t>(m)];
}

std::optional<std::string_view>
request_head::find(std::string_view lower_name) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const auto& at = lines_[i];
    if (equals_ignoring_case({bytes_ + at.name, at.name_size}, lower_name))
      return std::string_view{bytes_ + at.value, at.value_size};
  }
  return std::nullopt;
}

/// One pass over the bytes. Each step returns false when it cannot go on:
/// either something is wrong (`wrong_` is set) or bytes are missing.
class head_scanner {
public:
  head_scanner(std::string_view bytes, const head_limits& limits,
               request_head& out)
    : bytes_(bytes), limits_(limits), out_(out) {
    out_.bytes_ = bytes.data();
  }

  /// True when `out` is complete.
  bool run() {
    if (bytes_ == "\r")
      return false;
    if (bytes_.starts_with("\r\n"))
      at_ = 2;
    return request_line() && fields() && check();
  }

  const std::optional<violation>& wrong() const { return wrong_; }

private:
  bool refuse(std::string_view why, errc code = errc::bad_request) {
    wrong_ = violation{code, why};
    return false;
  }

  /// Out of bytes: wait for more, unless the limit leaves no room for them.
  bool starve(std::size_t begin, std::size_t limit, errc code) {
    if (bytes_.size() - begin > limit)
      return refuse("too long", code);
    return false;
  }

  bool at_end() const { return at_ == bytes_.size(); }

  /// Takes CRLF. `\r` alone at the end of the bytes means to wait.
  bool line_end() {
    if (bytes_[at_] != '\r')
      return refuse("a byte that may not be here, or a bare LF");
    if (at_ + 1 == bytes_.size())
      return false;
    if (bytes_[at_ + 1] != '\n')
      return refuse("a bare CR");
    at_ += 2;
    return true;
  }

  bool request_line() {
    const auto begin = at_;
    if (!(take_method() && take_target() && take_version()))
      return wrong_ ? false
                    : starve(begin, limits_.request_line, errc::uri_too_long);
    if (at_ - begin > limits_.request_line + 2)
      return refuse("the request line is too long", errc::uri_too_long);
    return true;
  }

  bool take_method() {
    const auto begin = at_;
    while (!at_end() && is_token(bytes_[at_]))
      ++at_;
    if (at_end())
      return false;
    if (bytes_[at_] != ' ' || at_ == begin)
      return refuse("no method");
    const auto name = bytes_.substr(begin, at_ - begin);
    ++at_;
    for (auto m : {method::get, method::post, method::del, method::head,
                   method::put, method::patch, method::options})
      if (name == to_string(m)) {
        out_.verb = m;
        return true;
      }
    return refuse("the method is not known", errc::not_implemented);
  }

  bool take_target() {
    const auto begin = at_;
    auto path_end = std::string_view::npos;
    for (; !at_end() && is_target(bytes_[at_]); ++at_)
      if (bytes_[at_] == '?' && path_end == std::string_view::npos)
        path_end = at_;
    if (at_ > begin && bytes_[begin] != '/')
      return refuse("the target is not a path");
    if (at_end())
      return false;
    if (bytes_[at_] != ' ' || at_ == begin)
      return refuse("a byte that may not be in a target");
    const auto end = std::min(path_end, at_);
    out_.path = bytes_.substr(begin, end - begin);
    out_.query =
      end == at_ ? std::string_view{} : bytes_.substr(end + 1, at_ - end - 1);
    ++at_;
    if (!plain_path(out_.path) || !plain_escapes(out_.query))
      return refuse("the target is ambiguous");
    return true;
  }

  bool take_version() {
    constexpr std::string_view common = "HTTP/1.";
    const auto there = bytes_.substr(at_, common.size());
    if (!common.starts_with(there))
      return refuse("neither HTTP/1.1 nor HTTP/1.0");
    if (bytes_.size() - at_ <= common.size())
      return false;
    const char minor = bytes_[at_ + common.size()];
    if (minor != '1' && minor != '0')
      return refuse("neither HTTP/1.1 nor HTTP/1.0");
    out_.http_1_0 = minor == '0';
    out_.keep_alive = !out_.http_1_0;
    at_ += common.size() + 1;
    return !at_end() && line_end();
  }

  bool fields() {
    for (;;) {
      if (at_ > limits_.head)
        return refuse("the head is too large", errc::head_too_large);
      if (at_end())
        return false;
      if (bytes_[at_] == '\r')
        break;
      if (!take_field())
        return wrong_ ? false : starve(0, limits_.head, errc::head_too_large);
    }
    if (!line_end())
      return false;
    if (at_ > limits_.head)
      return refuse("the head is too large", errc::head_too_large);
    out_.size = at_;
    return true;
  }

  bool take_field() {
    const auto begin = at_;
    while (!at_end() && is_token(bytes_[at_]))
      ++at_;
    if (at_end())
      return false;
    if (bytes_[at_] != ':' || at_ == begin)
      return refuse("a field name is not a token");
    const auto name = bytes_.substr(begin, at_ - begin);
    const auto value_begin = ++at_;
    at_ = end_of_value(bytes_, at_);
    const auto value = trim(bytes_.substr(value_begin, at_ - value_begin));
    if (at_end() || !line_end())
      return false;
    if (at_ > limits_.head)
      return refuse("the head is too large", errc::head_too_large);
    return keep(name, value);
  }

  bool keep(std::string_view name, std::string_view value) {
    if (out_.count_ == limits_.fields)
      return refuse("too many fields", errc::head_too_large);
    const auto offset = [&](std::string_view part) {
      return static_cast<std::uint16_t>(part.data() - bytes_.data());
    };
    out_.lines_[out_.count_++] = {
      offset(name), static_cast<std::uint16_t>(name.size()), offset(value),
      static_cast<std::uint16_t>(value.size())};
    const auto which = field_of(name);
    if (which == field::other)
      return true;
    auto& slot = out_.known_[static_cast<std::size_t>(which)];
    const bool again = slot.data() != nullptr;
    if (again && may_come_once(which))
      return refuse("a field that may come once came twice");
    // The last line of X-Forwarded-For is what the nearest proxy wrote.
    if (!again || which == field::x_forwarded_for)
      slot = value;
    if (which == field::connection)
      take_connection(value);
    return true;
  }

  void take_connection(std::string_view list) {
    while (auto option = next_element(list)) {
      closes_ |= equals_ignoring_case(*option, "close");
      stays_ |= equals_ignoring_case(*option, "keep-alive");
      upgrades_ |= equals_ignoring_case(*option, "upgrade");
    }
  }

  bool check() {
    if (!valid_host(out_[field::host]))
      return refuse("not exactly one valid Host");
    if (out_.has(field::transfer_encoding) && !check_encoding())
      return false;
    if (out_.has(field::content_length)) {
      const auto length = parse_length(out_[field::content_length]);
      if (!length)
        return refuse("Content-Length is not a number");
      out_.content_length = *length;
    }
    if (out_.has_body()
        && (out_.verb == method::get || out_.verb == method::head))
      return refuse("a body on GET or HEAD");
    return check_wishes();
  }

  bool check_encoding() {
    if (out_.http_1_0)
      return refuse("Transfer-Encoding in HTTP/1.0");
    if (out_.has(field::content_length))
      return refuse("Transfer-Encoding and Content-Length");
    if (!equals_ignoring_case(out_[field::transfer_encoding], "chunked"))
      return refuse("a Transfer-Encoding other than chunked");
    out_.chunked = true;
    return true;
  }

  bool check_wishes() {
    out_.keep_alive = !closes_ && (stays_ || !out_.http_1_0);
    if (out_.has(field::expect) && !out_.http_1_0) {
      if (!equals_ignoring_case(out_[field::expect], "100-continue"))
        return refuse("an expectation that nobody can meet");
      out_.expects_continue = out_.has_body();
    }
    out_.websocket = upgrades_ && !out_.http_1_0 && out_.verb == method::get
                     && equals_ignoring_case(out_[field::upgrade], "websocket")
                     && out_[field::sec_websocket_version] == "13"
                     && out_[field::sec_websocket_key].size() == 24;
    return true;
  }

  std::string_view bytes_;
  const head_limits& limits_;
  request_head& out_;
  std::size_t at_ = 0;
  bool closes_ = false;
  bool stays_ = false;
  bool upgrades_ = false;
  std::optional<violation> wrong_;
};

head_outcome parse_head(std::string_view bytes, const head_limits& limits) {
  ensure(limits.fields <= 64 && limits.head <= 65'535);
  head_outcome out(std::in_place_type<request_head>);
  head_scanner scanner(bytes, limits, std::get<request_head>(out));
  if (scanner.run())
    return out;
  if (scanner.wrong())
    out = *scanner.wrong();
  else
    out = need_more{};
  return out;
}

} // namespace usher::http
