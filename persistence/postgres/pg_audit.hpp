#pragma once

#include "persistence/postgres/pg_link.hpp"

#include <mutex>

namespace usher::persistence {

/// Something that somebody does by hand.
struct deed {
  std::string node;
  std::string visitor; ///< as its certificate is named
  std::string person;  ///< as it calls itself; not proven
  std::string act;
  std::vector<std::string> words;
};

/// A row of the record.
struct audited {
  std::int64_t number = 0;
  timestamp at;
  std::int64_t intent = 0; ///< 0 = it is one itself
  deed what;
  std::string outcome; ///< empty for an intent
};

/// The record of what was done by hand, in PostgreSQL, where it stays. Any
/// thread; throws `unavailable`.
class pg_audit {
public:
  explicit pg_audit(pg_options);

  /// Writes down what is about to be done; returns its number. Durable when
  /// this returns, so nothing is done without a record.
  std::int64_t intend(const deed&);

  /// Writes down what came of it.
  void conclude(std::int64_t intent, const deed&, const std::string& outcome);

  /// The last rows, oldest first.
  std::vector<audited> last(std::size_t limit);

private:
  std::int64_t write(const deed&, std::optional<std::int64_t> intent,
                     const std::optional<std::string>& outcome);

  std::mutex lock_;
  pg_link link_;
};

} // namespace usher::persistence
