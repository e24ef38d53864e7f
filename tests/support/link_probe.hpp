#pragma once

#include "cluster/mesh.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unistd.h>

/// Real meshes with real certificates, and rough clients to annoy them.
namespace usher::test {

namespace asio = boost::asio;

/// Certificates in a folder of their own, made by the script that operators
/// use; gone when the test is.
class certificates {
public:
  explicit certificates(const std::string& nodes)
    : dir_(std::filesystem::temp_directory_path()
           / ("usher-link-" + std::to_string(::getpid()) + "-"
              + std::to_string(next_number()))) {
    const auto command =
      "config/make-certificates " + dir_.string() + " " + nodes + " >/dev/null";
    if (std::system(command.c_str()) != 0)
      throw std::runtime_error("no certificates: run from the top");
  }

  certificates(const certificates&) = delete;
  certificates& operator=(const certificates&) = delete;

  ~certificates() { std::filesystem::remove_all(dir_); }

  std::string file(const std::string& name) const { return dir_ / name; }

private:
  static int next_number() {
    static int number = 0;
    return ++number;
  }

  std::filesystem::path dir_;
};

/// What a mesh has told, for a test to wait for.
class listener {
public:
  struct frame {
    cluster::incarnation from = 0;
    cluster::frame_kind kind{};
    std::string body;
  };

  cluster::mesh_events events() {
    return {
      [this](cluster::incarnation from, cluster::frame_kind kind,
             std::string body) {
        const std::lock_guard guard(lock_);
        if (on_frame)
          on_frame(from, kind, body);
        else
          frames_.push_back({from, kind, std::move(body)});
        changed_.notify_all();
      },
      [this](cluster::incarnation who, std::uint16_t) { note(ups_, who); },
      [this](cluster::incarnation who) { note(downs_, who); },
      [this](cluster::incarnation, duration span) {
        const std::lock_guard guard(lock_);
        unheard_ = span;
      }};
  }

  /// Waits until `truth`, looked at under the lock; false if it never came.
  template <class Truth>
  bool wait(Truth truth,
            std::chrono::milliseconds patience = std::chrono::seconds{15}) {
    std::unique_lock guard(lock_);
    return changed_.wait_for(guard, patience, truth);
  }

  /// What came, unless `on_frame` takes it.
  std::vector<frame> frames() const {
    const std::lock_guard guard(lock_);
    return frames_;
  }

  std::vector<cluster::incarnation> ups() const {
    const std::lock_guard guard(lock_);
    return ups_;
  }

  std::vector<cluster::incarnation> downs() const {
    const std::lock_guard guard(lock_);
    return downs_;
  }

  /// Before the last `down`.
  duration unheard() const {
    const std::lock_guard guard(lock_);
    return unheard_;
  }

  /// How often `up` was told of it.
  std::ptrdiff_t times_up(cluster::incarnation who) const {
    const std::lock_guard guard(lock_);
    return std::count(ups_.begin(), ups_.end(), who);
  }

  std::ptrdiff_t times_down(cluster::incarnation who) const {
    const std::lock_guard guard(lock_);
    return std::count(downs_.begin(), downs_.end(), who);
  }

  /// Set before anybody can send.
  std::function<void(cluster::incarnation, cluster::frame_kind,
                     const std::string&)>
    on_frame;

private:
  void note(std::vector<cluster::incarnation>& list, cluster::incarnation who) {
    const std::lock_guard guard(lock_);
    list.push_back(who);
    changed_.notify_all();
  }

  mutable std::recursive_mutex lock_; // what is waited for looks, too
  std::condition_variable_any changed_;
  std::vector<frame> frames_;
  std::vector<cluster::incarnation> ups_;
  std::vector<cluster::incarnation> downs_;
  duration unheard_{};
};

/// A mesh and its listener.
class linked_node {
public:
  explicit linked_node(const cluster::mesh_settings& settings)
    : settings_(settings), mesh(settings, heard.events()) {}

