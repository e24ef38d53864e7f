#include "actors/event/event.hpp"
#include "actors/waiting_room/waiting_room.hpp"
#include "protocol/characters.hpp"

#include <optional>
#include <string_view>

namespace usher::event {

namespace {

/// Prices beyond this are typing errors, and sums of them might overflow.
constexpr std::int64_t highest_price = 1'000'000'000'000;

/// What people pay with, of ISO 4217 as of 2025: no funds, metals or tests.
constexpr std::string_view currencies =
  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND "
  "BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF "
  "DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
  "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW "
  "KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR "
  "MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
  "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
  "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED "
  "VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

bool is_currency(const std::string& code) {
  return code.size() == 3 && code.find(' ') == std::string::npos
         && currencies.find(code) != std::string_view::npos;
}

using wrong = std::optional<wrong_field>;
using std::to_string;

std::string range(std::uint64_t least, std::uint64_t most) {
  return to_string(least) + " to " + to_string(most);
}

wrong in_texts(const profile& what) {
  struct text {
    const char* field;
    std::string_view is;
    std::size_t least, most; // characters
  };

  const text all[] = {{"title", what.title, 1, 300},
                      {"venue", what.venue, 1, 300},
                      {"description", what.description, 0, 10'000},
                      {"address", what.address, 0, 1'000},
                      {"artist_name", what.artist_name, 0, 300},
                      {"category", what.category, 0, 300},
                      {"poster_image_url", what.poster_image_url, 0, 2'000}};
  for (const auto& [field, is, least, most] : all)
    if (const auto size = characters(is); size < least || size > most)
      return wrong_field{field, range(least, most) + " characters"};
  if (what.timezone.empty())
    return wrong_field{"timezone", "an IANA name"};
  if (!is_currency(what.currency))
    return wrong_field{"currency", "one of ISO 4217 that people pay with"};
  return std::nullopt;
}

wrong in_times(const profile& what) {
  if (what.sale_starts_at >= what.sale_ends_at)
    return wrong_field{"sale_ends_at", "later than sale_starts_at"};
  if (what.starts_at < what.sale_starts_at)
    return wrong_field{"starts_at", "no earlier than sale_starts_at"};
  return std::nullopt;
}

wrong in_ticket_types(const profile& what) {
  constexpr std::size_t most = 100;
  if (what.ticket_types.empty() || what.ticket_types.size() > most)
    return wrong_field{"ticket_types", range(1, most)};
  for (std::size_t i = 0; i < what.ticket_types.size(); ++i) {
    const auto& type = what.ticket_types[i];
    const auto path = "ticket_types[" + to_string(i) + "].";
    if (type.name.empty() || characters(type.name) > 200)
      return wrong_field{path + "name", range(1, 200) + " characters"};
    if (type.price < 0 || type.price > highest_price)
      return wrong_field{path + "price", range(0, highest_price)};
    if (type.sections.empty())
      return wrong_field{path + "sections", "at least one"};
  }
  return std::nullopt;
}

wrong in_rules(const profile& what) {
  constexpr std::uint32_t day = 24 * 60 * 60;

  struct number {
    const char* field;
    std::uint32_t is, least, most;
  };

  const auto& room = what.rules.waiting_room;
  const number all[] = {
    {"hold_seconds", what.rules.hold_seconds, 1, day},
    {"checkout_seconds", what.rules.checkout_seconds, 1, day},
    {"max_per_user", what.rules.max_per_user, 1, 1'000'000},
    {"waiting_room.show_up_seconds", room.show_up_seconds, 2, day}};
  for (const auto& [field, is, least, most] : all)
    if (is < least || is > most)
      return wrong_field{std::string{"settings."} + field, range(least, most)};
  const auto pace =
    waiting_room::misfit({room.max_active, room.batch, room.token_seconds});
  if (!pace.empty())
    return wrong_field{"settings.waiting_room." + std::string{pace}, {}};
  return std::nullopt;
}

} // namespace

wrong misfit(const profile& what) {
  for (auto* part : {in_texts, in_times, in_ticket_types, in_rules})
    if (auto found = part(what))
      return found;
  return std::nullopt;
}

} // namespace usher::event
