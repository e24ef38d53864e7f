#pragma once

#include "protocol/json.hpp"
#include "protocol/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Commands and answers as they travel between nodes: one line of JSON, and
/// after it the text of a document as it is, byte for byte. Names are for ever,
/// like those of facts. Members that a reader does not know are passed over
/// and those that are absent keep their defaults, so that nodes of two versions
/// can talk. What an entity keeps in a command of its own while it asks others
/// (`got` and the like) stays at home: it is not described.
namespace usher {

/// The name under which a command travels: `seat_block.hold/1`.
std::string_view name_of(const any_command&);

/// The name under which a reply travels: `seat_block.granted/1`.
std::string_view name_of(const any_reply&);

/// The first version of the nodes' own protocol that knows the command. It is
/// not sent to nodes of an earlier one: of versions 1 and 2, they would end the
/// link for it.
std::uint16_t first_version_of(const any_command&);

/// All names of commands, entity by entity; each has `wake/1`.
std::vector<std::string_view> command_names();

/// All names of replies.
std::vector<std::string_view> reply_names();

/// The body of a frame that carries the request. Clocks of two nodes differ: of
/// its deadline there travels what is left of it at `now`, in milliseconds.
std::string encode(const request&, timestamp now = {});

/// The body of a frame that carries the response.
std::string encode(const response&);

/// Reads a request back, at `now` by this node's clock. Throws json::bad_shape
/// for anything else, also for a command that its entity does not know.
request decode_request(std::string_view body, timestamp now = {});

/// Reads a response back. Throws json::bad_shape for anything else.
response decode_response(std::string_view body);

/// The asker's number in a request or a response, also in one that cannot be
/// read otherwise; 0 = nobody waits. Nothing if not even that can be read.
std::optional<std::uint64_t> asker_in(std::string_view body);

} // namespace usher
