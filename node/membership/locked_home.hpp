#pragma once

#include <string>
#include <utility>

namespace usher {

/// The folder of a node, which is this process's alone as long as it lives: the
/// kernel unlocks it at the end, however that comes.
class locked_home {
public:
  /// Makes the folder if it is not there. Throws a std::exception that says why
  /// if it cannot, or if another process lives in it.
  explicit locked_home(std::string path);

  ~locked_home();

  locked_home(locked_home&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

  locked_home& operator=(locked_home&&) = delete;

  const std::string& path() const { return path_; }

private:
  std::string path_;
  int lock_;
};

} // namespace usher
