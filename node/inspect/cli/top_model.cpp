#include "node/inspect/cli/top_model.hpp"

#include "node/inspect/cli/report.hpp"
#include "node/inspect/printable.hpp"

#include <algorithm>
#include <array>

namespace usher::inspect {

namespace {

using boost::json::value;

struct column {
  const char* head;
  const char* from;
  std::size_t width;
  bool is_live; ///< told by the node itself
};

constexpr std::array columns_of_nodes{
  column{"NODE", "name", 11, false},
  column{"STATE", "state", 8, false},
  column{"SHARD", "shards", 5, false},
  column{"RESID", "residents", 7, true},
  column{"REQ/s", "requests_per_second", 7, true},
  column{"p50ms", "p50_ms", 6, true},
  column{"p99ms", "p99_ms", 6, true},
  column{"APP/s", "appends_per_second", 7, true},
  column{"QUEUE", "journal_waiting", 5, true},
  column{"LAGms", "lag_ms", 6, true},
};

/// What nodes can be sorted by, the first is their own order.
constexpr std::array sorts{"incarnation", "requests_per_second",
                           "p99_ms",      "appends_per_second",
                           "residents",   "shards"};

value member(const value& row, const char* name) {
  const auto* object = row.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found ? *found : value{};
}

value figure(const value& node, const char* name) {
  auto own = member(node, name);
  return own.is_null() ? member(member(node, "live"), name) : own;
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

/// The first so many characters.
std::string cut(std::string_view text, std::size_t most) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80 && n++ == most)
      return std::string{text.substr(0, i)};
  return std::string{text};
}

std::string fit(const std::string& text, std::size_t width, bool to_the_right) {
  auto out = cut(text, width);
  const std::string pad(width - characters_in(out), ' ');
  return to_the_right ? pad + out : out + pad;
}

double number(const value& x) {
  return x.is_number() ? x.to_number<double>() : -1;
}

/// Of those nodes that give the figure; null if none does.
value sum(const boost::json::array& nodes, const char* name) {
  value out;
  for (const auto& one : nodes)
    if (const auto x = figure(one, name); x.is_number())
      out = number(x) + (out.is_null() ? 0 : number(out));
  return out;
}

std::string row_of(const value& node) {
  std::string out;
  for (const auto& one : columns_of_nodes)
    out += (out.empty() ? "" : " ")
           + fit(as_cell(figure(node, one.from)), one.width,
                 one.from != std::string_view{"name"}
                   && one.from != std::string_view{"state"});
  return out;
}

std::string heads() {
  std::string out;
  for (const auto& one : columns_of_nodes)
    out += (out.empty() ? "" : " ")
           + fit(one.head, one.width,
                 one.from != std::string_view{"name"}
                   && one.from != std::string_view{"state"});
  return out;
}

} // namespace

void top_model::take(std::string at, boost::json::array nodes,
                     boost::json::array hot, std::vector<std::string> trouble) {
  if (is_paused_)
    return;
  at_ = std::move(at);
  nodes_ = std::move(nodes);
  hot_ = std::move(hot);
  trouble_ = std::move(trouble);
  is_known_ = true;
  is_old_ = false;
}

void top_model::lose(std::vector<std::string> trouble) {
  if (is_paused_)
    return;
  trouble_ = std::move(trouble);
  is_old_ = true;
}

