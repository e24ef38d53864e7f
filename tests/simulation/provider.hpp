#pragma once

#include "tests/simulation/outside.hpp"

/// A payment provider: it pays, fails, forgets, repeats, pays late and pays
/// wrong amounts; its calls are lost now and then.
namespace usher::simulation {

struct charge {
  money amount;
  bool captured = false; ///< the right amount
  bool failed = false;
  bool expired = false;
  bool refunded = false;
  bool comes_late = false;
  bool comes_very_late = false; ///< perhaps when nobody asks any more
};

class provider {
public:
  provider(world& w, outside& o) : world_(w), outside_(o) {
    world_.on_errand = [this](const errand& what) {
      if (auto* call = std::get_if<refund_call>(&what))
        refund(*call);
      else
        tell(std::get<inquiry_call>(what).payment);
    };
  }

  const std::map<payment_id, charge>& charges() const { return charges_; }

  /// The buyer is sent to the payment page.
  void visit(payment_id who, const money& amount) {
    if (!charges_.try_emplace(who, charge{amount, {}, {}, {}, {}, {}, {}})
           .second)
      return;
    const auto fate = world_.any(100);
    if (fate < 55)
      world_.after(seconds(1, 20), [=, this] { capture(who); });
    else if (fate < 67)
      world_.after(seconds(1, 20), [=, this] { fail(who); });
    else if (fate < 72)
      world_.after(seconds(60, 1200), [=, this] { expire(who); });
    else if (fate < 84)
      come_late(who);
    else if (fate < 92)
      pay_wrong(who);
  }

private:
  using report = payment::report;

  duration seconds(std::uint64_t from, std::uint64_t to) {
    return std::chrono::milliseconds{from * 1000
                                     + world_.any((to - from) * 1000)};
  }

  void capture(payment_id who) {
    auto& one = charges_.at(who);
    if (one.expired && !one.comes_late)
      return;
    one.captured = true;
    // A webhook that gets lost is found by asking, now or long after the end:
    // unless we asked for the last time before.
    const bool is_told = one.comes_very_late || world_.chance(80);
    for (auto n = 1 + world_.any(3); n > 0; --n)
      world_.after(seconds(0, 5), [=, this] {
        notify(who, report::succeeded, is_told ? 40 : 1);
      });
  }

  void fail(payment_id who) {
    charges_.at(who).failed = true;
    notify(who, report::failed, 5);
  }

  void expire(payment_id who) {
    auto& one = charges_.at(who);
    if (!one.captured)
      one.expired = true;
    notify(who, one.captured ? report::succeeded : report::expired, 5);
  }

  void come_late(payment_id who) {
    auto& one = charges_.at(who);
    one.comes_late = true;
    one.comes_very_late = world_.chance(50);
    world_.after(one.comes_very_late ? seconds(600, 3600) : seconds(600, 1800),
                 [=, this] { capture(who); });
  }

  void pay_wrong(payment_id who) {
    auto wrong = charges_.at(who).amount;
    wrong.amount -= 1;
    notify(who, report::succeeded, 5, wrong);
    if (world_.chance(50))
      world_.after(seconds(5, 60), [=, this] { capture(who); });
  }

  void notify(payment_id who, report what, int tries,
              std::optional<money> amount = {}) {
    payment::notify out;
    out.callback = "cb-" + std::to_string(++callbacks_);
    out.what = what;
    out.amount = amount.value_or(charges_.at(who).amount);
    outside_.ask({entity_kind::payment, who.value}, payment::command{out},
                 [=, this](const answer* got) {
                   if (tries > 1 && (!got || http_status(got->refused) >= 500))
                     world_.after(seconds(2, 30), [=, this] {
                       notify(who, what, tries - 1, amount);
                     });
                 });
  }

  /// Asked how it stands, it answers once.
  void tell(payment_id who) {
    auto& one = charges_[who];
    if (one.captured)
      return notify(who, report::succeeded, 1);
    if (one.comes_late && world_.chance(50))
      return;
    if (!one.failed)
      one.expired = true;
    notify(who, one.failed ? report::failed : report::expired, 1);
  }

  void refund(const refund_call& call) {
    if (world_.chance(20))
      return; // the call is lost
    auto& one = charges_.at(call.payment);
    EXPECT_TRUE(one.captured) << "a refund of what was never paid";
    EXPECT_EQ(one.amount, call.amount);
    const bool accepted = world_.chance(80) || one.refunded;
    one.refunded = accepted;
    world_.after(seconds(0, 10), [=, this] {
      world_.ask({{entity_kind::payment, call.payment.value},
                  payment::command{payment::refund_done{accepted}}});
    });
  }

  world& world_;
  outside& outside_;
  std::map<payment_id, charge> charges_;
  std::uint64_t callbacks_ = 0;
};

} // namespace usher::simulation
