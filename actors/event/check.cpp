#include "actors/event/event.hpp"
#include "actors/waiting_room/waiting_room.hpp"

#include <algorithm>
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

bool in_range(std::uint32_t n, std::uint32_t least, std::uint32_t most) {
  return n >= least && n <= most;
}

bool are_sensible(const settings& rules) {
  constexpr std::uint32_t day = 24 * 60 * 60;
  const auto& room = rules.waiting_room;
  return in_range(rules.hold_seconds, 1, day)
         && in_range(rules.checkout_seconds, 1, day)
         && in_range(rules.max_per_user, 1, 1'000'000)
         && waiting_room::misfit(
              {room.max_active, room.batch, room.token_seconds})
              .empty()
         && in_range(room.show_up_seconds, 2, day);
}

bool is_sensible(const ticket_type& type) {
  return !type.name.empty() && type.name.size() <= 200 && !type.sections.empty()
         && type.price >= 0 && type.price <= highest_price;
}

} // namespace

errc check(const profile& what) {
  const bool texts = !what.title.empty() && what.title.size() <= 300
                     && !what.venue.empty() && what.venue.size() <= 300
                     && what.description.size() <= 10'000;
  const bool times = what.sale_starts_at < what.sale_ends_at;
  const bool types = !what.ticket_types.empty()
                     && what.ticket_types.size() <= 100
                     && std::ranges::all_of(what.ticket_types, is_sensible);
  return texts && times && types && is_currency(what.currency)
             && !what.timezone.empty() && are_sensible(what.rules)
           ? errc::ok
           : errc::invalid_value;
}

} // namespace usher::event
