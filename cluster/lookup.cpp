#include "cluster/lookup.hpp"

#include <boost/asio/post.hpp>

#include <map>
#include <mutex>
#include <thread>

namespace usher::cluster {

namespace {

using host_and_port = std::pair<std::string, std::uint16_t>;

lookup::addresses ask_the_system(const std::string& host, std::uint16_t port,
                                 boost::system::error_code& failed) {
  asio::io_context own;
  asio::ip::tcp::resolver asking(own);
  lookup::addresses out;
  for (const auto& one : asking.resolve(host, std::to_string(port), failed))
    out.push_back(one.endpoint());
  return out;
}

} // namespace

/// Outlives the context, as long as a search is under way.
struct lookup::searches {
  searches(search by, asio::io_context& context)
    : how(std::move(by)), where(&context) {}

  void carry_out(const host_and_port& what) {
    boost::system::error_code failed;
    auto found = how(what.first, what.second, failed);
    finish(what, failed, std::move(found));
  }

  void finish(const host_and_port& what, boost::system::error_code failed,
              addresses found) {
    const std::lock_guard guard(lock);
    auto waiting = under_way.extract(what);
    if (where != nullptr)
      asio::post(*where, [waiting = std::move(waiting.mapped()), failed,
                          found = std::move(found)] {
        for (const auto& then : waiting)
          then(failed, found);
      });
  }

  const search how;
  std::mutex lock;         // guards the two below
  asio::io_context* where; ///< null when it is over
  std::map<host_and_port, std::vector<done>> under_way;
};

lookup::lookup(asio::execution_context& owner)
  : lookup(owner, ask_the_system) {}

lookup::lookup(asio::execution_context& owner, search how)
  : service(owner),
    all_(std::make_shared<searches>(std::move(how),
                                    static_cast<asio::io_context&>(owner))) {}

void lookup::find(const std::string& host, std::uint16_t port, done then) {
  const host_and_port what{host, port};
  {
    const std::lock_guard guard(all_->lock);
    auto& waiting = all_->under_way[what];
    waiting.push_back(std::move(then));
    if (waiting.size() > 1)
      return;
  }
  try {
    std::thread([all = all_, what] { all->carry_out(what); }).detach();
  } catch (const std::system_error& why) { // the system has too many
    all_->finish(what, why.code(), {});
  }
}

void lookup::shutdown() {
  const std::lock_guard guard(all_->lock);
  all_->where = nullptr;
}

} // namespace usher::cluster
