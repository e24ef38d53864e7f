#include "persistence/lists/list_writer.hpp"

#include "persistence/postgres/columns.hpp"
#include "protocol/json_object.hpp"

namespace usher::persistence {

namespace {

// Every write depends on `go`, and `go` on all checkpoints having moved: a
// single one that did not ends the statement, and nothing of it is left.
const std::string fence_and_sales = R"sql(
WITH fence AS (
  UPDATE projection_checkpoint c SET lsn = w.upto
  FROM (SELECT unnest($1::smallint[]) AS shard, unnest($2::bigint[]) AS lsn,
               unnest($3::bigint[]) AS upto) w
  WHERE c.projection = 'lists' AND c.shard = w.shard AND c.lsn = w.lsn
  RETURNING 1
), go AS MATERIALIZED (
  SELECT 1 / (CASE WHEN count(*) = cardinality($1::smallint[])
                   THEN 1 ELSE 0 END)
  FROM fence
), orders AS (
  INSERT INTO order_list (id, event, buyer, payment, amount, created_at,
                          completed_at, status, currency)
  SELECT unnest($4::uuid[]), unnest($5::uuid[]), unnest($6::uuid[]),
         unnest($7::uuid[]), unnest($8::bigint[]), unnest($9::timestamptz[]),
         unnest($10::timestamptz[]), unnest($11::text[]), unnest($12::text[])
  FROM go
  ON CONFLICT (id) DO UPDATE
  SET payment = excluded.payment, amount = excluded.amount,
      completed_at = excluded.completed_at, status = excluded.status
), orders_changed AS (
  UPDATE order_list o
  SET status = w.status, payment = coalesce(w.payment, o.payment),
      completed_at = coalesce(w.completed_at, o.completed_at)
  FROM (SELECT unnest($13::uuid[]) AS id, unnest($14::text[]) AS status,
               unnest($15::uuid[]) AS payment,
               unnest($16::timestamptz[]) AS completed_at FROM go) w
  WHERE o.id = w.id
), payments AS (
  INSERT INTO payment_list (id, session, event, payer, amount, created_at,
                            expires_at, completed_at, status, currency, method)
  SELECT unnest($17::uuid[]), unnest($18::uuid[]), unnest($19::uuid[]),
         unnest($20::uuid[]), unnest($21::bigint[]), unnest($22::timestamptz[]),
         unnest($23::timestamptz[]), unnest($24::timestamptz[]),
         unnest($25::text[]), unnest($26::text[]), unnest($27::text[])
  FROM go
  ON CONFLICT (id) DO UPDATE
  SET completed_at = excluded.completed_at, status = excluded.status
), payments_changed AS (
  UPDATE payment_list p
  SET status = w.status, completed_at = coalesce(w.completed_at, p.completed_at)
  FROM (SELECT unnest($28::uuid[]) AS id, unnest($29::text[]) AS status,
               unnest($30::timestamptz[]) AS completed_at FROM go) w
  WHERE p.id = w.id
), tickets AS (
  INSERT INTO ticket_list (id, session, event, buyer, ticket_type, price,
                           issued_at, number, seat, section, currency, status)
  SELECT unnest($31::uuid[]), unnest($32::uuid[]), unnest($33::uuid[]),
         unnest($34::uuid[]), unnest($35::uuid[]), unnest($36::bigint[]),
         unnest($37::timestamptz[]), unnest($38::text[]), unnest($39::text[]),
         unnest($40::text[]), unnest($41::text[]), 'valid'
  FROM go
  ON CONFLICT (id) DO NOTHING
))sql";

// What changes rarely travels as JSON.
const std::string and_the_rest = R"sql(
, events AS (
  INSERT INTO event_list
    (id, organization, owner, starts_at, sale_starts_at, sale_ends_at,
     created_at, sections, is_public, phase, exhausted, title, venue,
     artist_name, category, search, document)
  SELECT x.id, x.organization, x.owner, x.starts_at, x.sale_starts_at,
         x.sale_ends_at, x.created_at, x.sections, x.published, x.phase,
         ARRAY(SELECT jsonb_array_elements_text(x.exhausted)), x.title, x.venue,
         x.artist_name, x.category, lower(x.search), x.document
  FROM go, jsonb_to_recordset($42::jsonb) AS x
    (id uuid, organization uuid, owner uuid, starts_at timestamptz,
     sale_starts_at timestamptz, sale_ends_at timestamptz,
     created_at timestamptz, sections int, published boolean, phase text,
     exhausted jsonb, title text, venue text, artist_name text, category text,
     search text, document text)
  ON CONFLICT (id) DO UPDATE
  SET is_public = excluded.is_public, phase = excluded.phase,
      exhausted = excluded.exhausted, search = excluded.search,
      document = excluded.document, starts_at = excluded.starts_at,
      sale_starts_at = excluded.sale_starts_at,
      sale_ends_at = excluded.sale_ends_at, sections = excluded.sections,
      title = excluded.title, venue = excluded.venue,
      artist_name = excluded.artist_name, category = excluded.category
), events_changed AS (
  UPDATE event_list e
  SET phase = coalesce(x.phase, e.phase), is_public = e.is_public OR x.published,
      exhausted = ARRAY(SELECT unnest(e.exhausted)
                        EXCEPT SELECT jsonb_array_elements_text(x.back)
                        UNION SELECT jsonb_array_elements_text(x.exhausted))
  FROM go, jsonb_to_recordset($43::jsonb) AS x
    (id uuid, phase text, published boolean, exhausted jsonb, back jsonb)
  WHERE e.id = x.id
), layouts AS (
  INSERT INTO layout_list (id, owner, capacity, sections, created_at, name)
  SELECT x.id, x.owner, x.capacity, x.sections, x.created_at, x.name
  FROM go, jsonb_to_recordset($44::jsonb) AS x
    (id uuid, owner uuid, capacity bigint, sections int, created_at timestamptz,
     name text)
  ON CONFLICT (id) DO NOTHING
), memberships AS (
  INSERT INTO membership_list (organization, account, role)
  SELECT DISTINCT ON (x.account, x.organization) x.organization, x.account,
         x.role
  FROM go, jsonb_to_recordset($45::jsonb) AS x
    (n int, organization uuid, account uuid, role text)
  ORDER BY x.account, x.organization, x.n DESC
  ON CONFLICT (account, organization) DO UPDATE SET role = excluded.role
))sql";

