#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/payment.hpp"

/// The rules of a payment. Pure: no actor, no clock, no I/O.
namespace usher::payment {

struct state {
  static constexpr entity_kind kind = entity_kind::payment;
  using command = payment::command;
  using fact = payment::fact;

  created terms;
  payment::status status{};
  timestamp completed_at;
  std::uint32_t incidents = 0;
  std::optional<amount_mismatch> incident; ///< the last one
  bool is_settled = false;                 ///< the order keeps the money
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (terms, status, completed_at, incidents, incident,
                       is_settled))

/// How long the order has to answer before it is told again of the money, if
/// that came when the window was over. Before, the end of the window will do:
/// the provider repeats what it was not thanked for, and the order asks.
constexpr duration patience = std::chrono::seconds{5};

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);

/// The end of the window, or of the patience with the order or a refund.
std::optional<timestamp> wake_at(const state&);

/// {"payment":{..}}
std::string render(const state&, const uuid& self);

} // namespace usher::payment
