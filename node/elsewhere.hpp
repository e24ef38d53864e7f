#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>

namespace usher {

/// Runs slow work on another thread and comes back to `io` with its result.
/// `start(done)` hands the work over; `done(Result)` may be called from any
/// thread, once.
template <class Result, class Start>
boost::asio::awaitable<Result> elsewhere(boost::asio::io_context& io,
                                         Start start) {
  auto out = std::make_shared<std::optional<Result>>();
  auto begin = [&](auto handler) {
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    start([&io, out, resume](Result result) {
      boost::asio::post(io,
                        [out, resume, result = std::move(result)]() mutable {
                          *out = std::move(result);
                          (*resume)();
                        });
    });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                       void()>(begin,
                                               boost::asio::use_awaitable);
  co_return std::move(**out);
}

} // namespace usher
