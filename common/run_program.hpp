#pragma once
/// \file
/// Runs a program of the ladder from a test, as a reader would.

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "common/test_support.hpp"

namespace ladder {

/// What came of a program.
struct Run {
  int status;       ///< of the exit, or minus the signal that ended it
  std::string out;  ///< all that it printed
  std::string err;
};

/// Runs a program that this build made, with `input` on its standard input and MICROGPT_NAMES
/// unset.
inline Run run_built(const std::string& program, const std::vector<std::string>& arguments,
                     const std::string& input = "") {
  const TemporaryDirectory directory;
  const std::string path = LADDER_BIN "/" + program;
  if (::access(path.c_str(), X_OK) != 0) throw std::runtime_error(path + " is not built");
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const std::array<std::string, 3> files = {directory.write("in", input), directory.file("out"),
                                            directory.file("err")};
  const pid_t child = ::fork();
  if (child == 0) {
    for (int file = 0; file < 3; ++file) {
      const int flags = file == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
      ::dup2(::open(files[static_cast<std::size_t>(file)].c_str(), flags, 0600), file);
    }
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
    ::unsetenv("MICROGPT_NAMES");
    ::execv(path.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), directory.read("out"),
          directory.read("err")};
}

}  // namespace ladder
