#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/payment.hpp"

#include <array>

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
  std::uint32_t looked_again = 0;          ///< after it came to nothing
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (terms, status, completed_at, incidents, incident,
                       is_settled, looked_again))

/// How long the order has to answer before it is told again of the money, if
/// that came when the window was over. Before, the end of the window will do:
/// the provider repeats what it was not thanked for, and the order asks.
constexpr duration patience = std::chrono::seconds{5};

/// When, after the window, a payment that came to nothing is looked up once
/// more: the provider's news of a late success may be lost.
constexpr std::array<duration, 2> late_looks{std::chrono::minutes{5},
                                             std::chrono::hours{1}};

/// How long a provider is asked that does not answer the last of these.
constexpr duration last_patience = std::chrono::minutes{10};

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);

/// The end of the window, or of the patience with the order or a refund; the
/// next look after all has come to nothing.
std::optional<timestamp> wake_at(const state&);

/// {"payment":{..}}
std::string render(const state&, const uuid& self);

} // namespace usher::payment
