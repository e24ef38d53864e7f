#pragma once

#include <boost/json.hpp>

/// How a document of any size is shown in little. Pure.
namespace usher::inspect {

/// The document with lists of at most `most` members (at least one) at each
/// depth, and objects of as many, but never less than 50, so that none loses
/// its fields: of a longer one the first are left, and the last of these says
/// how many are missing, "... and 412 more". Once more it changes nothing.
/// `is_cut` becomes true if any was longer.
boost::json::value shortened(const boost::json::value&, std::size_t most,
                             bool& is_cut);

} // namespace usher::inspect
