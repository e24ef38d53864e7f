#include "node/http/compress.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>
#include <zlib.h>

using namespace usher::http;

namespace {

std::string gunzip(const std::string& bytes, std::size_t room) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(room, '\0');
  auto in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(gzip, comes_back_as_it_was) {
  std::string seats;
  for (int i = 0; i < 5'000; ++i)
    seats += "{\"id\":\"A-1-" + std::to_string(i) + "\"},";
  for (const int level : {1, 9, 6})
    for (const auto& text : {std::string{}, std::string("a"), seats}) {
      const auto packed = gzip(text, level);
      EXPECT_EQ(gunzip(packed, text.size() + 1), text);
      EXPECT_EQ(packed, gzip(text, level));
    }
  EXPECT_LT(gzip(seats, 1).size(), seats.size() / 4);
}

TEST(accept_encoding, lets_us_compress_or_not) {
  for (const auto* yes :
       {"gzip", "GZip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*",
        "deflate, x-gzip", "gzip ; q=0.001", "identity;q=0.5, gzip",
        "identity;q=0, *;q=0.5"})
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  for (const auto* no :
       {"", "identity", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0",
        "gzip;q=0.5, identity", "gzip;q=2", "gzip;q=x", "gzip;q=0.1234",
        "gzip;q=1.5", "gzipx", "gzip;q="})
    EXPECT_FALSE(accepts_gzip(no)) << no;
}

TEST(if_none_match, compares_weakly) {
  for (const auto* yes :
       {"\"v1\"", "W/\"v1\"", "*", " * ", "\"a\", \"v1\"", "\"a\",W/\"v1\"",
        "\"a,b\" , , \"v1\"", "\"v1\", garbage"})
    EXPECT_TRUE(if_none_match(yes, "\"v1\"")) << yes;
  EXPECT_TRUE(if_none_match("\"v1\"", "W/\"v1\""));
  for (const auto* no : {"", "v1", "\"v2\"", "\"v1", "\"V1\"", "w/\"v1\"",
                         "garbage, \"v1\"", "\"a\" \"v1\"", ",", "W/"})
    EXPECT_FALSE(if_none_match(no, "\"v1\"")) << no;
}

TEST(etag, is_another_for_other_versions_with_the_same_sum) {
  using versions = std::vector<std::uint64_t>;
  const std::vector<versions> all{{},     {0},    {12},    {5, 7},
                                  {6, 6}, {7, 5}, {0, 12}, {12, 0}};
  std::set<std::string> tags;
  for (const auto& one : all)
    tags.insert(etag_of(one));
  EXPECT_EQ(tags.size(), all.size());
  EXPECT_EQ(etag_of(versions{5, 7}), etag_of(versions{5, 7}));
  for (const auto& tag : tags)
    EXPECT_TRUE(if_none_match(tag, tag));
}

} // namespace