const std::string and_go = " SELECT count(*) FROM go";

void add(binary_array& to, const std::optional<timestamp>& when) {
  if (when)
    to.add(*when);
  else
    to.add_null();
}

std::string_view view(const std::string& text) {
  return text;
}

struct move_columns {
  explicit move_columns(const std::vector<checkpoint_move>& all) {
    for (const auto& one : all) {
      shard.add(static_cast<std::int16_t>(one.shard));
      from.add(one.from);
      upto.add(one.upto);
    }
  }

  binary_array shard{element::int2}, from{element::int8}, upto{element::int8};
};

struct order_columns {
  explicit order_columns(const std::map<uuid, order_change>& all) {
    for (const auto& [self, order] : all)
      if (order.begun)
        insert(self, order);
      else
        update(self, order);
  }

  void insert(const uuid& self, const order_change& order) {
    id.add(self);
    event.add(order.begun->event.value);
    buyer.add(order.begun->buyer.value);
    payment.add(order.payment->value);
    amount.add(*order.amount);
    created_at.add(order.begun->at);
    add(completed_at, order.completed_at);
    status.add(view(order.status));
    currency.add(view(order.begun->currency));
  }

  void update(const uuid& self, const order_change& order) {
    changed.add(self);
    new_status.add(view(order.status));
    if (order.payment)
      new_payment.add(order.payment->value);
    else
      new_payment.add_null();
    add(new_completed_at, order.completed_at);
  }

  binary_array id{element::uuid}, event{element::uuid}, buyer{element::uuid},
    payment{element::uuid}, amount{element::int8},
    created_at{element::timestamptz}, completed_at{element::timestamptz},
    status{element::text}, currency{element::text};
  binary_array changed{element::uuid}, new_status{element::text},
    new_payment{element::uuid}, new_completed_at{element::timestamptz};
};

struct payment_columns {
  explicit payment_columns(const std::map<uuid, payment_change>& all) {
    for (const auto& [self, payment] : all)
      if (payment.created)
        insert(self, *payment.created, payment);
      else
        update(self, payment);
  }

  void insert(const uuid& self, const payment::created& e,
              const payment_change& payment) {
    id.add(self);
    session.add(e.session.value);
    event.add(e.event.value);
    payer.add(e.payer.value);
    amount.add(e.amount.amount);
    created_at.add(e.at);
    expires_at.add(e.until);
    add(completed_at, payment.completed_at);
    status.add(view(payment.status));
    currency.add(view(e.amount.currency));
    method.add(view(e.method));
  }

  void update(const uuid& self, const payment_change& payment) {
    changed.add(self);
    new_status.add(view(payment.status));
    add(new_completed_at, payment.completed_at);
  }

  binary_array id{element::uuid}, session{element::uuid}, event{element::uuid},
    payer{element::uuid}, amount{element::int8},
    created_at{element::timestamptz}, expires_at{element::timestamptz},
    completed_at{element::timestamptz}, status{element::text},
    currency{element::text}, method{element::text};
  binary_array changed{element::uuid}, new_status{element::text},
    new_completed_at{element::timestamptz};
};

