#include "node/front/password_line.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace usher;
using namespace std::chrono_literals;

namespace {

constexpr http::rate_key ada = 1, bob = 2, cat = 3;

using outcome = std::future<result<std::string>>;

outcome add(
  password_line& to, http::rate_key whose,
  password_line::clock::duration patience,
  password_line::work what = [] { return std::string{"done"}; }) {
  auto told = std::make_shared<std::promise<result<std::string>>>();
  auto out = told->get_future();
  to.add(whose, patience, std::move(what),
         [told](auto said) { told->set_value(std::move(said)); });
  return out;
}

bool is_told(const outcome& of) {
  return of.wait_for(0s) == std::future_status::ready;
}

/// The line works on this until it is opened.
std::promise<void> gate_at(password_line& line) {
  std::promise<void> opens;
  auto begun = std::make_shared<std::promise<void>>();
  add(line, cat, 1h, [begun, open = opens.get_future().share()] {
    begun->set_value();
    open.wait();
    return std::string{};
  });
  begun->get_future().wait();
  return opens;
}

} // namespace

TEST(password_line, puts_out_the_last_of_who_has_most) {
  password_line line;
  auto gate = gate_at(line);
  std::vector<outcome> of_ada;
  for (int i = 0; i < 200; ++i)
    of_ada.push_back(add(line, ada, 1h));
  EXPECT_FALSE(is_told(of_ada.back()));
  auto of_bob = add(line, bob, 1h);
  EXPECT_TRUE(is_told(of_ada.back())) << "at once";
  gate.set_value();
  EXPECT_EQ(of_ada.back().get().error(), errc::overloaded);
  EXPECT_TRUE(of_bob.get());
  EXPECT_TRUE(of_ada[198].get());
}

TEST(password_line, does_nothing_that_comes_too_late) {
  password_line line;
  auto gate = gate_at(line);
  bool was_done = false;
  auto impatient = add(line, ada, 0s, [&] {
    was_done = true;
    return std::string{};
  });
  auto patient = add(line, bob, 1h);
  gate.set_value();
  EXPECT_EQ(impatient.get().error(), errc::overloaded);
  EXPECT_TRUE(patient.get());
  EXPECT_FALSE(was_done);
}

TEST(password_line, lets_no_more_wait_than_will_be_served_in_time) {
  password_line line;
  add(line, ada, 1h, [] {
    std::this_thread::sleep_for(50ms);
    return std::string{};
  }).wait();
  auto gate = gate_at(line);
  for (int i = 0; i < 16; ++i)
    EXPECT_FALSE(is_told(add(line, ada, 500ms))) << "few always may";
  EXPECT_TRUE(is_told(add(line, ada, 500ms)));
  EXPECT_FALSE(is_told(add(line, ada, 1h)));
  gate.set_value();
}
