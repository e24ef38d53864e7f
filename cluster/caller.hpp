#pragma once

#include "cluster/link_wire.hpp"
#include "protocol/time.hpp"

#include <memory>
#include <stdexcept>
#include <string>

namespace usher::cluster {

/// Whom to visit, and as whom.
struct caller_settings {
  std::string address;  ///< host:port of a node's cluster port
  std::string expected; ///< the node's name; empty: whoever answers there
  // PEM files of an inspector or admin; none of them: plain, loopback only.
  std::string certificate;
  std::string key;
  std::string authority;
  duration dial{1000};
};

/// Why a call got no answer.
enum class call_failure : std::uint8_t {
  bad_settings, ///< the files cannot be used
  unreachable,  ///< nobody there, or no greeting in time
  refused,      ///< it does not want us, or we do not trust it
  hung_up,      ///< it went away, or its answers are too many
  timed_out,    ///< no answer within the deadline
};

/// A call without an answer, with a sentence for people.
struct call_error : std::runtime_error {
  call_error(call_failure failure, const std::string& what)
    : std::runtime_error(what), why(failure) {}

  call_failure why;
};

/// One frame that came back.
struct reply_frame {
  frame_kind kind{};
  std::string body;
};

/// A visit to one node, for programs that may block: the command line. Keeps
/// itself alive between calls. For one thread.
class caller {
public:
  /// Connects and greets. Throws call_error.
  explicit caller(const caller_settings& settings);

  /// Hangs up.
  ~caller();

  caller(const caller&) = delete;
  caller& operator=(const caller&) = delete;

  /// The name of the node.
  const std::string& node() const;

  /// Asks, and waits for one frame. Throws call_error; then the visit is over.
  std::string call(frame_kind kind, std::string_view body, duration deadline);

  /// Asks, without waiting. Throws call_error.
  void send(frame_kind kind, std::string_view body);

  /// The next frame that comes, in order. Throws call_error.
  reply_frame next(duration deadline);

private:
  class visit;
  std::unique_ptr<visit> visit_;
};

} // namespace usher::cluster
