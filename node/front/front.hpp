#pragma once

#include "node/front/front_desk.hpp"
#include "node/front/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <memory>
#include <thread>

namespace usher {

/// One io thread: its requests, its questions, its clients.
struct front {
  /// On that loop, which runs already, or on one of its own.
  front(services& node, boost::asio::io_context* shared)
    : own(shared ? nullptr : std::make_unique<boost::asio::io_context>(1)),
      io(shared ? *shared : *own),
      desk(node, io),
      server(io, desk) {}

  /// From here on the loop runs, if it did not before.
  void run() {
    server.keep_watch();
    if (own)
      thread = std::thread([this] { io.run(); });
  }

  /// From here on clients are served.
  void open(boost::asio::ip::tcp::acceptor door) {
    std::packaged_task<void()> task([&] { server.open(std::move(door)); });
    boost::asio::post(io, [&task] { task(); });
    task.get_future().get();
  }

  void stop() {
    if (!own)
      return;
    io.stop();
    if (thread.joinable())
      thread.join();
  }

  std::unique_ptr<boost::asio::io_context> own;
  boost::asio::io_context& io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard = boost::asio::make_work_guard(io);
  front_desk desk;
  http::server server;
  std::thread thread;
};

} // namespace usher
