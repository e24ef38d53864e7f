#pragma once

#include "protocol/json.hpp"
#include "protocol/membership.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What goes over a link, byte for byte. Pure: no socket, no clock.
///
/// A frame is the length of its body (four bytes, the most significant first),
/// its kind (one byte) and its body. The first frame of either side is `hello`.
namespace usher::cluster {

using usher::incarnation;

/// What a frame carries. The numbers are for ever; a kind that the other side
/// does not know is for it to pass over.
enum class frame_kind : std::uint8_t {
  hello = 1,          ///< who speaks, and which versions of the protocol
  beat = 2,           ///< a sign of life, and its echo
  refusal = 3,        ///< one sentence for people, then the end
  request = 16,       ///< a command (protocol/frame.hpp)
  response = 17,      ///< an answer (protocol/frame.hpp)
  moved = 18,         ///< not mine: who owns the shard instead
  publication = 19,   ///< what became durable, for those who watch
  watch = 20,         ///< asks for publications
  handoff = 21,       ///< the giver has flushed: the shards are the receiver's
  missed = 22,        ///< of what one watches, something was not published
  reach = 23,         ///< whom the sender has links to (cluster/detours.hpp)
  relayed = 24,       ///< of one node for another, passed on by a third
  inspect = 32,       ///< a question of the inspector
  inspected = 33,     ///< a part of the answer
  inspected_all = 34, ///< the last part of the answer
};

constexpr std::size_t frame_head_size = 5;

/// The head of a frame, read before any byte of its body.
struct frame_head {
  std::uint32_t length = 0; ///< of the body
  frame_kind kind{};
};

/// Appends the head of a frame.
void put_head(std::string& out, frame_head);

/// Reads a head from exactly frame_head_size bytes.
frame_head take_head(std::string_view bytes);

enum class link_role : std::uint8_t { node, visitor };

BOOST_DESCRIBE_ENUM(link_role, node, visitor)

/// How one side introduces itself.
struct hello {
  std::uint16_t low = oldest_protocol;
  std::uint16_t high = newest_protocol;
  incarnation self = 0; ///< 0 for a visitor
  std::string name;
  link_role role{};
};

BOOST_DESCRIBE_STRUCT(hello, (), (low, high, self, name, role))

/// The version that two sides speak: the newest of the one whose newest is
/// older. Nothing if they have none in common.
std::optional<std::uint16_t> common_version(const hello&, const hello&);

/// A beat asks for its echo, which brings the moment back to who sent it.
struct beat {
  bool is_echo = false;
  std::uint64_t moment = 0; ///< microseconds of the asker's steady clock
};

constexpr std::size_t beat_size = 9;

/// The body of a frame that carries the beat.
std::string encode(const beat&);

/// Reads a beat back; anything else is none.
std::optional<beat> decode_beat(std::string_view body);

/// A frame on a detour: two nodes without a link, and what the one has for the
/// other.
struct relayed_frame {
  incarnation origin = 0;
  incarnation target = 0;
  frame_kind kind{};
  std::string_view body; ///< lives as long as what it was read from
};

/// The body of a frame that carries the other.
std::string encode(const relayed_frame&);

/// Reads a frame on a detour back; anything else is none.
std::optional<relayed_frame> decode_relayed(std::string_view body);

/// Whether a frame of this kind may come by a detour: what nodes say to each
/// other, and neither what links say nor what visitors ask.
bool may_be_relayed(frame_kind);

/// What a visitor may do.
enum class rights : std::uint8_t { none, inspector, admin };

/// The rights of who is called so: names that begin with `inspector` or
/// `admin` are those of visitors, all others those of nodes.
rights rights_of(std::string_view name);

/// Whether a visitor may send frames of this kind.
bool is_for_visitors(frame_kind);

} // namespace usher::cluster
