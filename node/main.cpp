#include "config/load.hpp"
#include "node/log.hpp"
#include "node/membership/own_certificate.hpp"
#include "node/node.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

int main(int argc, char** argv) {
  CLI::App app{"One node of Usher, a ticket-selling system."};
  std::string file;
  std::string demo;
  bool check_only = false;
  app.add_option("--config", file, "The settings, as YAML")->required();
  app.add_flag("--check-config", check_only,
               "Only tell whether the settings are good");
  app.add_option("--demo", demo, "Put the venues in this folder on sale");
  CLI11_PARSE(app, argc, argv);
  const auto loaded = usher::config::load(
    file, usher::config::process_environment, usher::wrong_certificate);
  for (const auto& mistake : loaded.mistakes)
    std::fprintf(stderr, "%s\n",
                 usher::config::to_string(mistake, file).c_str());
  if (!loaded)
    return 2;
  if (check_only) {
    std::puts("the settings are good");
    return 0;
  }
  usher::log::configure(loaded.values.log.level);
  return usher::run_node(loaded.values, demo);
}