  cluster::peer_address address() const {
    return {settings_.self, settings_.name,
            "127.0.0.1:" + std::to_string(mesh.port())};
  }

  bool is_up(cluster::incarnation peer) {
    return heard.wait(
      [&] { return heard.times_up(peer) > heard.times_down(peer); });
  }

  bool is_down(cluster::incarnation peer) {
    return heard.wait([&] {
      return heard.times_down(peer) > 0
             && heard.times_down(peer) == heard.times_up(peer);
    });
  }

  /// The trouble with the one member there should be a link to.
  std::string trouble(const std::string& wanted) {
    std::string last;
    for (int i = 0; i < 1'000; ++i) {
      for (const auto& one : mesh.links())
        last = one.up ? "it is up" : one.trouble;
      if (last.find(wanted) != std::string::npos)
        return last;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return last;
  }

private:
  cluster::mesh_settings settings_;

public:
  listener heard;
  cluster::mesh mesh;
};

/// Settings of a node with certificates.
inline cluster::mesh_settings node_settings(const certificates& from,
                                            cluster::incarnation self,
                                            const std::string& name) {
  cluster::mesh_settings out;
  out.self = self;
  out.name = name;
  out.certificate = from.file(name + ".pem");
  out.key = from.file(name + ".key");
  out.authority = from.file("ca.pem");
  return out;
}

/// A client that speaks TLS, or not, and otherwise says what it likes.
class rough_client {
public:
  explicit rough_client(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  /// Shakes hands; `name` empty shows no certificate. Returns what failed.
  boost::system::error_code secure(const certificates& from,
                                   const std::string& name) {
    context_.emplace(asio::ssl::context::tls_client);
    if (!name.empty()) {
      context_->use_certificate_chain_file(from.file(name + ".pem"));
      context_->use_private_key_file(from.file(name + ".key"),
                                     asio::ssl::context::pem);
    }
    tls_.emplace(socket_, *context_);
    boost::system::error_code failed;
    tls_->handshake(asio::ssl::stream_base::client, failed);
    return failed;
  }

  void say(cluster::frame_kind kind, const std::string& body) {
    std::string out;
    cluster::put_head(out, {static_cast<std::uint32_t>(body.size()), kind});
    say_raw(out + body);
  }

  void say_raw(const std::string& bytes) {
    boost::system::error_code ignored;
    if (tls_)
      asio::write(*tls_, asio::buffer(bytes), ignored);
    else
      asio::write(socket_, asio::buffer(bytes), ignored);
  }

  void greet(cluster::incarnation self, const std::string& name) {
    cluster::hello me;
    me.self = self;
    me.name = name;
    say(cluster::frame_kind::hello, json::text_of(me));
  }

  /// Everything that comes until the other side hangs up.
  std::string hear_to_the_end() {
    std::string out;
    boost::system::error_code failed;
    while (!failed) {
      std::array<char, 4096> some{};
      const auto size = tls_ ? tls_->read_some(asio::buffer(some), failed)
                             : socket_.read_some(asio::buffer(some), failed);
      out.append(some.data(), size);
    }
    return out;
  }

  /// Reads at least so many bytes.
  std::string hear(std::size_t size) {
    std::string out(size, '\0');
    boost::system::error_code failed;
    const auto got = tls_ ? asio::read(*tls_, asio::buffer(out), failed)
                          : asio::read(socket_, asio::buffer(out), failed);
    out.resize(got);
    return out;
  }

private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
};

/// Bytes of memory that this process has resident; 0 under a sanitizer, which
/// keeps what was freed.
inline std::size_t resident_bytes() {
#ifdef __SANITIZE_ADDRESS__
  return 0;
#else
  std::ifstream in("/proc/self/statm");
  std::size_t whole = 0;
  std::size_t resident = 0;
  in >> whole >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
#endif
}

} // namespace usher::test
