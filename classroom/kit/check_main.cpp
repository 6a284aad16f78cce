// The student's check program: the visible tests, task by task, each task in a process of its own.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

#include "classroom/kit/check.hpp"

namespace ladder::classroom {
namespace {

// The tests of one task. \returns how many failed
int run_task(const Tests& tests, const std::string& task, std::uint64_t seed) {
  int failed = 0;
  for (const Test& test : tests.all()) {
    if (test.task != task) continue;
    const std::string failure = failure_of(test, seed);
    std::printf("  %s  %s\n", failure.empty() ? "ok  " : "FAIL", test.name.c_str());
    if (!failure.empty()) std::printf("        %s\n", failure.c_str());
    std::fflush(stdout);
    if (!failure.empty()) ++failed;
  }
  return failed;
}

// A task that crashes takes no other with it. \returns whether all its tests passed
bool run_apart(const Tests& tests, const std::string& task, std::uint64_t seed) {
  std::printf("%s\n", task.c_str());
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);  // an endless loop ends, too
    // Only this status says that the tests were run to their end: 0 or 1 could be an exit() of
    // the code under test.
    std::_Exit(run_task(tests, task, seed) == 0 ? 90 : 91);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 90 || WEXITSTATUS(status) == 91)) {
    return WEXITSTATUS(status) == 90;
  }
  if (WIFSIGNALED(status)) {
    std::printf(
        "  FAIL  your code was stopped by signal %d (%s)\n", WTERMSIG(status),
        WTERMSIG(status) == SIGALRM ? "it took more than a minute" : strsignal(WTERMSIG(status)));
  } else {
    std::printf("  FAIL  your code ended the program with status %d\n", WEXITSTATUS(status));
  }
  return false;
}

int run(int argc, char** argv) {
  Tests tests;
  add_visible_tests(tests);
  std::vector<std::string> tasks;
  for (const Test& test : tests.all()) {
    if (tasks.empty() || tasks.back() != test.task) tasks.push_back(test.task);
  }
  std::string only;
  std::uint64_t seed = 1;
  bool here = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--task") == 0 && i + 1 < argc) {
      only = argv[++i];
    } else if (std::strcmp(argv[i], "--here") == 0) {
      here = true;
    } else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      std::printf("check [--task NAME] [--here] [--seed N]   the tasks:");
      for (const std::string& task : tasks) std::printf(" %s", task.c_str());
      std::printf("\nWith --here the task runs in this process, where a debugger can follow.\n");
      return std::strcmp(argv[i], "--help") == 0 ? 0 : 2;
    }
  }
  if (!only.empty() && std::find(tasks.begin(), tasks.end(), only) == tasks.end()) {
    std::fprintf(stderr, "error: there is no task %s; check --help lists them\n", only.c_str());
    return 2;
  }
  if (!only.empty() && here) return run_task(tests, only, seed) == 0 ? 0 : 1;
  if (!only.empty()) return run_apart(tests, only, seed) ? 0 : 1;
  std::size_t passed = 0;
  for (const std::string& task : tasks) passed += run_apart(tests, task, seed) ? 1 : 0;
  std::printf("\n%zu of %zu tasks pass these tests; the grader has more\n", passed, tasks.size());
  return passed == tasks.size() ? 0 : 1;
}

}  // namespace
}  // namespace ladder::classroom

int main(int argc, char** argv) { return ladder::classroom::run(argc, argv); }
