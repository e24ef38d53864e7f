#pragma once

#include "persistence/postgres/pg_link.hpp"
#include "protocol/payment.hpp"

#include <span>

namespace usher::persistence {

/// What the sandbox is to do with a payment.
struct sandbox_play {
  payment_id payment;
  payment::report what = payment::report::succeeded;
  money amount;
  timestamp at; ///< not before; none = now
};

/// What the provider calls such news in its webhooks.
std::string_view callback_type(payment::report);

/// Names the callback that tells of a play: the same play, the same name.
uuid callback_of(const sandbox_play&);

/// The book of the built-in payment provider, shared by all nodes. A callback
/// that is entered is owed until it is marked as taken. Whoever enters or
/// claims it has it to itself for six seconds; then any node may claim it, so
/// one that dies in between costs a delay and perhaps a second delivery, never
/// the callback. After twelve claims it is given up. Every call may throw
/// `unavailable`, and may then be made again as it was. For one thread.
class sandbox_book {
public:
  explicit sandbox_book(pg_options);

  /// Makes plays durable and claims those that are not for later. What is in
  /// the book already stays as it is.
  void enter(std::span<const sandbox_play>);

  /// These callbacks were taken: they are never claimed again.
  void mark_taken(std::span<const uuid> callbacks);

  /// These could not be delivered: each may be claimed again after a pause that
  /// grows with its tries, up to 30 s.
  void put_off(std::span<const uuid> callbacks);

  /// Claims callbacks that are due, oldest first, at most `limit`.
  std::vector<sandbox_play> claim(int limit);

  /// The last that was done with a payment up to now; nothing if nobody paid
  /// or refused to.
  std::optional<sandbox_play> look_up(payment_id);

  /// Enters a refund. A second one of the same payment is the first one.
  void refund(payment_id, const money&);

private:
  void move(const char* statement, std::span<const uuid> callbacks);

  pg_link link_;
};

} // namespace usher::persistence
