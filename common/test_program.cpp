#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <new>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "common/error.hpp"
#include "common/program.hpp"
#include "common/test_support.hpp"

using namespace ladder;

namespace {

struct Outcome {
  int status;  // of the exit, or minus the signal that ended it
  std::string out;
  std::string err;
  bool operator==(const Outcome&) const = default;
};

// Runs `body` as a program of its own; `prepare` comes before run_program().
Outcome outcome_of(
    const std::function<void()>& body, const std::function<void()>& prepare = [] {}) {
  const TemporaryDirectory directory;
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
    if (!std::freopen(directory.file("out").c_str(), "w", stdout)) ::_exit(99);
    if (!std::freopen(directory.file("err").c_str(), "w", stderr)) ::_exit(99);
    std::setvbuf(stderr, nullptr, _IONBF, 0);  // as stderr is where it has not been reopened
    prepare();
    const int status = run_program(body);
    std::fflush(nullptr);
    ::_exit(status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), directory.read("out"),
          directory.read("err")};
}

void print(const char* text) { std::fputs(text, stdout); }

}  // namespace

TEST_CASE("a program that succeeds") {
  CHECK(outcome_of([] { print("fine\n"); }) == Outcome{0, "fine\n", ""});
}

TEST_CASE("errors are one line on stderr, and an exit status") {
  CHECK(outcome_of([] { throw Error("no disk"); }) == Outcome{1, "", "error: no disk\n"});
  CHECK(outcome_of([] { throw UsageError("what?"); }) == Outcome{2, "", "error: what?\n"});
  CHECK(outcome_of([] { throw std::logic_error("bug"); }) == Outcome{1, "", "error: bug\n"});
  CHECK(outcome_of([] { throw std::bad_alloc(); }).err.starts_with("error: out of memory"));
  // What was printed before stands before it.
  CHECK(outcome_of([] {
          print("so far\n");
          throw Error("no further");
        }) == Outcome{1, "so far\n", "error: no further\n"});
}

TEST_CASE("an error with stderr closed is still an exit status, not an abort") {
  CHECK(outcome_of([] { throw Error("unheard"); }, [] { ::close(STDERR_FILENO); }).status == 1);
}

TEST_CASE("results that could not be printed are an error") {
  const int full = ::open("/dev/full", O_WRONLY);
  if (full < 0) SKIP("needs the device /dev/full (Linux)");
  const Outcome outcome =
      outcome_of([] { print("results\n"); }, [&] { ::dup2(full, STDOUT_FILENO); });
  ::close(full);
  CHECK(outcome.status == 1);
  CHECK(outcome.err == "error: cannot print: No space left on device\n");
}

TEST_CASE("Ctrl-C stops in order: the loop sees it, results are printed, the status tells") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Outcome outcome = outcome_of([&] {
      if (interrupted()) throw Error("too early");
      std::raise(signal);
      print(interrupted() ? "stopped\n" : "went on\n");
    });
    CHECK(outcome == Outcome{130, "stopped\n", ""});
  }
}

TEST_CASE("a second Ctrl-C ends the program at once") {
  const Outcome outcome = outcome_of([] {
    std::raise(SIGINT);
    std::raise(SIGINT);
    print("still here\n");
  });
  CHECK(outcome == Outcome{-SIGINT, "", ""});
}

TEST_CASE("who started the program to ignore Ctrl-C (nohup, a background job) is obeyed") {
  const Outcome outcome = outcome_of(
      [] {
        std::raise(SIGINT);
        print(interrupted() ? "stopped\n" : "went on\n");
      },
      [] { std::signal(SIGINT, SIG_IGN); });
  CHECK(outcome == Outcome{0, "went on\n", ""});
}

TEST_CASE("a reader who has seen enough (| head) ends the program quietly") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);  // the reader
  const auto to_pipe = [&] { ::dup2(ends[1], STDOUT_FILENO); };
  const auto body = [] { print("line\n"); };
  CHECK(outcome_of(body, to_pipe) == Outcome{-SIGPIPE, "", ""});
  const Outcome ignored = outcome_of(body, [&] {
    std::signal(SIGPIPE, SIG_IGN);
    to_pipe();
  });
  ::close(ends[1]);
  CHECK(ignored.status == 1);
  CHECK(ignored.err == "error: cannot print: Broken pipe\n");
}
