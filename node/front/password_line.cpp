#include "node/front/password_line.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace usher {

/// More would wait in vain. A job that was slow once must not turn away the few
/// of an installation that is just set up.
std::size_t password_line::most_waiting(clock::duration patience) const {
  constexpr clock::rep least = 16;
  constexpr clock::rep most = 200;
  if (takes_ <= clock::duration::zero())
    return most;
  return static_cast<std::size_t>(
    std::clamp(patience / takes_ + 1, least, most));
}

void password_line::add(http::rate_key whose, clock::duration patience,
                        work what, listener told) {
  const auto too_late = clock::now() + patience;
  std::optional<job> put_out;
  {
    const std::lock_guard guard{lock_};
    put_out = line_.add(whose, {std::move(what), std::move(told), too_late},
                        most_waiting(patience));
  }
  if (put_out)
    put_out->told(errc::overloaded);
  else
    boost::asio::post(worker_, [this] { take_turn(); });
}

void password_line::take_turn() {
  std::optional<job> next;
  {
    const std::lock_guard guard{lock_};
    next = line_.next();
  }
  const auto begun = clock::now();
  if (!next || begun >= next->too_late) {
    if (next)
      next->told(errc::overloaded);
    return;
  }
  auto made = next->what();
  const auto took = clock::now() - begun;
  {
    const std::lock_guard guard{lock_};
    takes_ = takes_ <= clock::duration::zero() ? took : (3 * takes_ + took) / 4;
  }
  next->told(std::move(made));
}

} // namespace usher
