#pragma once

#include "protocol/codec.hpp"
#include "protocol/messages.hpp"
#include "protocol/organization.hpp"
#include "protocol/payment.hpp"
#include "tests/support/stores.hpp"

/// Facts of a sale, as entities would journal them.
namespace usher::test {

/// What is said of an event that a test wants.
struct wanted_event {
  std::string title = "Night of Lanterns";
  std::string venue = "Lotus Arena";
  std::string artist_name = "An";
  std::string category = "concert";
  std::string description = "Two evenings.";
  timestamp sale_starts_at{std::chrono::hours{1}};
  timestamp sale_ends_at{std::chrono::hours{100}};
  timestamp starts_at{std::chrono::hours{101}};
};

/// Journals what it is told and remembers it as the writer would publish it.
class seller {
public:
  explicit seller(store& where) : writer_(where) {}

  template <class Fact>
  void say(const entity_id& who, const std::vector<Fact>& facts) {
    writer_.add(who, encode_facts(facts));
    const auto& row = writer_.next.rows.back();
    news.push_back({row.shard, row.lsn, row.what});
  }

  /// What is journaled, but no list's business.
  void say_aside(const entity_id& who) {
    writer_.add(who, "[]");
    writer_.next.rows.back().what.is_listed = false;
  }

  void commit() {
    if (writer_.commit_stubbornly() != persistence::verdict::durable)
      throw std::logic_error("fenced");
  }

  organization_id found(account_id owner) {
    const organization_id id{mint_uuid()};
    say<organization::fact>({entity_kind::organization, id.value},
                            {organization::created{owner, "Lantern Ltd"}});
    return id;
  }

  event_id draft(organization_id whose, const wanted_event& wanted = {}) {
    const event_id id{mint_uuid()};
    event::profile what;
    what.organization = whose;
    what.title = wanted.title;
    what.venue = wanted.venue;
    what.artist_name = wanted.artist_name;
    what.category = wanted.category;
    what.description = wanted.description;
    what.currency = "VND";
    what.timezone = "Asia/Ho_Chi_Minh";
    what.starts_at = wanted.starts_at;
    what.sale_starts_at = wanted.sale_starts_at;
    what.sale_ends_at = wanted.sale_ends_at;
    what.ticket_types = {{{mint_uuid()}, "Tier 1", 1'200'000, {"A", "B"}}};
    std::vector<event::sold_section> sections(2);
    sections[0].name = "A";
    sections[1].name = "B";
    tell(id, event::created{{}, what, sections, now()});
    return id;
  }

  event_id publish(organization_id whose, const wanted_event& wanted = {}) {
    const auto id = draft(whose, wanted);
    tell(id, event::configured{});
    tell(id, event::approved{});
    tell(id, event::published{});
    return id;
  }

  void tell(event_id id, event::fact what) {
    say<event::fact>({entity_kind::event, id.value}, {std::move(what)});
  }

  void tell(session_id id, booking_session::fact what) {
    say<booking_session::fact>({entity_kind::booking_session, id.value},
                               {std::move(what)});
  }

  void tell(payment_id id, payment::fact what) {
    say<payment::fact>({entity_kind::payment, id.value}, {std::move(what)});
  }

  struct sale {
    session_id session;
    payment_id payment;
    std::vector<ticket_id> tickets;
  };

  /// Up to the payment's beginning.
  sale check_out(event_id event, account_id buyer,
                 session_id session = {mint_uuid()}, timestamp at = now()) {
    sale out{session, {derive_uuid(session.value, "payment:1")}, {}};
    tell(session,
         booking_session::checkout_started{out.payment, "sandbox", 2'400'000,
                                           now(), event, buyer, "VND", at});
    tell(out.payment,
         payment::created{
           session, event, buyer, {2'400'000, "VND"}, "sandbox", now(), at});
    return out;
  }

  void pay(sale& one, event_id event, account_id buyer) {
    booking_session::completed done{one.payment, {},    false, now(),
                                    event,       buyer, "VND"};
    for (int i = 0; i < 2; ++i) {
      const ticket_id id{
        derive_uuid(one.session.value, "ticket:" + std::to_string(i))};
      one.tickets.push_back(id);
      done.tickets.push_back({id,
                              "TK-0000-0000-000" + std::to_string(i),
                              "A-1-" + std::to_string(i + 1),
                              "A",
                              {mint_uuid()},
                              1'200'000});
    }
    tell(one.payment, payment::completed{"callback", now()});
    tell(one.session, done);
  }

  sale sell(event_id event, account_id buyer) {
    auto out = check_out(event, buyer);
    pay(out, event, buyer);
    return out;
  }

  std::vector<published_entry> news;

private:
  node writer_;
};

} // namespace usher::test
