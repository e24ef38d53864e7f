#include "node/api/time_zone.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace usher::api {

namespace {

constexpr auto folder = "/usr/share/zoneinfo";

/// Parts of letters, digits, `_`, `+` and `-`: so it is a path below the
/// folder.
bool could_be(std::string_view name) {
  const auto may_be_in = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-'
           || c == '/';
  };
  const auto is_other_view = name.starts_with("posix/")
                             || name.starts_with("right/")
                             || name == "localtime" || name == "posixrules";
  return !name.empty() && name.size() <= 64 && name.front() != '/'
         && name.find("//") == std::string_view::npos
         && std::ranges::all_of(name, may_be_in) && !is_other_view;
}

} // namespace

bool is_time_zone(const std::string& name) {
  if (!could_be(name))
    return false;
  const std::filesystem::path all{folder};
  std::error_code failed;
  if (!std::filesystem::exists(all / "UTC", failed))
    return true;
  if (!std::filesystem::is_regular_file(all / name, failed))
    return false;
  std::array<char, 4> magic{};
  std::ifstream(all / name, std::ios::binary).read(magic.data(), magic.size());
  return std::string_view(magic.data(), magic.size()) == "TZif";
}

} // namespace usher::api
