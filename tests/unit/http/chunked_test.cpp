#include "node/http/chunked.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace usher;
using namespace usher::http;

namespace {

struct outcome {
  errc code = errc::ok;
  bool done = false;
  std::string body;
  std::size_t used = 0;
};

outcome decode(std::string_view bytes, std::size_t limit = 100) {
  outcome out;
  chunked_decoder decoder(limit);
  auto used = decoder.decode(bytes, out.body);
  out.code = used ? errc::ok : used.error();
  out.used = used ? *used : 0;
  out.done = decoder.done();
  return out;
}

const std::string wiki =
  "4\r\nWiki\r\n6;a=b\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n"
  "Expires: never\r\n\r\n";

TEST(chunked, decodes_chunks_and_drops_extensions_and_trailers) {
  const auto out = decode(wiki + "GET / HTTP/1.1");
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.body, "Wikipedia in \r\n\r\nchunks.");
  EXPECT_EQ(out.used, wiki.size());
}

TEST(chunked, decodes_the_same_from_any_pieces) {
  for (unsigned seed = 0; seed < 1'000; ++seed) {
    std::mt19937 dice(seed);
    chunked_decoder decoder(100);
    std::string body;
    for (std::size_t at = 0; at < wiki.size();) {
      EXPECT_FALSE(decoder.done());
      const auto n = std::min<std::size_t>(1 + dice() % 9, wiki.size() - at);
      const auto used = decoder.decode(wiki.substr(at, n), body);
      ASSERT_TRUE(used) << "seed " << seed;
      ASSERT_EQ(*used, n);
      at += n;
    }
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(body, "Wikipedia in \r\n\r\nchunks.");
  }
}

TEST(chunked, refuses_what_could_be_read_in_two_ways) {
  for (const std::string bad :
       {"4\nWiki\r\n", "4\r\nWiki\n", "4\r\nWikip", " 4\r\nWiki\r\n",
        "4 \r\nWiki\r\n", "0x4\r\nWiki", "+4\r\n", "\r\n", ";a\r\n", "g\r\n",
        "4;a\nb\r\n", "4\rWiki", "0\r\n\n", "0\r\nA: b\n\r\n", "0\r\n A: b\r\n",
        "00000000\r\n", "4;\x01\r\n"})
    EXPECT_EQ(decode(bad).code, errc::bad_request) << bad;
}

TEST(chunked, bounds_the_body_extensions_and_trailers) {
  EXPECT_EQ(decode("64\r\n").code, errc::ok);
  EXPECT_EQ(decode("65\r\n").code, errc::body_too_large);
  EXPECT_EQ(decode("ffffffffffffffff\r\n").code, errc::body_too_large);
  EXPECT_EQ(decode("60\r\n" + std::string(96, 'a') + "\r\n5\r\n").code,
            errc::body_too_large);
  EXPECT_EQ(decode("1;" + std::string(256, 'a') + "\r\n").code, errc::ok);
  EXPECT_EQ(decode("1;" + std::string(257, 'a') + "\r\n").code,
            errc::bad_request);
  EXPECT_EQ(decode("0\r\nA: " + std::string(1'100, 'a') + "\r\n").code,
            errc::bad_request);
}

TEST(chunked, survives_mutations) {
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    std::mt19937 dice(seed);
    auto bytes = wiki;
    for (int i = 0; i < 3; ++i)
      bytes[dice() % bytes.size()] = static_cast<char>(dice() % 256);
    EXPECT_LE(decode(bytes).body.size(), 100u) << "seed " << seed;
  }
}

} // namespace
