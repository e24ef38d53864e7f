#include "node/membership/locked_home.hpp"

#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/file.h>
#include <unistd.h>

namespace usher {

locked_home::locked_home(std::string path) : path_(std::move(path)) {
  std::filesystem::create_directories(path_);
  const auto file = path_ + "/node.lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) == 0)
    return;
  if (lock_ >= 0)
    ::close(lock_);
  throw std::runtime_error("another process lives in " + path_);
}

locked_home::~locked_home() {
  if (lock_ >= 0)
    ::close(lock_);
}

} // namespace usher
