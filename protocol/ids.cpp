#include "protocol/ids.hpp"

#include "protocol/ensure.hpp"

#include <chrono>
#include <memory>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace usher {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

bool dash_at(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

void stamp_version_7(uuid& x) {
  x.bytes[6] = static_cast<std::uint8_t>((x.bytes[6] & 0x0f) | 0x70);
  x.bytes[8] = static_cast<std::uint8_t>((x.bytes[8] & 0x3f) | 0x80);
}

/// Random bytes, fetched from the library by the kilobyte.
void fill_random(std::uint8_t* to, std::size_t n) {
  thread_local std::array<std::uint8_t, 1024> pool;
  thread_local std::size_t used = pool.size();
  if (used + n > pool.size()) {
    RAND_bytes(pool.data(), static_cast<int>(pool.size()));
    used = 0;
  }
  std::memcpy(to, pool.data() + used, n);
  used += n;
}

/// SHA-256 for one thread. What OpenSSL's one-shot functions do each time,
/// to look the algorithm up by its name, costs five times the hash.
class sha256 {
public:
  using digest = std::array<std::uint8_t, 32>;

  digest operator()(const uuid& parent, std::string_view name) const {
    digest out{};
    ensure(EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1
           && EVP_DigestUpdate(context_.get(), parent.bytes.data(),
                               parent.bytes.size())
                == 1
           && EVP_DigestUpdate(context_.get(), name.data(), name.size()) == 1
           && EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    return out;
  }

private:
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm_{
    EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{
    EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

} // namespace

void append_to(std::string& out, const uuid& x) {
  std::array<char, 36> text{};
  std::size_t at = 0;
  for (auto byte : x.bytes) {
    if (dash_at(at))
      text[at++] = '-';
    text[at++] = hex_digits[byte >> 4];
    text[at++] = hex_digits[byte & 15];
  }
  out.append(text.data(), text.size());
}

std::string to_string(const uuid& x) {
  std::string out;
  append_to(out, x);
  return out;
}

std::optional<uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36)
    return std::nullopt;
  uuid out;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dash_at(i)) {
      if (text[i] != '-')
        return std::nullopt;
      continue;
    }
    auto value = hex_value(text[i]);
    if (value < 0)
      return std::nullopt;
    auto& byte = out.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++nibble;
  }
  return out;
}

uuid mint_uuid() {
  thread_local std::uint64_t last = 0; // milliseconds and 12 bits of order
  auto now = static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch())
      .count());
  last = std::max(last + 1, now << 12);
  uuid out;
  auto ms = last >> 12;
  for (std::size_t i = 0; i < 6; ++i)
    out.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  out.bytes[6] = static_cast<std::uint8_t>((last >> 8) & 0x0f);
  out.bytes[7] = static_cast<std::uint8_t>(last);
  fill_random(out.bytes.data() + 8, 8);
  stamp_version_7(out);
  return out;
}

uuid derive_uuid(const uuid& parent, std::string_view name) {
  thread_local const sha256 hash;
  const auto digest = hash(parent, name);
  uuid out;
  std::memcpy(out.bytes.data(), parent.bytes.data(), 6);
  std::memcpy(out.bytes.data() + 6, digest.data(), 10);
  stamp_version_7(out);
  return in_cell(out, cell_of(parent));
}

uuid in_cell(uuid x, cell_no cell) {
  if (cell_of(x) == cell)
    return x;
  const auto kind = cell == first_cell ? 0x70 : 0x80;
  x.bytes[6] = static_cast<std::uint8_t>(kind | (cell >> 8 & 0x0f));
  x.bytes[7] = static_cast<std::uint8_t>(cell);
  return x;
}

std::uint64_t hash_of(const uuid& x) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high = high << 8 | x.bytes[i];
    low = low << 8 | x.bytes[8 + i];
  }
  auto h = high * 0x9e3779b97f4a7c15ULL ^ low;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
  return h ^ (h >> 31);
}

} // namespace usher
