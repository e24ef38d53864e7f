#pragma once

#include "tests/simulation/provider.hpp"
#include "tests/support/sale.hpp"

/// An organizer who puts a concert on sale, and buyers who do as they like.
namespace usher::simulation {

struct plot {
  unsigned buyers = 12;
  bool waiting_room = false;
  bool cancels = false; ///< the organizer calls the concert off in mid-sale
};

inline const std::vector<section>& venue() {
  static const std::vector<section> all{test::seats_of("A", 2, 5),
                                        test::seats_of("B", 1, 6),
                                        test::floor_of("FLOOR", 12)};
  return all;
}

class people {
public:
  people(world& w, outside& o, provider& p, plot what)
    : world_(w), outside_(o), provider_(p), plot_(what) {}

  const std::vector<session_id>& sessions() const { return sessions_; }

  void begin() { prepare(0); }

private:
  static constexpr std::uint8_t hall = 70;
  static constexpr std::uint8_t arena = 72;

  static account_id person(unsigned n) {
    return {test::nth(static_cast<std::uint8_t>(100 + n))};
  }

  std::chrono::milliseconds seconds(std::uint64_t from, std::uint64_t to) {
    return std::chrono::milliseconds{from * 1000
                                     + world_.any((to - from) * 1000)};
  }

  request_key fresh_key() {
    return {derive_uuid(test::nth(99), "key:" + std::to_string(++keys_)), 1};
  }

  // -- the organizer

  event::profile concert() const {
    event::profile out;
    out.organization = {test::nth(hall)};
    out.layout = {test::nth(arena)};
    out.title = "Concert";
    out.venue = "Arena";
    out.currency = "EUR";
    out.timezone = "Europe/Berlin";
    out.starts_at = test::t0 + 24h;
    out.sale_starts_at = test::t0 + 5min;
    out.sale_ends_at = test::t0 + 2h;
    out.ticket_types = {{{}, "Seat", test::seat_price, {"A", "B"}},
                        {{}, "Floor", test::floor_price, {"FLOOR"}}};
    out.rules = test::rules_of_sale();
    out.rules.waiting_room = {plot_.waiting_room, 4, 2, 120, 25};
    return out;
  }

  std::pair<entity_id, any_command> preparation(int step) const {
    const entity_id event{entity_kind::event, test::concert.value};
    switch (step) {
      case 0:
        return {{entity_kind::organization, test::nth(hall)},
                organization::command{organization::create{test::ada, "Hall"}}};
      case 1:
        return {{entity_kind::layout, test::nth(arena)},
                layout::command{layout::create{test::ada, "Arena", venue()}}};
      case 2: {
        event::create what;
        what.caller = test::ada;
        what.wanted = std::make_shared<const event::profile>(concert());
        return {event, event::command{what}};
      }
      default:
        event::advance what;
        what.caller = test::ada;
        what.to = static_cast<event::step>(step - 3);
        return {event, event::command{what}};
    }
  }

  /// Organization, layout, event, configure, approve, publish; then buyers.
  void prepare(int step) {
    if (step == 6)
      return open_the_doors();
    auto [to, what] = preparation(step);
    outside_.insist(
      to, what, fresh_key(),
      [=, this](const answer* got) {
        const bool done =
          got && (got->granted() || got->refused == errc::already_exists);
        prepare(done ? step + 1 : step);
      },
      50);
  }

  void open_the_doors() {
    for (unsigned n = 0; n < plot_.buyers; ++n)
      world_.after(seconds(0, 900), [=, this] { come(n, 0); });
    if (plot_.cancels)
      world_.after(seconds(600, 2400), [this] {
        outside_.ask(test::block("B"), seat_block::command{seat_block::close{}},
                     [](const answer*) {});
      });
    if (plot_.cancels)
      world_.after(seconds(900, 3600), [=, this] { call_off(); });
    for (int i = 0; i < 4; ++i)
      world_.after(seconds(300, 3600), [=, this] { set_aside(); });
    for (int i = 0; plot_.waiting_room && i < 4; ++i)
      world_.after(seconds(0, 3600), [=, this] { run_the_room(); });
  }

  void run_the_room() {
    const entity_id room{entity_kind::waiting_room,
                         waiting_room::key_of(test::concert)};
    auto say = [&](waiting_room::command what) {
      outside_.insist(room, std::move(what), fresh_key(), [](const answer*) {});
    };
    if (world_.chance(30))
      return say(waiting_room::clear{});
    waiting_room::change_rate what;
    what.max_active = 1 + static_cast<std::uint32_t>(world_.any(6));
    what.batch = 1 + static_cast<std::uint32_t>(world_.any(3));
    say(what);
  }

  void call_off() {
    auto [to, what] = preparation(3 + static_cast<int>(event::step::cancel));
    outside_.insist(
      to, what, fresh_key(), [](const answer*) {}, 50);
  }

  void set_aside() {
    const std::vector<std::string> seats{any_seat("A"), any_seat("A")};
    auto say = [this](seat_block::command what) {
      outside_.ask(test::block("A"), std::move(what), [](const answer*) {});
    };
    say(seat_block::block_seats{seats, "camera"});
    if (world_.chance(70))
      world_.after(seconds(10, 900),
                   [=] { say(seat_block::unblock_seats{seats}); });
  }

  // -- buyers

