#include "common/program.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include <fmt/format.h>

#include "common/error.hpp"

namespace ladder {
namespace {

volatile std::sig_atomic_t signal_seen = 0;

extern "C" void remember_signal(int signal) {
  signal_seen = 1;
  std::signal(signal, SIG_DFL);
}

int fail(int status, const char* message) {
  fmt::print(stderr, "error: {}\n", message);
  return status;
}

}  // namespace

bool interrupted() { return signal_seen != 0; }

int run_program(const std::function<void()>& body) {
  std::signal(SIGINT, remember_signal);
  std::signal(SIGTERM, remember_signal);
  try {
    body();
    if (std::fflush(stdout) != 0)
      throw Error(fmt::format("cannot print: {}", std::strerror(errno)));
  } catch (const UsageError& error) {
    return fail(2, error.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "out of memory; a smaller corpus or batch needs less");
  } catch (const std::exception& error) {
    return fail(1, error.what());
  }
  return interrupted() ? 130 : 0;
}

}  // namespace ladder
