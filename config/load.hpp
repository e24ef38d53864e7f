#pragma once

#include "config/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::config {

/// One thing that is wrong with a configuration.
struct mistake {
  std::string path; ///< as in `http.limits.fields`; empty for the whole file
  int line = 0;     ///< counted from 1; 0 if it has none
  std::string message;
  bool operator==(const mistake&) const = default;
};

/// `file:line: path: message`, for people.
std::string to_string(const mistake&, std::string_view file);

/// The settings, or everything that is wrong with them.
struct loaded {
  settings values;
  std::vector<mistake> mistakes;

  explicit operator bool() const { return mistakes.empty(); }
};

/// Reads settings from YAML. Unknown and repeated keys, wrong types, values out
/// of range and contradictions are mistakes; all of them are collected. Does no
/// I/O: secrets that lie in files stay there.
loaded parse(std::string_view yaml);

/// Looks up an environment variable.
using environment =
  std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process.
std::optional<std::string> process_environment(const std::string& name);

/// Fills in what is kept outside: secrets from their files and variables, the
/// administrator from USHER_ADMIN_EMAIL and USHER_ADMIN_PASSWORD. A file loses
/// the line end after its secret. Certificates are only looked for.
std::vector<mistake> fetch_secrets(settings&, const environment&);

/// What else is wrong with settings that are good as far as can be told here.
using further_rules = std::function<std::vector<mistake>(const settings&)>;

/// Reads a file, and the secrets it speaks of, then looks at it by `further`
/// rules, if any: what `--check-config` does. Relative names of secrets are
/// relative to the working folder.
loaded load(const std::string& file,
            const environment& variables = process_environment,
            const further_rules& further = {});

} // namespace usher::config
