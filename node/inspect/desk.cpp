#include "node/inspect/desk.hpp"

#include <boost/asio/post.hpp>

namespace usher::inspect {

namespace {

constexpr int most_waiting = 32;
constexpr std::size_t longest_answer = 6U << 20; ///< bytes; frames end at 8 MiB

} // namespace

void desk::close() {
  is_closed_ = true;
  threads_.join();
}

void desk::ask(std::string question, cluster::rights rights,
               std::string visitor, reply to) {
  if (is_closed_)
    return to(R"({"refused":"the node is stopping"})");
  if (waiting_.fetch_add(1) >= most_waiting) {
    --waiting_;
    return to(R"({"refused":"too many questions at once"})");
  }
  boost::asio::post(threads_, [this, rights, question = std::move(question),
                               visitor = std::move(visitor),
                               to = std::move(to)] {
    auto said = answers_.answer(question, rights, visitor);
    --waiting_;
    if (said.size() > longest_answer)
      said = R"({"refused":"the answer is too long; ask for less"})";
    to(std::move(said));
  });
}

} // namespace usher::inspect
