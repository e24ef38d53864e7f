#include "actors/event/draft.hpp"

#include "protocol/event_profile.hpp"

#include <map>

namespace usher::event {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

enum : std::uint8_t { nobody, the_organization, the_layout };

using sold_sections =
  boost::system::result<std::vector<sold_section>, wrong_field>;

/// Where a section is named: which ticket type, and which of its sections.
struct mention {
  std::size_t type = 0;
  std::size_t which = 0;
};

wrong_field wrong_at(const mention& at, std::string message) {
  return {"ticket_types[" + std::to_string(at.type) + "].sections["
            + std::to_string(at.which) + ']',
          std::move(message)};
}

/// Every section of the layout must have exactly one ticket type.
sold_sections sections_of(const profile& what,
                          const std::vector<section>& layout,
                          const uuid& self) {
  std::map<std::string, mention> priced;
  for (mention at; at.type < what.ticket_types.size(); ++at.type) {
    const auto& names = what.ticket_types[at.type].sections;
    for (at.which = 0; at.which < names.size(); ++at.which)
      if (!priced.emplace(names[at.which], at).second)
        return wrong_at(at, "a section that has no ticket type yet");
  }
  std::vector<sold_section> out;
  for (const auto& section : layout) {
    auto found = priced.extract(section.name);
    if (found.empty())
      return wrong_field{"ticket_types",
                         "one for each section; " + section.name + " has none"};
    out.push_back({section.name, seat_block::block_of({self}, section.name),
                   what.ticket_types[found.mapped().type].id, section.size(),
                   section.general_admission(), section.rating});
  }
  if (!priced.empty())
    return wrong_at(priced.begin()->second, "a section of the layout");
  return out;
}

profile with_ids(profile what, const uuid& self) {
  for (std::size_t i = 0; i < what.ticket_types.size(); ++i)
    what.ticket_types[i].id = {
      derive_uuid(self, "ticket_type:" + std::to_string(i))};
  return what;
}

/// The first field that makes no sense now.
std::optional<wrong_field> wrong_in(const profile& what, timestamp now) {
  if (auto wrong = misfit(what))
    return wrong;
  if (what.sale_ends_at <= now)
    return wrong_field{"sale_ends_at", "later than now"};
  return std::nullopt;
}

said refusing(const wrong_field& wrong) {
  return {errc::invalid_value, more_about(wrong)};
}

/// Sold on the layout that has answered, if it can be; `then` goes on.
template <class Then>
said on_layout(const answer_slot& got, const profile& wanted, const uuid& self,
               Then then) {
  if (is_silent(got))
    return got->refused;
  if (!got->granted())
    return refusing({"layout_id", "the id of a layout"});
  auto what = with_ids(wanted, self);
  auto sections =
    sections_of(what, *std::get<layout::sections>(got->reply), self);
  if (!sections)
    return refusing(sections.error());
  return then(std::move(what), std::move(*sections));
}

letter layout_question(const profile& what) {
  return {{entity_kind::layout, what.layout.value},
          layout::command{layout::read{}}};
}

} // namespace

bool is_silent(const answer_slot& got) {
  return http_status(got->refused) >= 500;
}

bool may_edit(const answer_slot& got) {
  return got->granted()
         && std::get<organization::member_role>(got->reply).is
              >= organization::role::editor;
}

letter role_question(const profile& what, account_id caller) {
  return {{entity_kind::organization, what.organization.value},
          organization::command{organization::role_of{caller}}};
}

said draft(const state& event, const uuid& self, const create& cmd,
           timestamp now) {
  if (event.phase != phase::none)
    return errc::already_exists;
  auto next = cmd;
  ++next.asked;
  switch (cmd.asked) {
    case nobody: {
      if (const auto wrong = wrong_in(*cmd.wanted, now))
        return refusing(*wrong);
      auto [to, what] = role_question(*cmd.wanted, cmd.caller);
      return said{}.asking(to, std::move(what), next);
    }
    case the_organization: {
      if (is_silent(cmd.got))
        return cmd.got->refused;
      if (!may_edit(cmd.got) && !(cmd.admin && cmd.got->granted()))
        return errc::not_found;
      auto [to, what] = layout_question(*cmd.wanted);
      return said{}.asking(to, std::move(what), next);
    }
    default:
      return on_layout(cmd.got, *cmd.wanted, self,
                       [&](profile what, auto sections) -> said {
                         return said{facts{created{cmd.caller, std::move(what),
                                                   std::move(sections), now}}}
                           .showing(201);
                       });
  }
}

said redraft(const state& event, const uuid& self, const revise& cmd,
             timestamp now) {
  if (event.phase == phase::none)
    return errc::not_found;
  auto next = cmd;
  ++next.asked;
  auto wanted = event.what;
  apply(*cmd.wanted, wanted);
  switch (cmd.asked) {
    case nobody: {
      auto [to, what] = role_question(event.what, cmd.caller);
      return said{}.asking(to, std::move(what), next);
    }
    case the_organization: {
      if (!cmd.admin && is_silent(cmd.got))
        return cmd.got->refused;
      if (!cmd.admin && !may_edit(cmd.got))
        return errc::not_found;
      if (event.phase != phase::draft)
        return errc::wrong_state;
      if (const auto wrong = wrong_in(wanted, now))
        return refusing(*wrong);
      auto [to, what] = layout_question(wanted);
      return said{}.asking(to, std::move(what), next);
    }
    default:
      return on_layout(
        cmd.got, wanted, self, [&](profile what, auto sections) -> said {
          if (what == event.what && sections == event.sections)
            return said{}.showing(200);
          return said{
            facts{revised{event.owner, std::move(what), std::move(sections),
                          event.created_at, cmd.caller}}}
            .showing(200);
        });
  }
}

} // namespace usher::event
