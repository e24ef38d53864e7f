#include "actors/event/event.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::event;

/// What makes no sense in an event, whatever its layout is.

namespace {

profile a_concert() {
  profile out;
  out.title = "Concert";
  out.venue = "Arena";
  out.currency = "EUR";
  out.timezone = "Europe/Berlin";
  out.starts_at = t0 + 48h;
  out.sale_starts_at = t0 + 1h;
  out.sale_ends_at = t0 + 24h;
  out.ticket_types = {{{}, "Seat", 5000, {"A"}},
                      {{}, "Floor", 2000, {"FLOOR"}}};
  return out;
}

/// The field of a concert that `change` spoils.
template <class Change>
std::string wrong_in(Change change) {
  auto what = a_concert();
  change(what);
  return misfit(what).value_or(wrong_field{}).field;
}

} // namespace

TEST(event_misfit, is_none_of_an_ordinary_concert) {
  EXPECT_EQ(wrong_in([](profile&) {}), "");
}

TEST(event_misfit, is_found_in_texts_by_counting_letters_and_not_bytes) {
  const auto letters = [](std::size_t n) {
    std::string out;
    while (n-- > 0)
      out += "석";
    return out;
  };
  EXPECT_EQ(wrong_in([&](profile& p) { p.title = letters(300); }), "");
  EXPECT_EQ(wrong_in([&](profile& p) { p.title = letters(301); }), "title");
  EXPECT_EQ(wrong_in([&](profile& p) { p.description = letters(10'000); }), "");
  EXPECT_EQ(wrong_in([&](profile& p) { p.description = letters(10'001); }),
            "description");
  EXPECT_EQ(wrong_in([&](profile& p) { p.address = letters(1'001); }),
            "address");
  EXPECT_EQ(
    wrong_in([&](profile& p) { p.ticket_types[0].name = letters(200); }), "");
}

TEST(event_misfit, is_found_in_ticket_types) {
  EXPECT_EQ(wrong_in([](profile& p) { p.ticket_types.clear(); }),
            "ticket_types");
  EXPECT_EQ(wrong_in([](profile& p) { p.ticket_types[1].price = -5; }),
            "ticket_types[1].price");
  EXPECT_EQ(wrong_in([](profile& p) { p.ticket_types[0].name.clear(); }),
            "ticket_types[0].name");
  EXPECT_EQ(wrong_in([](profile& p) { p.ticket_types[0].sections.clear(); }),
            "ticket_types[0].sections");
}

TEST(event_misfit, is_found_in_times) {
  EXPECT_EQ(wrong_in([](profile& p) { p.sale_ends_at = p.sale_starts_at; }),
            "sale_ends_at");
  EXPECT_EQ(wrong_in([](profile& p) { p.starts_at = p.sale_starts_at - 1ms; }),
            "starts_at");
  EXPECT_EQ(wrong_in([](profile& p) { p.starts_at = p.sale_starts_at; }), "")
    << "tickets may be sold until the end, and not only until the beginning";
}

TEST(event_misfit, is_found_in_settings) {
  EXPECT_EQ(wrong_in([](profile& p) { p.rules.hold_seconds = 0; }),
            "settings.hold_seconds");
  EXPECT_EQ(wrong_in([](profile& p) { p.rules.checkout_seconds = 86'401; }),
            "settings.checkout_seconds");
  EXPECT_EQ(wrong_in([](profile& p) { p.rules.max_per_user = 0; }),
            "settings.max_per_user");
  EXPECT_EQ(wrong_in([](profile& p) { p.rules.waiting_room.max_active = 0; }),
            "settings.waiting_room.max_active");
  EXPECT_EQ(
    wrong_in([](profile& p) { p.rules.waiting_room.show_up_seconds = 1; }),
    "settings.waiting_room.show_up_seconds");
}