struct ticket_columns {
  explicit ticket_columns(const std::vector<ticket_row>& all) {
    for (const auto& one : all) {
      id.add(one.what.id.value);
      session.add(one.session.value);
      event.add(one.event.value);
      buyer.add(one.buyer.value);
      ticket_type.add(one.what.ticket_type.value);
      price.add(one.what.price);
      issued_at.add(one.issued_at);
      number.add(view(one.what.number));
      seat.add(view(one.what.seat));
      section.add(view(one.what.section));
      currency.add(view(one.currency));
    }
  }

  binary_array id{element::uuid}, session{element::uuid}, event{element::uuid},
    buyer{element::uuid}, ticket_type{element::uuid}, price{element::int8},
    issued_at{element::timestamptz}, number{element::text}, seat{element::text},
    section{element::text}, currency{element::text};
};

// -- what travels as JSON: arrays of objects, of which PostgreSQL makes rows

void put_created(json::object& to, const event::created& e) {
  const auto& what = e.what;
  to.put("organization", what.organization).put("owner", e.owner);
  to.put_time("starts_at", what.starts_at);
  to.put_time("sale_starts_at", what.sale_starts_at);
  to.put_time("sale_ends_at", what.sale_ends_at);
  to.put_time("created_at", e.at);
  to.put("sections", e.sections.size());
  to.put("title", what.title).put("venue", what.venue);
  to.put("artist_name", what.artist_name).put("category", what.category);
  to.put("search", search_text_of(what));
  to.put("document", document_of(what, e.at));
}

using event_row = std::pair<const uuid, event_change>;

std::string json_of(const std::vector<const event_row*>& rows) {
  std::string out;
  json::put_list(out, rows, [&](const event_row* row) {
    const auto& [self, event] = *row;
    std::vector<std::string> exhausted, back;
    for (const auto& [section, is_exhausted] : event.exhausted)
      (is_exhausted ? exhausted : back).push_back(section);
    json::object to{out};
    to.put("id", self).put("phase", event.phase);
    to.put("published", event.published);
    to.put("exhausted", exhausted).put("back", back);
    if (event.created)
      put_created(to, *event.created);
  });
  return out;
}

struct event_rows {
  std::string made;
  std::string changed;
};

event_rows json_of(const std::map<uuid, event_change>& all) {
  std::vector<const event_row*> made, changed;
  for (const auto& row : all)
    (row.second.created ? made : changed).push_back(&row);
  return {json_of(made), json_of(changed)};
}

std::string json_of(const std::map<uuid, layout_row>& all) {
  std::string out;
  json::put_list(out, all, [&](const auto& row) {
    const auto& [self, layout] = row;
    json::object to{out};
    to.put("id", self).put("owner", layout.owner);
    to.put("capacity", layout.capacity).put("sections", layout.sections);
    to.put_time("created_at", layout.created_at).put("name", layout.name);
  });
  return out;
}

std::string json_of(const std::vector<membership_row>& all) {
  std::string out;
  std::size_t n = 0;
  json::put_list(out, all, [&](const membership_row& one) {
    json::object to{out};
    to.put("n", n++).put("organization", one.organization);
    to.put("account", one.account).put("role", one.role);
  });
  return out;
}

} // namespace

std::vector<pg_statement> list_statements() {
  return {{"write_sales", fence_and_sales + and_go},
          {"write_lists", fence_and_sales + and_the_rest + and_go}};
}

void write_lists(pqxx::nontransaction& session, const list_changes& changes,
                 const std::vector<checkpoint_move>& moves) {
  move_columns m(moves);
  order_columns o(changes.orders);
  payment_columns p(changes.payments);
  ticket_columns t(changes.tickets);
  auto run = [&](const char* name, auto&&... more) {
    // One line for each table of the statement.
    session.exec_prepared(
      name, parameter(m.shard), parameter(m.from), parameter(m.upto),
      parameter(o.id), parameter(o.event), parameter(o.buyer),
      parameter(o.payment), parameter(o.amount), parameter(o.created_at),
      parameter(o.completed_at), parameter(o.status), parameter(o.currency),
      parameter(o.changed), parameter(o.new_status), parameter(o.new_payment),
      parameter(o.new_completed_at), parameter(p.id), parameter(p.session),
      parameter(p.event), parameter(p.payer), parameter(p.amount),
      parameter(p.created_at), parameter(p.expires_at),
      parameter(p.completed_at), parameter(p.status), parameter(p.currency),
      parameter(p.method), parameter(p.changed), parameter(p.new_status),
      parameter(p.new_completed_at), parameter(t.id), parameter(t.session),
      parameter(t.event), parameter(t.buyer), parameter(t.ticket_type),
      parameter(t.price), parameter(t.issued_at), parameter(t.number),
      parameter(t.seat), parameter(t.section), parameter(t.currency), more...);
  };
  if (changes.is_only_sales()) {
    run("write_sales");
    return;
  }
  auto events = json_of(changes.events);
  run("write_lists", events.made, events.changed, json_of(changes.layouts),
      json_of(changes.memberships));
}

} // namespace usher::persistence
