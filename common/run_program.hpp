#pragma once
/// \file
/// Runs a program of the ladder from a test, as a reader would.

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <vector>

#include "common/test_support.hpp"

namespace ladder {

/// What came of a program.
struct Run {
  int status;       ///< of the exit, or minus the signal that ended it
  std::string out;  ///< all that it printed
  std::string err;  ///< likewise, on stderr; empty of a run on a terminal, whose `out` has both
};

/// Where a program that this build made lies.
inline std::string path_of_built(const std::string& program) {
  std::string path = LADDER_BIN "/" + program;
  if (::access(path.c_str(), X_OK) != 0) throw std::runtime_error(path + " is not built");
  return path;
}

/// In a child process: becomes the program, with MICROGPT_NAMES unset.
[[noreturn]] inline void become(const std::string& path,
                                const std::vector<std::string>& arguments) {
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
  ::unsetenv("MICROGPT_NAMES");
  ::execv(path.c_str(), argv.data());
  ::_exit(127);
}

/// Of a status that waitpid() gave: the exit status, or minus the signal.
inline int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Runs the program that lies at a path, with `input` on its standard input.
inline Run run_path(const std::string& path, const std::vector<std::string>& arguments,
                    const std::string& input = "") {
  const TemporaryDirectory directory;
  const std::array<std::string, 3> files = {directory.write("in", input), directory.file("out"),
                                            directory.file("err")};
  const pid_t child = ::fork();
  if (child == 0) {
    for (int file = 0; file < 3; ++file) {
      const int flags = file == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
      ::dup2(::open(files[static_cast<std::size_t>(file)].c_str(), flags, 0600), file);
    }
    become(path, arguments);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {exit_status(status), directory.read("out"), directory.read("err")};
}

/// The same for a program that this build made.
inline Run run_built(const std::string& program, const std::vector<std::string>& arguments,
                     const std::string& input = "") {
  return run_path(path_of_built(program), arguments, input);
}

/// Runs it on a terminal of 80 columns, where it draws its progress: what it wrote there, as it
/// came.
inline Run run_on_terminal(const std::string& program, const std::vector<std::string>& arguments) {
  const std::string path = path_of_built(program);
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) {
    throw std::runtime_error("this system gives no pseudo-terminal");
  }
  const std::string name = ::ptsname(terminal);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    const int end = ::open(name.c_str(), O_RDWR);
    winsize size{};
    size.ws_row = 24;
    size.ws_col = 80;
    ::ioctl(end, TIOCSWINSZ, &size);
    for (int file = 0; file < 3; ++file) ::dup2(end, file);
    ::setenv("TERM", "xterm", 1);
    ::close(terminal);
    become(path, arguments);
  }
  const int keep = ::open(name.c_str(), O_RDWR | O_NOCTTY);  // until the child has opened its own
  std::string written;
  char chunk[4096];
  int status = 0;
  bool ended = false;
  for (;;) {
    if (!ended) ended = ::waitpid(child, &status, WNOHANG) == child;
    pollfd ready{terminal, POLLIN, 0};
    if (::poll(&ready, 1, ended ? 0 : 50) > 0) {
      const ssize_t count = ::read(terminal, chunk, sizeof chunk);
      if (count <= 0) break;
      written.append(chunk, static_cast<std::size_t>(count));
    } else if (ended) {
      break;
    }
  }
  ::close(keep);
  ::close(terminal);
  return {exit_status(status), written, ""};
}

}  // namespace ladder
