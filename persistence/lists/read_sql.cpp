#include "persistence/lists/read_sql.hpp"

namespace usher::persistence {

namespace {

struct direction {
  const char* name;
  const char* beyond;
  const char* order;
};

constexpr direction newest_first[] = {{"next", "<", "DESC"},
                                      {"previous", ">", "ASC"}};
constexpr direction soonest_first[] = {{"next", ">", "ASC"},
                                       {"previous", "<", "DESC"}};

// The buyer's index leads: a great event has more tickets than any buyer.
std::string condition_of(const std::string& scope, const std::string& owner) {
  if (scope == "own")
    return "t." + owner + " = $4";
  if (scope == "own_of_event")
    return "t." + owner + " = $4 AND t.event IS NOT DISTINCT FROM $5";
  return "t.event = $4";
}

// $2 account, $3 the organizations it is known elsewhere to be a member of.
constexpr auto is_of_organization = R"sql((e.organization = ANY ($3::uuid[])
  OR e.organization IN (
    SELECT organization FROM membership_list
    WHERE account = $2 AND role <> 'none')))sql";

std::string is_organizer() {
  return std::string(
           "EXISTS (SELECT FROM event_list e WHERE e.id = t.event AND ")
         + is_of_organization + ")";
}

/// The rows beyond the place $1, $2, in one direction, at most $3.
std::string beyond(const std::string& time, const direction& way) {
  return "(" + time + ", id) " + way.beyond
         + " ($1::timestamptz, $2::uuid) ORDER BY " + time + ' ' + way.order
         + ", id " + way.order + " LIMIT $3";
}

void add_sales(std::vector<pg_statement>& out, const sales_table& one) {
  const std::string table = one.table;
  const auto from =
    std::string("SELECT ") + one.columns + " FROM " + table + " t WHERE ";
  for (auto scope : {"own", "own_of_event", "event"})
    for (const auto& way : newest_first)
      out.push_back({table + '_' + scope + '_' + way.name,
                     from + condition_of(scope, one.owner) + " AND "
                       + beyond(one.time, way)});
  out.push_back({table + "_one", from + "t.id = $1 AND (t." + one.owner
                                   + " = $2 OR " + is_organizer() + ")"});
}

// A session's tickets have ids of its own time: they lie together in the
// buyer's index.
std::string tickets_of_orders() {
  return std::string("SELECT w.n, ") + table_of(sales_list::tickets).columns
         + R"sql(
FROM (SELECT unnest($1::int[]) AS n, unnest($2::uuid[]) AS session,
             unnest($3::uuid[]) AS buyer, unnest($4::uuid[]) AS low,
             unnest($5::uuid[]) AS high) w
JOIN ticket_list t ON t.buyer = w.buyer AND t.id >= w.low AND t.id <= w.high
WHERE t.session IS NOT DISTINCT FROM w.session
ORDER BY w.n, t.seat, t.id)sql";
}

const std::string shown_status = R"sql(
CASE WHEN e.phase <> 'published' THEN e.phase
     WHEN $2::timestamptz >= e.sale_ends_at THEN 'ended'
     WHEN $2::timestamptz < e.sale_starts_at THEN 'upcoming'
     WHEN cardinality(e.exhausted) >= e.sections THEN 'sold_out'
     ELSE 'on_sale' END)sql";

// $1 status, $2 now, $3 patterns.
std::string event_filter() {
  return " WHERE ($1::text = '' OR" + shown_status + " = $1)"
         + " AND ($3::text = '{}' OR e.search LIKE ALL"
         + " ((SELECT lower($3::text)::text[])::text[]))";
}

// $4 organization.
std::string visible_events(const std::string& scope) {
  if (scope == "public")
    return "is_public AND (phase <> 'cancelled' OR $1 = 'cancelled')"
           " AND ($1 <> '' OR phase <> 'ended' AND sale_ends_at > "
           "$2::timestamptz) AND $4::uuid IS NOT NULL";
  if (scope == "every")
    return "$4::uuid IS NOT NULL";
  return "organization = $4::uuid";
}

// The planner takes the filter for so narrow that it would rather sort all
// that is left than walk the index to the page's end. A limit that it cannot
// know ($9, in truth there is none) keeps the filter out of its sight and makes
// it expect to stop early.
std::string events_of(const std::string& scope, const direction& way) {
  const auto order =
    std::string(" ORDER BY starts_at ") + way.order + ", id " + way.order;
  return "SELECT e.id, (extract(epoch FROM e.starts_at) * 1000)::bigint,"
         + shown_status + ", e.phase, e.document FROM (SELECT * FROM event_list"
         + " WHERE " + visible_events(scope) + " AND (starts_at, id) "
         + way.beyond + " ($5::timestamptz, $6::uuid)" + order + " LIMIT $9) e"
         + event_filter() + order + " LIMIT $7 OFFSET $8";
}

void add_events(std::vector<pg_statement>& out) {
  for (const std::string scope : {"public", "own", "every"}) {
    for (const auto& way : soonest_first)
      out.push_back(
        {"events_" + scope + '_' + way.name, events_of(scope, way)});
    out.push_back({"count_events_" + scope,
                   "SELECT count(*) FROM (SELECT * FROM event_list WHERE "
                     + visible_events(scope) + ") e" + event_filter()});
  }
}

} // namespace

std::vector<pg_statement> read_statements() {
  std::vector<pg_statement> out;
  for (const auto& one : sales_tables)
    add_sales(out, one);
  add_events(out);
  out.push_back({"tickets_of_orders", tickets_of_orders()});
  for (const auto& way : newest_first)
    out.push_back({std::string("layouts_") + way.name,
                   std::string("SELECT id, name, capacity, sections, (extract("
                               "epoch FROM created_at) * 1000)::bigint FROM "
                               "layout_list WHERE ")
                     + beyond("created_at", way)});
  out.push_back(
    {"organizes", std::string("SELECT 1 FROM event_list e WHERE e.id = $1 AND ")
                    + is_of_organization});
  out.push_back({"organizations_of",
                 "SELECT organization FROM membership_list WHERE account = $1 "
                 "AND role <> 'none'"});
  for (const auto& way : newest_first)
    out.push_back(
      {std::string("memberships_") + way.name,
       std::string("SELECT organization FROM membership_list WHERE account = "
                   "$1 AND role <> 'none' AND organization ")
         + way.beyond + " $2::uuid ORDER BY organization " + way.order
         + " LIMIT $3"});
  return out;
}

} // namespace usher::persistence
