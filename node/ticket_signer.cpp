#include "node/ticket_signer.hpp"

#include "node/http/mac.hpp"
#include "protocol/base64.hpp"
#include "protocol/ensure.hpp"
#include "protocol/json.hpp"

#include <sodium.h>

namespace usher {

namespace {

constexpr std::string_view prefix = "USH1.";

} // namespace

ticket_signer::ticket_signer(std::string_view secret) {
  ensure(sodium_init() >= 0);
  const auto seed = http::hmac_sha256(secret, "usher ticket codes");
  crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.data());
}

std::string ticket_signer::sign(ticket_id ticket, event_id event) const {
  std::string payload;
  for (const auto* id : {&ticket.value, &event.value})
    payload.append(reinterpret_cast<const char*>(id->bytes.data()),
                   id->bytes.size());
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()),
                       nullptr,
                       reinterpret_cast<const unsigned char*>(payload.data()),
                       payload.size(), secret_.data());
  return std::string{prefix} + to_base64url(payload) + '.'
         + to_base64url(signature);
}

bool ticket_signer::verify(std::string_view code) const {
  const auto dot = code.rfind('.');
  if (!code.starts_with(prefix) || dot < prefix.size())
    return false;
  const auto payload =
    from_base64url(code.substr(prefix.size(), dot - prefix.size()));
  const auto signature = from_base64url(code.substr(dot + 1));
  return payload && signature && signature->size() == crypto_sign_BYTES
         && crypto_sign_verify_detached(
              reinterpret_cast<const unsigned char*>(signature->data()),
              reinterpret_cast<const unsigned char*>(payload->data()),
              payload->size(), public_.data())
              == 0;
}

std::string ticket_signer::key_set() const {
  const std::string_view raw{reinterpret_cast<const char*>(public_.data()),
                             public_.size()};
  return R"({"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","x":")"
         + to_base64url(raw) + "\"}]}";
}

std::string ticket_signer::with_code(const std::string& ticket_json) const {
  auto document = json::parse(ticket_json);
  auto& ticket = document.as_object().at("ticket").as_object();
  if (json::get<std::string>(ticket.at("status")) != "valid")
    return ticket_json;
  ticket["code"] = sign(json::get<ticket_id>(ticket.at("id")),
                        json::get<event_id>(ticket.at("event_id")));
  return boost::json::serialize(document);
}

} // namespace usher
