#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

namespace usher {

class front_desk;

/// What a house needs before it opens: the administrator's account, if the
/// settings name one, with the password that they say; and with a folder of
/// venues the demo: two accounts, an organization, and each venue with an event
/// on sale. Finds what is there already, so it may be called at every start.
boost::asio::awaitable<void> prepare_house(front_desk& desk,
                                           std::string venues);

} // namespace usher
