#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Representations: their compression and their versions.
namespace usher::http {

/// `bytes` as gzip (RFC 1952), without name or time: the same bytes always
/// give the same result. Levels go from 1 (fast) to 9 (small). Memory is kept
/// by each thread that calls it, about 270 KiB.
std::string gzip(std::string_view bytes, int level = 6);

/// True if Accept-Encoding lets us answer with gzip and does not like the
/// plain text more (RFC 9110, section 12.5.3). A missing field is no leave.
bool accepts_gzip(std::string_view accept_encoding);

/// The ETag, with its quotes, of what is made of parts with these versions, in
/// this order; the same on every node. Others have another, but for a chance of
/// one in 2^64.
std::string etag_of(std::span<const std::uint64_t> versions);

/// True if the client's If-None-Match names `etag` (with its quotes, `W/`
/// before it or not) or is `*`: answer 304, or 412 to an unsafe method. By
/// weak comparison (RFC 9110, sections 8.8.3.2 and 13.1.2). False for a
/// malformed list, up to what came before the fault.
bool if_none_match(std::string_view field, std::string_view etag);

} // namespace usher::http
