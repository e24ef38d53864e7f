# Turns migrations/NNNN_name.sql into one C++ file, so that the program needs no
# files beside it. Call: cmake -DFROM=<folder> -DTO=<file.cpp> -P migrations.cmake
file(GLOB scripts ${FROM}/*.sql)
list(SORT scripts)
set(rows "")
set(expected 1)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  string(REGEX MATCH "^[0-9]+" number ${name})
  math(EXPR number "${number}")
  if(NOT number EQUAL expected)
    message(FATAL_ERROR "${name}: migration ${expected} was expected")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ ${script} text)
  file(SHA256 ${script} checksum)
  string(APPEND rows "  {${number}, \"${name}\", \"${checksum}\",\n"
         "   R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE ${TO} "// Made by persistence/migrations.cmake.
#include \"persistence/postgres/migrate.hpp\"

namespace usher::persistence {

const std::vector<migration>& migrations() {
  static const std::vector<migration> all{
${rows}  };
  return all;
}

} // namespace usher::persistence
")
