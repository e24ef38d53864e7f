#include "tests/support/link_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <ctime>
#include <sys/wait.h>

/// What a link promises while it lasts, and how it notices that it does not.
using namespace usher;
using namespace usher::cluster;
using namespace usher::test;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t megabyte = 1U << 20;

class link_flow : public testing::Test {
protected:
  static void SetUpTestSuite() { ours = std::make_unique<certificates>("a b"); }

  static void TearDownTestSuite() { ours.reset(); }

  /// Fills the window of `to`; returns how many frames went in.
  static std::size_t fill(mesh& from, incarnation to, std::size_t size) {
    std::size_t sent = 0;
    const std::string body(size, 'x');
    for (auto until = steady::now() + 300ms; steady::now() < until;)
      sent += from.send(to, frame_kind::publication, body) ? 1 : 0;
    return sent;
  }

  static std::size_t queued(const mesh& in) {
    std::size_t out = 0;
    for (const auto& one : in.links())
      out += one.queued;
    return out;
  }

  static std::unique_ptr<certificates> ours;
};

std::unique_ptr<certificates> link_flow::ours;

/// The process of node a: it dials whom it is told to. Begins before this
/// process has threads.
class other_process {
public:
  explicit other_process(const certificates& from) {
    if (::pipe(pipe_) != 0 || (pid_ = ::fork()) < 0)
      throw std::runtime_error("no process");
    if (pid_ == 0)
      be_node_a(from);
  }

  other_process(const other_process&) = delete;
  other_process& operator=(const other_process&) = delete;

  ~other_process() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }

  void dial(std::uint16_t port) {
    if (::write(pipe_[1], &port, sizeof(port)) != sizeof(port))
      throw std::runtime_error("no process");
  }

  void signal(int number) { ::kill(pid_, number); }

private:
  [[noreturn]] void be_node_a(const certificates& from) {
    std::uint16_t port = 0;
    if (::read(pipe_[0], &port, sizeof(port)) != sizeof(port))
      ::_exit(1);
    linked_node a(node_settings(from, 1, "a"));
    a.mesh.meet({{2, "b", "127.0.0.1:" + std::to_string(port)}});
    std::this_thread::sleep_for(60s);
    ::_exit(0);
  }

  int pipe_[2] = {};
  pid_t pid_ = 0;
};

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

} // namespace

TEST_F(link_flow, brings_a_hundred_thousand_frames_in_order) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*ours, 2, "b"));
  constexpr std::uint64_t count = 100'000;
  std::uint64_t next = 0;
  b.heard.on_frame = [&](incarnation, frame_kind, const std::string& body) {
    next += std::stoull(body) == next && body.size() == 300 ? 1 : 0;
  };
  a.mesh.meet({b.address()});
  ASSERT_TRUE(a.is_up(2));
  std::size_t full = 0;
  const auto began = steady::now();
  const auto cpu_began = cpu_seconds();
  for (std::uint64_t i = 0; i < count; ++i) {
    auto body = std::to_string(i);
    body.resize(300, ' ');
    while (!a.mesh.send(2, frame_kind::request, body)) {
      ++full;
      std::this_thread::sleep_for(1ms);
    }
  }
  ASSERT_TRUE(b.heard.wait([&] { return next == count; }, 20s)) << next;
  const std::chrono::duration<double> took = steady::now() - began;
  std::printf("one TLS link: %.0f frames of 300 bytes a second, %.2f us of "
              "processor a frame for both sides; the window was full %zu "
              "times\n",
              static_cast<double>(count) / took.count(),
              (cpu_seconds() - cpu_began) * 1e6 / static_cast<double>(count),
              full);
}

TEST_F(link_flow, brings_frames_of_several_threads_whole) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*ours, 2, "b"));
  std::map<char, std::uint64_t> next;
  bool in_order = true;
  b.heard.on_frame = [&](incarnation, frame_kind, const std::string& body) {
    in_order = in_order && std::stoull(body.substr(1)) == next[body[0]]++;
  };
  a.mesh.meet({b.address()});
  ASSERT_TRUE(a.is_up(2));
  std::vector<std::thread> all;
  for (char name = 'A'; name < 'E'; ++name)
    all.emplace_back([&, name] {
      for (int i = 0; i < 5'000; ++i) {
        const auto body = name + std::to_string(i)
                          + std::string(static_cast<std::size_t>(i), ' ');
        while (!a.mesh.send(2, frame_kind::request, body))
          std::this_thread::sleep_for(1ms);
      }
    });
  for (auto& one : all)
    one.join();
  ASSERT_TRUE(b.heard.wait(
    [&] { return next['A'] + next['B'] + next['C'] + next['D'] == 20'000; },
    20s));
  EXPECT_TRUE(in_order);
}

