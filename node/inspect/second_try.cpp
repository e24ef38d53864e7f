#include "node/inspect/second_try.hpp"

#include <algorithm>

namespace usher::inspect {

namespace {

using cluster::dead_letter;
using cluster::dead_letters;

/// Keeps a letter to itself.
class reservation {
public:
  reservation(dead_letters& letters, std::uint64_t number)
    : letters_(letters), number_(number), has_(letters.reserve(number)) {}

  ~reservation() {
    if (has_)
      letters_.let_go(number_);
  }

  reservation(const reservation&) = delete;
  reservation& operator=(const reservation&) = delete;

  explicit operator bool() const { return has_; }

private:
  dead_letters& letters_;
  const std::uint64_t number_;
  const bool has_;
};

/// Whether the entity has made up its mind, so that nothing is left to do.
bool is_decision(errc said) {
  return http_status(said) < 500 && said != errc::request_in_progress;
}

std::string words_of(const answer& said) {
  return said.granted() ? "it obeyed"
                        : "it refused: " + std::string{to_string(said.refused)};
}

/// `after` is the letter as it stands now, if it is still there.
second_try no_decision(errc said, const dead_letter& before,
                       const std::optional<dead_letter>& after) {
  if (said == errc::quarantined)
    return {ending::set_aside,
            "it is set aside: quarantine retry delivers this, too"};
  if (after && after->crashes > before.crashes)
    return {ending::crashed, "it crashed on it again: " + after->why};
  if (said == errc::outcome_unknown)
    return {ending::not_known, "it did not say in time whether it obeys"};
  return {ending::not_begun,
          "it cannot be asked just now: " + std::string{to_string(said)}};
}

} // namespace

second_try try_again(dead_letters& letters, const asking& ask,
                     std::uint64_t number) {
  const reservation mine{letters, number};
  if (!mine)
    return {ending::not_begun, "somebody else is trying it just now"};
  const auto letter = letters.find(number);
  if (!letter)
    return {ending::no_letter, "it is no dead letter any more"};
  const auto said = ask(letter->what);
  if (!is_decision(said.refused))
    return no_decision(said.refused, *letter, letters.find(number));
  letters.take(number);
  return {ending::decided, words_of(said)};
}

bool drop(dead_letters& letters, std::uint64_t number) {
  const reservation mine{letters, number};
  return mine && letters.take(number);
}

std::string try_all_again(dead_letters& letters, const asking& ask,
                          const entity_id& who) {
  auto mine = letters.all();
  std::erase_if(mine, [&](const dead_letter& x) { return x.what.to != who; });
  std::size_t decided = 0;
  std::string why;
  for (const auto& one : mine) {
    const auto came = try_again(letters, ask, one.number);
    if (came.how != ending::decided && came.how != ending::no_letter) {
      why = "; " + std::to_string(one.number)
            + " and what came after it stay: " + came.said;
      break;
    }
    ++decided;
  }
  return std::to_string(decided) + " of " + std::to_string(mine.size())
         + " dead letters delivered" + why;
}

} // namespace usher::inspect
