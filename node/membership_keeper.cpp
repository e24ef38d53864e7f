#include "node/membership_keeper.hpp"

#include "node/log.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <unistd.h>

namespace usher {

using persistence::unavailable;

membership_keeper::membership_keeper(
  std::shared_ptr<persistence::registry> members, options chosen)
  : members_(std::move(members)), chosen_(std::move(chosen)) {}

membership_keeper::~membership_keeper() {
  stopping_ = true;
  if (renewing_.joinable())
    renewing_.join();
  if (lock_ >= 0)
    ::close(lock_);
}

void membership_keeper::lock_home() {
  std::filesystem::create_directories(chosen_.home);
  const auto file = chosen_.home + "/node.lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0 || ::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    throw std::runtime_error("another process lives in " + chosen_.home);
}

void membership_keeper::bury_the_last_of_this_home() {
  const auto file = chosen_.home + "/incarnation";
  persistence::incarnation last = 0;
  if (std::ifstream in{file}; in >> last)
    members_->leave(last);
}

persistence::membership membership_keeper::enter() {
  lock_home();
  bury_the_last_of_this_home();
  auto entered = members_->join(chosen_.address, chosen_.ttl);
  self_ = entered.self;
  std::ofstream{chosen_.home + "/incarnation", std::ios::trunc} << self_;
  renewing_ = std::thread([this] { keep_alive(); });
  return entered;
}

std::vector<persistence::shard_lease> membership_keeper::take_all_shards(
  const std::function<void(std::size_t)>& progress) {
  for (;;) {
    std::vector<persistence::shard_lease> mine;
    {
      const std::lock_guard guard{using_members_};
      mine = members_->take_free_shards(self_);
    }
    if (mine.size() == shard_count)
      return mine;
    progress(shard_count - mine.size());
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
}

void membership_keeper::keep_alive() {
  auto next = std::chrono::steady_clock::now();
  while (!stopping_) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    if (std::chrono::steady_clock::now() < next)
      continue;
    next = std::chrono::steady_clock::now() + chosen_.renew;
    try {
      const std::lock_guard guard{using_members_};
      if (!stopping_ && !members_->renew(self_, chosen_.ttl))
        return chosen_.declared_dead();
      chosen_.database_answers(true);
    } catch (const unavailable& why) {
      chosen_.database_answers(false);
      log::warning("lease_not_renewed", {{"why", why.what()}});
    }
  }
}

void membership_keeper::leave() {
  stopping_ = true;
  renewing_.join();
  try {
    members_->leave(self_);
  } catch (const unavailable&) {
    log::warning("left_without_goodbye");
  }
}

} // namespace usher
