#include "common/program.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "common/error.hpp"

namespace ladder {
namespace {

// Written by a signal's handler, read by any thread: what is lock-free may be used by both.
std::atomic<bool> signal_seen = false;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void remember_signal(int signal) {
  signal_seen = true;
  std::signal(signal, SIG_DFL);
}

// A signal that is ignored (nohup, a shell's background job) stays ignored.
void watch_for(int signal) {
  if (std::signal(signal, remember_signal) == SIG_IGN) std::signal(signal, SIG_IGN);
}

// Not fmt::print: it throws if stderr is closed, and from here nothing would catch that.
int fail(int status, const char* message) {
  std::fflush(stdout);
  std::fputs(fmt::format("error: {}\n", message).c_str(), stderr);
  return status;
}

}  // namespace

bool interrupted() { return signal_seen; }

int run_program(const std::function<void()>& body) {
  watch_for(SIGINT);
  watch_for(SIGTERM);
  try {
    body();
    if (std::fflush(stdout) != 0) {
      throw Error(fmt::format("cannot print: {}", std::strerror(errno)));
    }
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