TEST_F(link_flow, carries_a_frame_as_long_as_allowed_and_no_longer) {
  auto settings = node_settings(*ours, 1, "a");
  linked_node a(settings);
  linked_node b(node_settings(*ours, 2, "b"));
  a.mesh.meet({b.address()});
  ASSERT_TRUE(a.is_up(2));
  const std::string longest(8 * megabyte - 64, 'z');
  ASSERT_TRUE(a.mesh.send(2, frame_kind::publication, longest));
  ASSERT_TRUE(b.heard.wait([&] { return b.heard.frames().size() == 1; }));
  EXPECT_TRUE(b.heard.frames()[0].body == longest);
  EXPECT_FALSE(a.mesh.send(2, frame_kind::publication,
                           std::string(8 * megabyte + 1, 'z')));
  EXPECT_THAT(a.heard.downs(), IsEmpty());
}

TEST_F(link_flow, makes_one_link_when_both_meet_at_once) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*ours, 2, "b"));
  std::thread other([&] {
    for (int i = 0; i < 50; ++i)
      b.mesh.meet({a.address(), b.address()});
  });
  for (int i = 0; i < 50; ++i)
    a.mesh.meet({a.address(), b.address()});
  other.join();
  ASSERT_TRUE(a.is_up(2));
  ASSERT_TRUE(b.is_up(1));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(a.heard.ups().size(), 1U);
  EXPECT_EQ(b.heard.ups().size(), 1U);
  EXPECT_EQ(a.mesh.links().size(), 1U);
}

TEST_F(link_flow, links_again_after_a_restart_as_a_new_incarnation) {
  linked_node a(node_settings(*ours, 1, "a"));
  std::uint16_t port = 0;
  {
    linked_node b(node_settings(*ours, 2, "b"));
    port = b.mesh.port();
    a.mesh.meet({b.address()});
    ASSERT_TRUE(a.is_up(2));
  }
  ASSERT_TRUE(a.is_down(2));
  auto settings = node_settings(*ours, 3, "b");
  settings.port = port;
  linked_node b(settings);
  // Until the members are known anew, the address answers as another life.
  EXPECT_THAT(a.trouble("reached b"), HasSubstr("reached b"));
  a.mesh.meet({b.address()});
  ASSERT_TRUE(a.is_up(3));
  ASSERT_TRUE(b.is_up(1));
  EXPECT_FALSE(a.mesh.send(2, frame_kind::request, "late"));
  EXPECT_EQ(a.heard.downs().size(), 1U);
}

TEST_F(link_flow, hangs_up_on_who_is_no_member_any_more) {
  linked_node a(node_settings(*ours, 1, "a"));
  linked_node b(node_settings(*ours, 2, "b"));
  a.mesh.meet({b.address()});
  b.mesh.meet({a.address()});
  ASSERT_TRUE(a.is_up(2));
  a.mesh.meet({});
  EXPECT_TRUE(a.is_down(2));
  EXPECT_TRUE(b.is_down(1));
  EXPECT_THAT(a.mesh.links(), IsEmpty());
}

