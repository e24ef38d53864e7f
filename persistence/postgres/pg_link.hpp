#pragma once

#include "persistence/postgres/deadline.hpp"
#include "persistence/store.hpp"

#include <pqxx/pqxx>

#include <memory>
#include <string>
#include <vector>

namespace usher::persistence {

/// Where PostgreSQL is, and for how long a call may wait for it.
struct pg_options {
  std::string conninfo;     ///< as libpq reads it, or a postgresql:// URI
  duration patience{2'800}; ///< of one call, with connecting; at least 2 s
  /// What the server is to call the session; "usher 17" belongs to the member
  /// 17, and ends when that is declared dead.
  std::string session = "usher";
};

/// The conninfo with limits for connecting, and the name of the session; what
/// it says itself wins.
std::string full_conninfo(const pg_options&);

/// A statement that is prepared on every new connection.
struct pg_statement {
  std::string name;
  std::string sql;
};

/// One connection that comes back by itself. Connects at the first call; a call
/// that finds the server gone, silent or refusing throws `unavailable` within
/// the patience, and the next one connects anew. For one thread.
class pg_link {
public:
  pg_link(pg_options, std::vector<pg_statement>);

  /// For the calls that begin from now on; of a connection that is there.
  void set_patience(duration patience) { options_.patience = patience; }

  /// Runs `work(pqxx::nontransaction&)`: each statement in it is a transaction
  /// of its own, so that no lock is held while the network is silent. Errors
  /// that are no weather (SQL, constraints, rights) pass through.
  template <class Work>
  auto call(Work work) {
    auto until = deadline::clock::now() + options_.patience;
    try {
      connect(until);
      pending guard(deadline_, connection_->sock(), until);
      pqxx::nontransaction session(*connection_);
      return work(session);
    } catch (const pqxx::failure&) {
      drop_or_rethrow();
    }
  }

private:
  /// A deadline as long as the scope.
  struct pending {
    pending(deadline& d, int socket, deadline::clock::time_point when)
      : deadline_(d) {
      deadline_.set(socket, when);
    }

    ~pending() { deadline_.call_off(); }

    pending(const pending&) = delete;
    pending& operator=(const pending&) = delete;

    deadline& deadline_;
  };

  void connect(deadline::clock::time_point until);
  [[noreturn]] void drop_or_rethrow();

  pg_options options_;
  std::vector<pg_statement> statements_;
  deadline deadline_;
  std::unique_ptr<pqxx::connection> connection_;
};

} // namespace usher::persistence