  struct visit {
    unsigned who = 0;
    session_id session;
    std::uint64_t number = 0; ///< in the queue
    int actions = 0;
    std::string status;
    std::vector<std::string> cart;
  };

  using visit_ptr = std::shared_ptr<visit>;

  std::string any_seat(const std::string& section) {
    if (section == "B")
      return "1-" + std::to_string(1 + world_.any(6));
    return std::to_string(1 + world_.any(2)) + '-'
           + std::to_string(1 + world_.any(5));
  }

  void come(unsigned who, int visits) {
    if (visits >= 3 || world_.now() > test::t0 + 100min)
      return;
    if (plot_.waiting_room)
      queue(who, visits);
    else
      open(who, 0);
    world_.after(seconds(30, 1800), [=, this] { come(who, visits + 1); });
  }

  void queue(unsigned who, int patience) {
    queue_slot::join wanted{test::concert, person(who), {}, 0};
    const entity_id slot{entity_kind::queue_slot,
                         queue_slot::key_of(test::concert, person(who))};
    outside_.ask(slot, queue_slot::command{wanted}, [=, this](const answer* a) {
      auto* got = a ? std::get_if<queue_slot::standing>(&a->reply) : nullptr;
      if (got && got->status == queue_slot::state_name::admitted)
        open(who, got->number);
      else if (patience < 40 && world_.chance(97))
        world_.after(seconds(2, 30), [=, this] { queue(who, patience + 1); });
      else
        outside_.ask(slot, queue_slot::command{queue_slot::leave{}},
                     [](const answer*) {});
    });
  }

  void open(unsigned who, std::uint64_t number) {
    auto me = std::make_shared<visit>();
    me->who = who;
    me->number = number;
    me->session = {derive_uuid(test::nth(98),
                               "session:" + std::to_string(sessions_.size()))};
    sessions_.push_back(me->session);
    booking_session::open what;
    what.caller = person(who);
    what.event = test::concert;
    what.queue_number = number;
    ask(me, what, [=, this] { think(me); });
  }

  template <class Command, class Then>
  void ask(const visit_ptr& me, const Command& what, Then then) {
    const entity_id to{entity_kind::booking_session, me->session.value};
    for (auto n = world_.chance(10) ? world_.any(5) : 0; n > 0; --n) // clicks
      outside_.ask(to, booking_session::command{what}, [](const answer*) {});
    outside_.insist(to, booking_session::command{what}, fresh_key(),
                    [=, this](const answer* got) {
                      if (got)
                        read(me, *got);
                      then();
                    });
  }

  void read(const visit_ptr& me, const answer& got) {
    auto* text = std::get_if<document>(&got.reply);
    if (!got.granted() || !text)
      return;
    const auto all = json::parse(text->json).as_object();
    const auto& session = all.at("session").as_object();
    me->status = json::get<std::string>(session.at("status"));
    me->cart.clear();
    for (const auto& seat : session.at("seats").as_array())
      me->cart.push_back(json::get<std::string>(seat.at("id")));
    auto* payment = all.if_contains("payment");
    if (me->status == "checkout" && payment)
      provider_.visit({json::get<uuid>(payment->at("id"))},
                      json::get<money>(payment->at("amount")));
  }

  void think(const visit_ptr& me) {
    const bool over = me->status == "completed" || me->status == "cancelled"
                      || me->status == "expired" || me->status.empty();
    if (over || ++me->actions > 14 || world_.chance(3))
      return;
    const bool long_pause = world_.chance(7);
    world_.after(long_pause ? seconds(300, 1500) : seconds(0, 20),
                 [=, this] { act(me); });
  }

  void act(const visit_ptr& me) {
    const auto caller = person(me->who);
    auto next = [=, this] { think(me); };
    const auto what = world_.any(100);
    if (me->status == "checkout" && what < 80)
      return ask(me, booking_session::describe{caller}, next);
    if (what < 55)
      return ask(me, a_wish(caller), next);
    if (what < 65 && !me->cart.empty())
      return ask(
        me,
        booking_session::remove{caller, me->cart[world_.any(me->cart.size())]},
        next);
    if (what < 70)
      return ask(me, booking_session::extend{caller, false, {}, 0, {}}, next);
    if (what < 73)
      return ask(me, booking_session::cancel{caller}, next);
    booking_session::checkout pay;
    pay.caller = caller;
    pay.method = "card";
    ask(me, pay, next);
  }

  booking_session::hold a_wish(account_id caller) {
    booking_session::hold out;
    out.caller = caller;
    switch (world_.any(4)) {
      case 0:
        out.wanted.best_available =
          1 + static_cast<std::uint32_t>(world_.any(3));
        break;
      case 1:
        out.wanted.places = {
          {{derive_uuid(test::concert.value, "ticket_type:1")},
           1 + static_cast<std::uint32_t>(world_.any(3))}};
        break;
      default:
        for (auto n = 1 + world_.any(3); n > 0; --n) {
          const std::string section = world_.chance(50) ? "A" : "B";
          out.wanted.seats.push_back(section + '-' + any_seat(section));
        }
    }
    return out;
  }

  world& world_;
  outside& outside_;
  provider& provider_;
  plot plot_;
  std::vector<session_id> sessions_;
  std::uint64_t keys_ = 0;
};

} // namespace usher::simulation
