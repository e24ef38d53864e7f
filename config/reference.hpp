#pragma once

#include <string>
#include <vector>

namespace usher::config {

/// One line of the reference of all settings.
struct reference_row {
  std::string path;     ///< `[]` stands for each item of a list
  std::string standard; ///< the value without a configuration; may be empty
  std::string allowed;
};

/// Every setting there is, in the order of the schema.
std::vector<reference_row> reference();

} // namespace usher::config
