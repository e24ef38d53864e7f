#include "node/http/webhook_signature.hpp"

#include "node/http/field_rules.hpp"
#include "node/http/mac.hpp"
#include "protocol/base64.hpp"

namespace usher::http {

namespace {

using namespace std::chrono_literals;

constexpr auto tolerance = 300s;
constexpr std::size_t max_signatures = 16;

} // namespace

std::optional<webhook_secret> webhook_secret::parse(std::string_view text) {
  constexpr std::string_view prefix = "whsec_";
  if (!text.starts_with(prefix))
    return std::nullopt;
  auto key = from_base64(text.substr(prefix.size()));
  if (!key || key->size() < 24 || key->size() > 64)
    return std::nullopt;
  return webhook_secret(std::move(*key));
}

std::string webhook_secret::sign_at(std::string_view id,
                                    std::string_view seconds,
                                    std::string_view body) const {
  std::string text;
  text.reserve(id.size() + seconds.size() + body.size() + 2);
  text.append(id).append(".").append(seconds).append(".").append(body);
  return "v1," + to_base64(bytes_of(hmac_sha256(key_, text)));
}

std::string webhook_secret::sign(std::string_view id, timestamp sent,
                                 std::string_view body) const {
  const auto seconds =
    std::chrono::floor<std::chrono::seconds>(sent.time_since_epoch());
  return sign_at(id, std::to_string(seconds.count()), body);
}

result<void> webhook_secret::verify(std::string_view id, std::string_view sent,
                                    std::string_view signatures,
                                    std::string_view body,
                                    timestamp now) const {
  const auto seconds = sent.size() <= 11 ? parse_length(sent) : std::nullopt;
  if (!seconds || id.empty())
    return errc::bad_signature;
  const timestamp then{std::chrono::seconds{*seconds}};
  if (then < now - tolerance || then > now + tolerance)
    return errc::bad_signature;
  const auto expected = sign_at(id, sent, body);
  bool matches = false;
  for (std::size_t i = 0; i < max_signatures && !signatures.empty(); ++i) {
    const auto end = std::min(signatures.find(' '), signatures.size());
    matches |= equal_in_constant_time(signatures.substr(0, end), expected);
    signatures.remove_prefix(std::min(end + 1, signatures.size()));
  }
  if (!matches)
    return errc::bad_signature;
  return {};
}

} // namespace usher::http
