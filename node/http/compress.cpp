#include "node/http/compress.hpp"

#include "cluster/rendezvous.hpp"
#include "node/http/text.hpp"
#include "protocol/ensure.hpp"

#include <zlib.h>

namespace usher::http {

namespace {

/// One deflate state per thread: setting it up costs more than a small body.
struct deflater {
  z_stream stream{};

  deflater() {
    constexpr int gzip_wrapper = 15 + 16;
    ensure(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                        gzip_wrapper, 8, Z_DEFAULT_STRATEGY)
           == Z_OK);
  }

  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  ~deflater() { deflateEnd(&stream); }
};

std::string_view opaque_tag(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

} // namespace

std::string gzip(std::string_view bytes, int level) {
  ensure(level >= 1 && level <= 9 && bytes.size() < 1U << 31);
  thread_local deflater ours;
  auto& stream = ours.stream;
  deflateReset(&stream);
  deflateParams(&stream, level, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())),
                  '\0');
  // zlib reads only, but its interface predates const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ensure(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  int gzip_quality = -1;
  int any_quality = -1;
  int identity_quality = -1;
  while (const auto element = next_element(accept_encoding)) {
    const auto coding = trim(element->substr(0, element->find(';')));
    const auto likes = static_cast<int>(quality(*element));
    if (equals_ignoring_case(coding, "gzip")
        || equals_ignoring_case(coding, "x-gzip"))
      gzip_quality = likes;
    else if (equals_ignoring_case(coding, "identity"))
      identity_quality = likes;
    else if (coding == "*")
      any_quality = likes;
  }
  if (gzip_quality < 0)
    gzip_quality = any_quality;
  return gzip_quality > 0 && gzip_quality >= identity_quality;
}

std::string etag_of(std::span<const std::uint64_t> versions) {
  std::uint64_t bits = 0;
  for (const auto one : versions)
    bits = cluster::mix(bits ^ one);
  return '"' + std::to_string(bits) + '"';
}

bool if_none_match(std::string_view field, std::string_view etag) {
  const auto wanted = opaque_tag(etag);
  field = trim(field);
  if (field == "*")
    return true;
  while (!field.empty()) {
    field = opaque_tag(field);
    // A comma may be inside of a tag: only the quotes tell where one ends.
    const auto end = field.find('"', 1);
    if (end == std::string_view::npos || field[0] != '"')
      return false;
    if (field.substr(0, end + 1) == wanted)
      return true;
    field = trim(field.substr(end + 1));
    if (!field.empty() && field[0] != ',')
      return false;
    while (!field.empty() && field[0] == ',')
      field = trim(field.substr(1));
  }
  return false;
}

} // namespace usher::http
