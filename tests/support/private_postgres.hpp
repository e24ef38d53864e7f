#pragma once

#include <string>

namespace usher::test {

/// A PostgreSQL of the test's own, under /tmp: Unix socket only, fsync on,
/// ready in about a second, and gone with this object. The work is done by the
/// script private-postgres beside this file. Throws std::runtime_error.
class private_postgres {
public:
  private_postgres();
  ~private_postgres();

  private_postgres(const private_postgres&) = delete;
  private_postgres& operator=(const private_postgres&) = delete;

  /// Makes an empty database and returns its name.
  std::string make_database();

  /// How the owner of the schema connects (a superuser here).
  std::string as_owner(const std::string& database) const;

  /// How the daemon connects, once the schema is there.
  std::string as_app(const std::string& database) const;

  void start();  ///< after stop or kill_9; returns when it accepts
  void stop();   ///< fast shutdown
  void kill_9(); ///< the server and all its backends at once

  int postmaster() const; ///< its process id

private:
  void run(const std::string& verb);

  std::string folder_;
  int databases_ = 0;
};

} // namespace usher::test
