# usher_web: the pages as a header, "docs.html.hpp" (usher::docs_html).
set(pages ${CMAKE_CURRENT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${pages})
file(READ ${CMAKE_CURRENT_LIST_DIR}/docs.html page)
file(CONFIGURE OUTPUT ${pages}/docs.html.hpp @ONLY NEWLINE_STYLE UNIX CONTENT
[=[#pragma once

#include <string_view>

namespace usher {

/// The interactive documentation: one page that asks nobody but this node.
inline constexpr std::string_view docs_html = R"docs(@page@)docs";

} // namespace usher
]=])
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/docs.html)
add_library(usher_web INTERFACE)
target_include_directories(usher_web INTERFACE ${pages})
