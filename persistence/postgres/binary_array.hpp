#pragma once

#include "protocol/entity.hpp"
#include "protocol/time.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

/// A statement parameter in PostgreSQL's binary array format: as libpqxx passes
/// a binary string on as it is, any array type can travel without a detour
/// over text.
namespace usher::persistence {

/// The numbers PostgreSQL has for its element types (pg_type.oid).
enum class element : std::uint32_t {
  boolean = 16,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  timestamptz = 1184,
  uuid = 2950,
};

/// Collects elements; `bytes()` is then the parameter, as long as this lives.
class binary_array {
public:
  explicit binary_array(element type, std::size_t expected = 0) {
    out_.reserve(header_size + expected * 12);
    put(std::uint32_t{1}); // dimensions
    put(std::uint32_t{0}); // has nulls
    put(static_cast<std::uint32_t>(type));
    put(std::uint32_t{0}); // elements
    put(std::uint32_t{1}); // number of the first
  }

  /// Adds a number; its width must be that of the element type.
  template <class T>
    requires std::is_integral_v<T>

  void add(T x) {
    put(std::uint32_t{sizeof(T)});
    put(static_cast<std::make_unsigned_t<T>>(x));
    ++count_;
  }

  void add(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
    ++count_;
  }

  void add(const uuid& x) {
    put(std::uint32_t{16});
    out_.append(reinterpret_cast<const char*>(x.bytes.data()), 16);
    ++count_;
  }

  /// PostgreSQL counts microseconds since the year 2000.
  void add(timestamp x) {
    constexpr std::int64_t year_2000 = 946'684'800'000;
    add((std::int64_t{x.time_since_epoch().count()} - year_2000) * 1'000);
  }

  void add_null() {
    out_[nulls_at + 3] = 1;
    put(~std::uint32_t{0});
    ++count_;
  }

  const std::string& bytes() {
    std::string number;
    put(number, count_);
    out_.replace(count_at, number.size(), number);
    return out_;
  }

private:
  static constexpr std::size_t header_size = 20, nulls_at = 4, count_at = 12;

  template <class T>
  static void put(std::string& out, T x) {
    char bytes[sizeof(T)];
    for (auto& byte : bytes) {
      byte = static_cast<char>(x >> (sizeof(T) - 1) * 8);
      if constexpr (sizeof(T) > 1)
        x = static_cast<T>(x << 8);
    }
    out.append(bytes, sizeof(T));
  }

  template <class T>
  void put(T x) {
    put(out_, x);
  }

  std::string out_;
  std::uint32_t count_ = 0;
};

} // namespace usher::persistence