TEST_F(link_flow, notices_a_stopped_process_and_queues_no_more_than_a_window) {
  auto settings = node_settings(*ours, 2, "b");
  settings.most_queued = 4 * megabyte;
  other_process a(*ours);
  linked_node b(settings);
  a.dial(b.mesh.port());
  ASSERT_TRUE(b.is_up(1));
  const auto before = resident_bytes();
  a.signal(SIGSTOP);
  const auto stopped = steady::now();
  fill(b.mesh, 1, 1'000);
  EXPECT_FALSE(
    b.mesh.send(1, frame_kind::publication, std::string(1'000, 'x')));
  EXPECT_LE(queued(b.mesh), settings.most_queued);
  ASSERT_TRUE(b.is_down(1));
  const auto noticed = steady::now() - stopped;
  EXPECT_LE(noticed, 4500ms); // 2 s, and what a busy machine adds
  EXPECT_GE(noticed, 1000ms);
  EXPECT_GE(b.heard.unheard(), 1900ms) << "no beat came back after the stop";
  EXPECT_LE(b.heard.unheard(), noticed + 1500ms);
  EXPECT_LT(resident_bytes(), before + 20 * megabyte);
  EXPECT_FALSE(b.mesh.send(1, frame_kind::request, "gone"));
  a.signal(SIGCONT); // it finds its link gone and dials again
  EXPECT_TRUE(b.is_up(1));
}

TEST_F(link_flow, notices_a_killed_process_at_once) {
  other_process a(*ours);
  linked_node b(node_settings(*ours, 2, "b"));
  a.dial(b.mesh.port());
  ASSERT_TRUE(b.is_up(1));
  std::this_thread::sleep_for(3s); // it has acknowledged some beats
  a.signal(SIGKILL);
  const auto killed = steady::now();
  ASSERT_TRUE(b.is_down(1));
  EXPECT_LE(steady::now() - killed, 1500ms); // and not 2 s
  EXPECT_LE(b.heard.unheard(), 2500ms) << "a beat had come back before";
}

TEST_F(link_flow, does_not_buffer_for_who_sends_beats_but_never_reads) {
  auto settings = node_settings(*ours, 2, "b");
  settings.most_queued = megabyte;
  linked_node b(settings);
  rough_client deaf(b.mesh.port());
  deaf.secure(*ours, "a");
  deaf.greet(1, "a");
  ASSERT_TRUE(b.is_up(1));
  std::string beats;
  for (int i = 0; i < 1'000; ++i) {
    put_head(beats, {beat_size, frame_kind::beat});
    beats += encode(beat{false, 1});
  }
  const auto before = resident_bytes();
  fill(b.mesh, 1, 1'000);
  for (int i = 0; i < 200; ++i)
    deaf.say_raw(beats);
  std::this_thread::sleep_for(500ms); // until all of them were heard
  EXPECT_LE(queued(b.mesh), megabyte + 4096);
  EXPECT_LT(resident_bytes(), before + 10 * megabyte);
}

TEST_F(link_flow, refuses_lengths_that_nobody_means_without_growing) {
  linked_node b(node_settings(*ours, 2, "b"));
  const auto before = resident_bytes();
  for (const bool greeted : {false, true}) {
    rough_client liar(b.mesh.port());
    liar.secure(*ours, "a");
    if (greeted)
      liar.greet(1, "a");
    const auto said = steady::now();
    liar.say_raw("\xff\xff\xff\xff\x10");
    liar.hear_to_the_end();
    EXPECT_LE(steady::now() - said, 900ms) << "that was silence, not refusal";
  }
  EXPECT_LT(resident_bytes(), before + 5 * megabyte);
  // A length that is allowed takes memory only as its bytes come.
  rough_client slow(b.mesh.port());
  slow.secure(*ours, "a");
  slow.greet(1, "a");
  slow.say_raw(std::string("\0\x7f\xff\xff\x10", 5) + "only this");
  std::this_thread::sleep_for(200ms);
  EXPECT_LT(resident_bytes(), before + 5 * megabyte);
}

TEST_F(link_flow, hangs_up_on_junk) {
  linked_node b(node_settings(*ours, 2, "b"));
  const auto expect_the_end_after = [&](bool greets, frame_kind kind,
                                        const std::string& body) {
    rough_client rude(b.mesh.port());
    rude.secure(*ours, "a");
    if (greets)
      rude.greet(1, "a");
    const auto said = steady::now();
    rude.say(kind, body);
    rude.hear_to_the_end();
    EXPECT_LE(steady::now() - said, 900ms) << body;
  };
  expect_the_end_after(false, frame_kind::request, "{}");
  expect_the_end_after(false, frame_kind::hello, "no JSON");
  expect_the_end_after(true, frame_kind::hello, "{}");
  expect_the_end_after(true, frame_kind::beat, "odd");
  expect_the_end_after(true, frame_kind{}, "nothing");
  EXPECT_TRUE(b.heard.wait([&] { return b.heard.downs().size() == 3; }));
  EXPECT_THAT(b.heard.frames(), IsEmpty());
}

TEST_F(link_flow, ends_a_link_whose_frame_cannot_be_understood) {
  linked_node b(node_settings(*ours, 2, "b"));
  b.heard.on_frame = [](incarnation, frame_kind, const std::string&) {
    throw json::bad_shape("what is this");
  };
  linked_node a(node_settings(*ours, 1, "a"));
  a.mesh.meet({b.address()});
  ASSERT_TRUE(a.is_up(2));
  a.mesh.send(2, frame_kind::request, "x");
  EXPECT_TRUE(a.heard.wait([&] { return a.heard.times_down(2) == 1; }));
  EXPECT_TRUE(a.heard.wait([&] { return a.heard.ups().size() == 2; }));
}

TEST_F(link_flow, waits_for_nobody_who_does_not_greet) {
  linked_node b(node_settings(*ours, 2, "b"));
  const auto began = steady::now();
  rough_client mute(b.mesh.port());
  mute.hear_to_the_end();
  rough_client half(b.mesh.port());
  half.secure(*ours, "a");
  half.hear_to_the_end();
  EXPECT_LE(steady::now() - began, 5s); // of 1 s each
  // Many of them keep no node out for longer than that.
  std::vector<std::unique_ptr<rough_client>> crowd;
  for (int i = 0; i < 200; ++i)
    crowd.push_back(std::make_unique<rough_client>(b.mesh.port()));
  linked_node a(node_settings(*ours, 1, "a"));
  a.mesh.meet({b.address()});
  EXPECT_TRUE(a.is_up(2));
}
