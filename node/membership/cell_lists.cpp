#include "node/membership/cell_lists.hpp"

#include "node/log.hpp"

#include <chrono>
#include <mutex>

namespace usher {

using persistence::list_part;
using persistence::read_model;
using persistence::read_pool;
using clock = std::chrono::steady_clock;

namespace {

constexpr auto leave_out = std::chrono::seconds{1};
constexpr auto quick = std::chrono::milliseconds{500};

std::int64_t now() {
  return clock::now().time_since_epoch().count();
}

/// What nobody has looked at for a while may have changed.
bool is_fresh(std::int64_t silent_until) {
  return silent_until + 2 * clock::duration{leave_out}.count() > now();
}

} // namespace

std::map<cell_no, persistence::pg_options>
databases_of(const config::cluster& chosen,
             const persistence::pg_options& own) {
  // Who waits for a cell that is silent must still get the rows of others.
  constexpr duration patience{2'000};
  const auto session = "usher of cell " + std::to_string(chosen.cell);
  cell_lists::databases out;
  for (const auto& one : chosen.cells)
    out[one.number] = {one.database, patience, session};
  auto& ours = out[chosen.cell] = own;
  if (out.size() > 1)
    ours.patience = patience;
  return out;
}

/// What one query of several cells has come to.
struct cell_lists::gathering {
  void take(errc why, std::optional<result<list_part>> part) {
    std::unique_lock guard{lock};
    if (part && *part)
      said.parts.push_back(std::move(**part));
    else if (part)
      refused = part->error();
    else
      said.is_incomplete = true;
    if (why != errc::ok)
      silent = why;
    if (--missing > 0)
      return;
    guard.unlock();
    if (refused != errc::ok)
      done(refused);
    else if (said.parts.empty())
      done(silent);
    else
      done(std::move(said));
  }

  std::mutex lock;
  std::size_t missing = 0;
  gathered said;
  errc refused = errc::ok;
  errc silent = errc::unavailable;
  std::function<void(result<gathered>)> done;
};

cell_lists::cell_lists(const databases& all, std::size_t threads) {
  for (const auto& [cell, database] : all)
    cells_.try_emplace(cell,
                       persistence::read_pool_settings{database, threads});
}

/// Nobody waits for the answer: who asks meanwhile is told at once that it is
/// silent.
void cell_lists::one_cell::probe_if_due() {
  auto until = silent_until.load();
  const auto next = now() + clock::duration{leave_out}.count();
  if (until == 0 || until > now()
      || !silent_until.compare_exchange_strong(until, next))
    return;
  pool.run([this](read_model& model) {
    attempt([](read_model& it) { it.organizations_of({}); }, model, true);
  });
}

/// The connection may be broken while the database is back already: so a
/// failure that came quickly is worth another try.
errc cell_lists::one_cell::attempt(const read_pool::job& work,
                                   read_model& model, bool may_leave_out) {
  const auto begun = clock::now();
  for (int tries_left = 1;; --tries_left)
    try {
      work(model);
      silent_until = 0;
      return errc::ok;
    } catch (const persistence::unavailable&) {
      if (tries_left > 0 && clock::now() - begun < quick)
        continue;
      if (may_leave_out)
        silent_until = now() + clock::duration{leave_out}.count();
      return errc::unavailable;
    } catch (const std::exception& why) {
      log::error("list_query_failed", {{"why", why.what()}});
      return errc::internal;
    }
}

/// Others may find it silent while this one waits for its turn.
void cell_lists::run(cell_no number, read_pool::job work,
                     std::function<void(errc)> done) {
  auto& cell = cells_.at(number);
  const bool is_left_out = cell.is_silent() && is_fresh(cell.silent_until);
  if (is_left_out) {
    cell.probe_if_due();
    return done(errc::unavailable);
  }
  const bool may_leave_out = cells_.size() > 1;
  auto job = [&cell, may_leave_out, work = std::move(work),
              done](read_model& model) {
    const bool is_silent = cell.is_silent() && is_fresh(cell.silent_until);
    done(is_silent ? errc::unavailable
                   : cell.attempt(work, model, may_leave_out));
  };
  if (!cell.pool.run(std::move(job)))
    done(errc::overloaded);
}

void cell_lists::gather(std::function<result<list_part>(read_model&)> work,
                        std::function<void(result<gathered>)> done) {
  auto all = std::make_shared<gathering>();
  all->missing = cells_.size();
  all->done = std::move(done);
  for (const auto& [number, cell] : cells_) {
    auto part = std::make_shared<std::optional<result<list_part>>>();
    auto look = [work, part](read_model& model) { *part = work(model); };
    run(number, look,
        [all, part](errc why) { all->take(why, std::move(*part)); });
  }
}

} // namespace usher
