#include "node/http/problem.hpp"

#include "node/http/text.hpp"
#include "protocol/json.hpp"

#include <algorithm>

namespace usher::http {

namespace {

void put_member(std::string& out, std::string_view name,
                std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  json::put_string(out, text);
}

std::string_view message_of(const field_error& error, const problem& what) {
  return error.message.empty() ? title(error.code, what.speaks)
                               : std::string_view(error.message);
}

/// What an advice among the extra members says; empty if there is none.
std::string_view advice_in(const problem& what) {
  for (unsigned i = 0; i <= static_cast<unsigned>(last_advice); ++i) {
    const auto one = static_cast<advice>(i);
    if (what.extra.find(as_member(one)) != std::string_view::npos)
      return title(one, what.speaks);
  }
  return {};
}

/// For people, who do not read lists of fields: in one language. Messages are
/// in English only; to who reads another, the code's title has to do.
std::string detail_of(const problem& what) {
  std::string out{what.detail.empty() ? advice_in(what) : what.detail};
  if (!out.empty())
    return out;
  for (const auto& error : what.fields) {
    out += out.empty() ? "" : "; ";
    out += error.field;
    out += ": ";
    out += what.speaks == language::english ? message_of(error, what)
                                            : title(error.code, what.speaks);
  }
  return out;
}

void put_field_errors(std::string& out, const problem& what) {
  out += ",\"errors\":";
  json::put_list(out, what.fields, [&](const field_error& error) {
    out += "{\"field\":";
    json::put_string(out, error.field);
    put_member(out, "code", to_string(error.code));
    put_member(out, "message", message_of(error, what));
    out += '}';
  });
}

bool is_trace_id(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) {
                               return (c >= '0' && c <= '9')
                                      || (c >= 'a' && c <= 'f');
                             })
         && text.find_first_not_of('0') != std::string_view::npos;
}

/// Empty if it has none.
std::string_view trace_id_in(std::string_view traceparent) {
  constexpr std::size_t whole = 55; // 00-<32 digits>-<16 digits>-<2 digits>
  if (traceparent.size() >= whole && traceparent[2] == '-'
      && traceparent[35] == '-' && is_trace_id(traceparent.substr(3, 32)))
    return traceparent.substr(3, 32);
  return {};
}

} // namespace

std::string_view pick_trace_id(std::string_view traceparent,
                               std::string_view request_id) {
  constexpr std::size_t longest = 128;
  const auto given = trace_id_in(traceparent);
  return given.empty() ? request_id.substr(0, longest) : given;
}

trace pick_trace(std::string_view traceparent, std::string_view request_id) {
  constexpr std::string_view sampled = "13579bdf"; // the flags' last bit
  const auto given = trace_id_in(traceparent);
  const auto id = parse_trace_id(given.empty() ? request_id : given);
  return {id.value_or(uuid{}),
          !given.empty() && sampled.find(traceparent[54]) != sampled.npos};
}

language pick_language(std::string_view accept_language) {
  auto best = language::english;
  unsigned best_quality = 0;
  while (const auto range = next_element(accept_language)) {
    const auto tag = range->substr(0, range->find_first_of(";- \t"));
    const auto likes = quality(*range);
    if (likes <= best_quality)
      continue;
    for (auto mine :
         {language::english, language::korean, language::vietnamese})
      if (equals_ignoring_case(tag, tag_of(mine))) {
        best = mine;
        best_quality = likes;
      }
  }
  return best;
}

std::string_view tag_of(language l) {
  switch (l) {
    case language::english:
      return "en";
    case language::korean:
      return "ko";
    case language::vietnamese:
      return "vi";
  }
  return "en";
}

std::string problem_json(const problem& what) {
  std::string out;
  out.reserve(256);
  out += R"({"type":"urn:usher:problem:)";
  out += to_string(what.code);
  out += '"';
  put_member(out, "title", title(what.code, what.speaks));
  out += ",\"status\":";
  json::put(out, http_status(what.code));
  put_member(out, "code", to_string(what.code));
  if (const auto detail = detail_of(what); !detail.empty())
    put_member(out, "detail", detail);
  if (!what.fields.empty())
    put_field_errors(out, what);
  if (!what.extra.empty()) {
    out += ',';
    out += what.extra;
  }
  if (!what.trace_id.empty())
    put_member(out, "trace_id", what.trace_id);
  out += '}';
  return out;
}

} // namespace usher::http
