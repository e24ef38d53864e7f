#pragma once

#include "config/settings.hpp"
#include "protocol/ids.hpp"

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// Which cluster is meant.
namespace usher::inspect {

/// How the command line names a cluster: one of the first three, or none.
struct whereabouts {
  std::string home;    ///< what node/start made
  std::string config;  ///< a node's settings
  std::string address; ///< host:port of any node
  std::string certificate;
  std::string key;
  std::string authority;
};

/// Where to ask. Empty texts where nothing is known.
struct target {
  std::map<cell_no, std::string> databases; ///< how to connect to PostgreSQL
  std::vector<std::string> addresses;       ///< of nodes, as their settings say
  std::string certificate;
  std::string key;
  std::string authority;
};

/// The command line names no cluster, or one that cannot be found.
struct no_target : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads the settings of the nodes there: of `home` itself and of its folders.
/// With nothing named, USHER_HOME and then `var`. Only what leads to the
/// cluster is read, so that settings of another version do. Throws no_target.
target find_target(const whereabouts&);

} // namespace usher::inspect
