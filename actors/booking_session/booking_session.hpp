#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/booking_session.hpp"

#include <map>
#include <set>

/// The rules of a booking session. Pure: no actor, no clock, no I/O.
namespace usher::booking_session {

struct state {
  static constexpr entity_kind kind = entity_kind::booking_session;
  using command = booking_session::command;
  using fact = booking_session::fact;

  opened terms; ///< as it was opened
  booking_session::status status{};
  timestamp expires_at;
  std::vector<item> items;
  bool shared = false;   ///< the allowance counts each seat
  bool has_held = false; ///< something, once

  std::uint32_t attempts = 0; ///< checkouts so far
  std::uint32_t sale = 0;     ///< the number of the next sale to the session
  payment_id payment;         ///< of the last one
  std::string method;
  std::int64_t amount = 0;
  std::optional<uuid> request;              ///< that began it
  std::map<payment_id, std::int64_t> bills; ///< what each attempt asks for

  std::uint32_t round = 0;    ///< begins whenever it gives seats back
  std::set<block_id> thinned; ///< gave a seat back since the last checkout

  std::vector<ticket> tickets;
  timestamp completed_at;
  std::set<payment_id> refunds;
  std::set<block_id> owed; ///< may have sold for an order that came to nothing
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (terms, status, expires_at, items, shared, has_held,
                       attempts, sale, payment, method, amount, request, bills,
                       round, thinned, tickets, completed_at, refunds, owed))

/// How much longer the seats are held than the payment window lasts, so that a
/// payment in its last moment finds them.
constexpr duration grace = std::chrono::seconds{30};

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);

/// The end of the cart, or of the payment window; after it, while a block may
/// have sold what it has to take back.
std::optional<timestamp> wake_at(const state&);

/// {"session":{..}} and, from checkout on, {"payment":{..}} beside it.
std::string render(const state&, const uuid& self);

// -- shared by the files of these rules

/// Tickets in the cart.
std::uint32_t tickets_in(const std::vector<item>&);

/// The sum of the cart, in minor units; nothing if no number can hold it.
std::optional<std::int64_t> total_of(const std::vector<item>&);

/// What the session has in one block, in the canonical order of sections: all
/// sagas visit blocks in this order.
struct share_of_block {
  std::string section;
  block_id block;
  std::vector<std::string> seats; ///< `<row>-<number>`
  std::uint32_t places = 0;       ///< general admission

  std::uint32_t size() const {
    return static_cast<std::uint32_t>(seats.size()) + places;
  }
};

std::vector<share_of_block> by_block(const std::vector<item>&);

/// `<section>-<row>-<number>` without the section.
std::string within_block(const item&);

decision<state> decide_open(const state&, const uuid& self, const open&,
                            timestamp now);
decision<state> decide_hold(const state&, const uuid& self, const hold&,
                            timestamp now);
decision<state> decide_checkout(const state&, const uuid& self, const checkout&,
                                timestamp now);
decision<state> decide_settle(const state&, const uuid& self, const settle&,
                              timestamp now);
decision<state> decide_reconcile(const state&, const uuid& self,
                                 const reconcile&, timestamp now);

/// Buys what a session without a price holds: as if its money had come.
decision<state> buy_for_nothing(const state&, const uuid& self, timestamp now);

/// The payment of an attempt to check out. It is in the session's shard, so
/// both are always at one node: what they say to each other takes no hop, and
/// all of it is durable with one commit.
payment_id payment_of(const uuid& self, std::uint32_t attempt);

/// Tells the allowance that the session is over, and what it bought.
void leave_allowance(const state&, const uuid& self, std::uint32_t bought,
                     decision<state>&);

/// The last sale that can have come through in vain, when that has happened
/// too. What ends an attempt to sell, or begins one, gives the next sale a new
/// number: whoever undoes those before cannot undo it, however late.
std::uint32_t last_undone(state, const std::vector<fact>& happened);

/// The round as the blocks are told it; left out in the first.
std::optional<std::uint32_t> round_of(const state&);

/// The round that begins when that has happened. The letter that gives seats
/// back says it, and frees nothing that is held in it, however late it is. 0
/// for who cancels, and holds nothing any more.
std::uint32_t next_round(state, const std::vector<fact>& happened);

/// The letters that undo an order: what the blocks hold for the session, and
/// what they sold to it, goes back, last first. Not for a completed one.
void give_back(const state&, const uuid& self, decision<state>&);

/// The letters that end a session, however it ended: the allowance and the
/// waiting room hear of it. An allowance that does not count the session asks
/// it when the user opens the next one.
void say_farewell(const state&, const uuid& self, std::uint32_t bought,
                  decision<state>&);

/// Its time is over, after what else has happened: the seats go back.
decision<state> expire(const state&, const uuid& self,
                       std::vector<fact> happened = {});

} // namespace usher::booking_session
