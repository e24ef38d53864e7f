#include "node/inspect/shortened.hpp"

#include <algorithm>
#include <string>

namespace usher::inspect {

namespace {

constexpr auto dots = "...";
constexpr std::size_t least_fields = 50;

/// How many of these are left.
std::size_t left(std::size_t size, std::size_t most, bool& is_cut) {
  is_cut |= size > most;
  return size > most ? most - 1 : size;
}

std::string more(std::size_t n) {
  return "and " + std::to_string(n) + " more";
}

} // namespace

boost::json::value shortened(const boost::json::value& what, std::size_t most,
                             bool& is_cut) {
  most = std::max<std::size_t>(most, 1);
  if (const auto* list = what.if_array()) {
    boost::json::array out;
    const auto n = left(list->size(), most, is_cut);
    out.reserve(std::min(list->size(), most));
    for (std::size_t i = 0; i < n; ++i)
      out.push_back(shortened((*list)[i], most, is_cut));
    if (n < list->size())
      out.push_back(boost::json::string(dots + (' ' + more(list->size() - n))));
    return out;
  }
  if (const auto* object = what.if_object()) {
    boost::json::object out;
    const auto n = left(object->size(), std::max(most, least_fields), is_cut);
    for (const auto& member : *object) {
      if (out.size() == n)
        break;
      out[member.key()] = shortened(member.value(), most, is_cut);
    }
    if (n < object->size())
      out[dots] = boost::json::string(more(object->size() - n));
    return out;
  }
  return what;
}

} // namespace usher::inspect
