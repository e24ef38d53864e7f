#include "persistence/postgres/sandbox_book.hpp"

#include "persistence/postgres/columns.hpp"

namespace usher::persistence {

namespace {

// The book's own clock decides what is due: nodes need not agree on the time.
constexpr auto enter_plays = R"sql(
INSERT INTO sandbox_callback
  (callback, payment, report, amount, currency, at, due)
SELECT p.callback, p.payment, p.report, p.amount, p.currency,
       greatest(p.at, t.now),
       CASE WHEN p.at > t.now THEN p.at ELSE t.now + interval '6 s' END
FROM (SELECT unnest($1::uuid[]) AS callback, unnest($2::uuid[]) AS payment,
             unnest($3::smallint[]) AS report, unnest($4::bigint[]) AS amount,
             unnest($5::text[]) AS currency,
             unnest($6::timestamptz[]) AS at) p,
     (SELECT clock_timestamp() AS now) t
ON CONFLICT (callback) DO NOTHING)sql";

// Both only save work: if the server forgets them in a crash, a callback is
// sent once more. So nobody waits for the disk.
constexpr auto mark_as_taken = R"sql(
WITH lazily AS MATERIALIZED (
  SELECT set_config('synchronous_commit', 'off', true))
UPDATE sandbox_callback SET due = NULL FROM lazily
WHERE callback = ANY ($1::uuid[]))sql";

constexpr auto put_off_a_while = R"sql(
WITH lazily AS MATERIALIZED (
  SELECT set_config('synchronous_commit', 'off', true))
UPDATE sandbox_callback
SET due = clock_timestamp()
          + least(interval '30 s', interval '200 ms' * 2 ^ tries)
FROM lazily
WHERE callback = ANY ($1::uuid[]) AND due IS NOT NULL)sql";

constexpr auto claim_due = R"sql(
UPDATE sandbox_callback c
SET tries = tries + 1,
    due = CASE WHEN tries < 11 THEN clock_timestamp() + interval '6 s' END
WHERE c.callback = ANY (ARRAY(
  SELECT callback FROM sandbox_callback WHERE due <= clock_timestamp()
  ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING payment, report, amount, currency)sql";

constexpr auto find_last = R"sql(
SELECT payment, report, amount, currency FROM sandbox_callback
WHERE payment = $1::uuid AND at <= clock_timestamp()
ORDER BY number DESC LIMIT 1)sql";

constexpr auto enter_refund = R"sql(
INSERT INTO sandbox_refund (payment, amount, currency)
VALUES ($1::uuid, $2, $3) ON CONFLICT (payment) DO NOTHING)sql";

sandbox_play read_play(const pqxx::row& row) {
  sandbox_play out;
  out.payment = payment_id{id_in(row[0])};
  out.what = static_cast<payment::report>(row[1].as<int>());
  out.amount = {row[2].as<std::int64_t>(), row[3].as<std::string>()};
  return out;
}

} // namespace

std::string_view callback_type(payment::report what) {
  switch (what) {
    case payment::report::succeeded:
      return "payment.succeeded";
    case payment::report::failed:
      return "payment.failed";
    case payment::report::expired:
      return "payment.expired";
  }
  return "?";
}

uuid callback_of(const sandbox_play& play) {
  return derive_uuid(play.payment.value,
                     std::string{callback_type(play.what)}
                       + std::to_string(play.amount.amount));
}

sandbox_book::sandbox_book(pg_options options)
  : link_(std::move(options), {{"enter", enter_plays},
                               {"taken", mark_as_taken},
                               {"put_off", put_off_a_while},
                               {"claim", claim_due},
                               {"look_up", find_last},
                               {"refund", enter_refund}}) {}

void sandbox_book::enter(std::span<const sandbox_play> plays) {
  if (plays.empty())
    return;
  binary_array callback(element::uuid), payment(element::uuid),
    report(element::int2), amount(element::int8), currency(element::text),
    at(element::timestamptz);
  for (const auto& play : plays) {
    callback.add(callback_of(play));
    payment.add(play.payment.value);
    report.add(static_cast<std::int16_t>(play.what));
    amount.add(play.amount.amount);
    currency.add(std::string_view{play.amount.currency});
    at.add(play.at);
  }
  link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(
      "enter", parameter(callback), parameter(payment), parameter(report),
      parameter(amount), parameter(currency), parameter(at));
  });
}

void sandbox_book::move(const char* statement,
                        std::span<const uuid> callbacks) {
  if (callbacks.empty())
    return;
  binary_array names(element::uuid, callbacks.size());
  for (const auto& one : callbacks)
    names.add(one);
  link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(statement, parameter(names));
  });
}

void sandbox_book::mark_taken(std::span<const uuid> callbacks) {
  move("taken", callbacks);
}

void sandbox_book::put_off(std::span<const uuid> callbacks) {
  move("put_off", callbacks);
}

std::vector<sandbox_play> sandbox_book::claim(int limit) {
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("claim", limit);
  });
  std::vector<sandbox_play> out;
  for (const auto& row : rows)
    out.push_back(read_play(row));
  return out;
}

std::optional<sandbox_play> sandbox_book::look_up(payment_id payment) {
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("look_up", to_string(payment.value));
  });
  if (rows.empty())
    return std::nullopt;
  return read_play(rows[0]);
}

void sandbox_book::refund(payment_id payment, const money& amount) {
  link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("refund", to_string(payment.value),
                                 amount.amount, amount.currency);
  });
}

} // namespace usher::persistence