void top_model::show(const std::string& title, const std::string& text) {
  is_open_ = true;
  title_ = title;
  scroll_ = 0;
  lines_.clear();
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    lines_.push_back(printable(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

wish top_model::press(char key) {
  if (is_typing_) {
    filter_ += key;
    cursor_ = 0;
    return wish::nothing;
  }
  switch (key) {
    case 'q':
      if (!is_open_)
        return wish::quit;
      is_open_ = false;
      break;
    case 's':
      sort_ = (sort_ + 1) % sorts.size();
      break;
    case ' ':
    case 'p':
      is_paused_ = !is_paused_;
      break;
    case '/':
      is_typing_ = !is_open_;
      break;
    case 'k':
      return press(special_key::up);
    case 'j':
      return press(special_key::down);
    case 'o':
      return press(special_key::enter);
    default:
      break;
  }
  return wish::nothing;
}

wish top_model::press(special_key key) {
  auto& place = is_open_ ? scroll_ : cursor_;
  const auto end = is_open_ ? lines_.size() : shown_hot().size();
  const auto last = end == 0 ? 0 : end - 1;
  switch (key) {
    case special_key::up:
      place -= std::min<std::size_t>(place, 1);
      break;
    case special_key::down:
      place = std::min(place + 1, last);
      break;
    case special_key::page_up:
      place -= std::min<std::size_t>(place, 10);
      break;
    case special_key::page_down:
      place = std::min(place + 10, last);
      break;
    case special_key::enter:
      if (is_typing_ || is_open_)
        is_typing_ = false;
      else if (!chosen().empty())
        return wish::open;
      break;
    case special_key::escape:
      if (is_typing_)
        filter_.clear();
      is_typing_ = is_open_ = false;
      break;
    case special_key::backspace:
      if (is_typing_ && !filter_.empty())
        filter_.pop_back();
      else
        is_open_ = false;
      break;
  }
  return wish::nothing;
}

std::vector<const value*> top_model::shown_hot() const {
  std::vector<const value*> out;
  for (const auto& one : hot_)
    if (as_cell(member(one, "entity")).find(filter_) != std::string::npos
        || as_cell(member(one, "node")).find(filter_) != std::string::npos)
      out.push_back(&one);
  return out;
}

std::vector<const value*> top_model::sorted_nodes() const {
  std::vector<const value*> out;
  for (const auto& one : nodes_)
    out.push_back(&one);
  if (sort_ > 0)
    std::ranges::stable_sort(out, [&](const value* a, const value* b) {
      return number(figure(*a, sorts[sort_]))
             > number(figure(*b, sorts[sort_]));
    });
  std::ranges::stable_partition(out, [](const value* one) {
    return as_cell(member(*one, "state")) != "dead";
  });
  return out;
}

std::string top_model::chosen() const {
  const auto all = shown_hot();
  return cursor_ < all.size() ? as_cell(member(*all[cursor_], "entity")) : "";
}

void top_model::add_nodes(line_list& out, std::size_t most) const {
  out.push_back({heads(), screen_line::look::reversed});
  const auto all = sorted_nodes();
  for (std::size_t i = 0; i < std::min(all.size(), most); ++i) {
    const auto state = as_cell(member(*all[i], "state"));
    out.push_back({row_of(*all[i]), state == "serving"
                                      ? screen_line::look::plain
                                      : screen_line::look::dim});
  }
  if (all.size() > most)
    out.push_back({"  ... and " + std::to_string(all.size() - most) + " more",
                   screen_line::look::dim});
}

void top_model::add_hot(line_list& out, std::size_t most) const {
  out.push_back({fit("HOT ENTITY", 54, false) + ' ' + fit("NODE", 11, false)
                   + ' ' + fit("MSG/s", 9, true),
                 screen_line::look::reversed});
  const auto all = shown_hot();
  const auto cursor = std::min(cursor_, all.empty() ? 0 : all.size() - 1);
  const auto first = cursor < most ? 0 : cursor - most + 1;
  for (auto i = first; i < std::min(all.size(), first + most); ++i)
    out.push_back(
      {fit(as_cell(member(*all[i], "entity")), 54, false) + ' '
         + fit(as_cell(member(*all[i], "node")), 11, false) + ' '
         + fit(as_cell(member(*all[i], "per_second")), 9, true),
       i == cursor ? screen_line::look::bold : screen_line::look::plain});
}

std::string top_model::keys() const {
  if (is_typing_)
    return "filter: " + filter_ + "_   Enter keep  Esc forget";
  if (is_open_)
    return "Up Down PgUp PgDn scroll  q back";
  return std::string{"q quit  s sort: "} + sorts[sort_] + "  / filter"
         + (filter_.empty() ? "" : ": " + filter_)
         + "  Up Down Enter open  p pause";
}

top_model::line_list top_model::overview(std::size_t rows) const {
  line_list out;
  const auto living = std::ranges::count_if(nodes_, [](const value& one) {
    return as_cell(member(one, "state")) != "dead";
  });
  const auto count = is_known_ ? value(living) : value();
  out.push_back({"usher  " + at_ + (is_old_ && is_known_ ? " OLD" : "") + "  "
                   + as_cell(count) + (living == 1 ? " node  " : " nodes  ")
                   + as_cell(sum(nodes_, "requests_per_second")) + " req/s  "
                   + as_cell(sum(nodes_, "appends_per_second")) + " appends/s"
                   + (is_paused_ ? "  PAUSED" : ""),
                 screen_line::look::bold});
  for (std::size_t i = 0; i < std::min<std::size_t>(trouble_.size(), 3); ++i)
    out.push_back({"! " + printable(trouble_[i]), screen_line::look::bold});
  const auto room = rows > out.size() + 5 ? rows - out.size() - 5 : 1;
  add_nodes(out, std::max<std::size_t>(1, room / 2));
  out.push_back({"", screen_line::look::plain});
  const auto left = rows > out.size() + 2 ? rows - out.size() - 2 : 0;
  add_hot(out, std::max<std::size_t>(1, left));
  return out;
}

top_model::line_list top_model::opened(std::size_t rows) const {
  line_list out{{title_, screen_line::look::bold}};
  for (auto i = scroll_; i < lines_.size() && out.size() + 1 < rows; ++i)
    out.push_back({lines_[i], screen_line::look::plain});
  return out;
}

std::vector<screen_line> top_model::screen(std::size_t rows,
                                           std::size_t columns) const {
  auto out = is_open_ ? opened(rows) : overview(rows);
  out.resize(rows);
  if (!out.empty())
    out.back() = {keys(), screen_line::look::reversed};
  for (auto& line : out)
    line.text = cut(line.text, columns);
  return out;
}

} // namespace usher::inspect
