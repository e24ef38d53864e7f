#include "protocol/account.hpp"

namespace usher::login {

uuid key_of(std::string_view name) {
  std::string text = "login:";
  for (char c : name)
    text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return derive_uuid({}, text);
}

} // namespace usher::login
