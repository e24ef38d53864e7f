#include "tests/support/private_postgres.hpp"

#include <pqxx/pqxx>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace usher::test {

namespace {

std::string temporary_folder() {
  std::string path = "/tmp/usher-postgres.XXXXXX";
  if (!mkdtemp(path.data()))
    throw std::runtime_error("no temporary folder for PostgreSQL");
  return path;
}

} // namespace

private_postgres::private_postgres() : folder_(temporary_folder()) {
  run("guard"); // the destructor does not run when a test crashes
  run("make");
}

private_postgres::~private_postgres() {
  try {
    run("remove");
  } catch (const std::exception&) {
    // Nothing is left to tell it to; the folder stays as evidence.
  }
}

std::string private_postgres::make_database() {
  auto name = "test" + std::to_string(++databases_);
  pqxx::connection connection(as_owner("postgres"));
  pqxx::nontransaction(connection).exec("CREATE DATABASE " + name);
  return name;
}

std::string private_postgres::as_owner(const std::string& database) const {
  return "host=" + folder_ + "/socket user=usher_owner dbname=" + database;
}

std::string private_postgres::as_app(const std::string& database) const {
  return "host=" + folder_ + "/socket user=usher_app dbname=" + database;
}

void private_postgres::start() {
  run("start");
}

void private_postgres::stop() {
  run("stop");
}

void private_postgres::kill_9() {
  run("kill");
}

int private_postgres::postmaster() const {
  std::ifstream file(folder_ + "/data/postmaster.pid");
  int pid = 0;
  file >> pid;
  return pid;
}

void private_postgres::run(const std::string& verb) {
  // `exec`: the shell between is no caller worth waiting for.
  auto command = "exec '" USHER_SOURCE_DIR "/tests/support/private-postgres' "
                 + verb + " " + folder_ + " >/dev/null";
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error("private-postgres " + verb + " failed");
}

} // namespace usher::test
