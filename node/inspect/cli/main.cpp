#include "node/inspect/cli/command_line.hpp"

int main(int argc, char** argv) {
  return usher::inspect::command_line{}.run(argc, argv);
}
