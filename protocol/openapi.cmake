# usher_openapi: the contract as a header, "openapi.json.hpp" (usher::openapi_json), checked while it is made.
# openapi.json beside it is for tests: USHER_OPENAPI_JSON is its path.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
set(USHER_OPENAPI_JSON ${generated}/openapi.json CACHE INTERNAL "")
set(converter ${CMAKE_CURRENT_LIST_DIR}/openapi_to_json.py)
add_custom_command(
  OUTPUT ${generated}/openapi.json.hpp ${generated}/openapi.json
  COMMAND ${Python3_EXECUTABLE} ${converter} --hpp ${generated}/openapi.json.hpp
  COMMAND ${Python3_EXECUTABLE} ${converter} --json ${generated}/openapi.json
  DEPENDS ${converter} ${CMAKE_CURRENT_LIST_DIR}/openapi.yaml ${CMAKE_CURRENT_LIST_DIR}/error.hpp
  COMMENT "Checking and embedding openapi.yaml"
  VERBATIM)
add_custom_target(usher_openapi_files DEPENDS ${generated}/openapi.json.hpp)
add_library(usher_openapi INTERFACE)
add_dependencies(usher_openapi usher_openapi_files)
target_include_directories(usher_openapi INTERFACE ${generated})
