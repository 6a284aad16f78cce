// The judge: the tests of a stage, in a process that no student's code is linked to. Python
// (classroom/tools/grade.py) starts it once a task.
//
//   judge --list                                     a line a test: task, points at the edge,
//   hidden judge TASK SEED SECONDS RESULT LOG -- COMMAND…   runs a task's tests; RESULT gets, a
//   test each,
//                                                    three lines: ok or FAIL, the name, the message

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "classroom/kit/check.hpp"
#include "classroom/kit/remote.hpp"

namespace ladder::classroom {
namespace {

// Control characters could forge a line.
std::string in_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
  }
  return text;
}

void list(const Tests& tests) {
  for (const Test& test : tests.all()) {
    std::printf("%s\t%d\t%d\t%s\n", test.task.c_str(), test.edge, test.hidden ? 1 : 0,
                test.name.c_str());
  }
}

int judge(const Tests& tests, int argc, char** argv) {
  const std::string task = argv[1];
  const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  const WorkerPlan plan{{argv + 7, argv + argc}, argv[5], std::strtod(argv[3], nullptr)};
  std::ofstream result(argv[4]);
  bool all = true, late = false;
  for (const Test& test : tests.all()) {
    if (test.task != task) continue;
    new_worker(plan);  // what one test breaks, the next one does not find broken
    // Who waits once for an endless loop need not wait for it in every test.
    const std::string failure =
        late ? "not tried: your code took too long in the test before" : failure_of(test, seed);
    end_worker();
    late = late || ran_out_of_time();
    result << (failure.empty() ? "ok" : "FAIL") << '\n'
           << test.name << '\n'
           << in_one_line(failure) << '\n'
           << std::flush;
    all = all && failure.empty();
  }
  return all ? 0 : 1;
}

}  // namespace
}  // namespace ladder::classroom

int main(int argc, char** argv) {
  using namespace ladder::classroom;
  Tests tests;
  add_visible_tests(tests);
  tests.hide();
  add_hidden_tests(tests);
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    list(tests);
    return 0;
  }
  if (argc < 8 || std::strcmp(argv[6], "--") != 0) return 2;
  return judge(tests, argc, argv);
}
