#include "classroom/kit/remote.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include "classroom/kit/call.hpp"
#include "classroom/kit/frames.hpp"
#include "common/random.hpp"

namespace ladder::classroom {
namespace {

using Clock = std::chrono::steady_clock;

WorkerPlan plan;
pid_t worker = -1;
int to_worker = -1, from_worker = -1;
Clock::time_point deadline;
double last_seconds = 0;
bool too_late = false;
Random ids(0);

std::string words_for_signal(int signal) {
  switch (signal) {
    case SIGSYS:
      return "your code asked the operating system for what graded code may not have (a file, the "
             "network, a process or a thread), and was stopped";
    case SIGXCPU:
    case SIGKILL:
      return "your code was stopped: it used too much processor time or memory; an endless loop?";
    case SIGXFSZ:
      return "your code printed more than is allowed, and was stopped";
    case SIGSEGV:
    case SIGBUS:
      return "your code crashed (segmentation fault): an index out of range, or a function that "
             "calls itself for ever?";
    case SIGABRT:
      return "your code gave up (abort): an assertion, an exception nobody caught, or no memory "
             "left";
    case SIGFPE:
      return "your code divided a whole number by zero";
    default:
      return "your code was stopped by signal " + std::to_string(signal);
  }
}

// Reaps a worker that hung up. What ran between (bubblewrap) says 128 + the signal.
std::string reason_of_end() {
  int status = 0;
  for (int i = 0; i < 200 && waitpid(worker, &status, WNOHANG) == 0; ++i) usleep(10'000);
  end_worker();
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : code - 128;
  too_late = signal == SIGXCPU || signal == SIGKILL;
  if (WIFSIGNALED(status)) return words_for_signal(WTERMSIG(status));
  if (code > 128) return words_for_signal(code - 128);
  return "your code ended the program (status " + std::to_string(code) + ") before it had answered";
}

void start_worker() {
  int request[2], answer[2];
  if (pipe2(request, O_CLOEXEC) != 0 || pipe2(answer, O_CLOEXEC) != 0) {
    throw NoAnswer("the grader has no pipe left; that is not your fault");
  }
  worker = fork();
  if (worker == 0) {
    setpgid(0, 0);
    const int log = open(plan.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int nothing = open("/dev/null", O_RDONLY);
    // Out of the way first: the pipes may have the numbers 3 and 4 already, crosswise.
    const int in = fcntl(request[0], F_DUPFD, 20), out = fcntl(answer[1], F_DUPFD, 20);
    dup2(nothing, 0);
    dup2(log, 1);
    dup2(log, 2);
    dup2(in, request_pipe);
    dup2(out, answer_pipe);
    for (int fd = 5; fd < 64; ++fd) close(fd);
    std::vector<char*> arguments;
    for (std::string& word : plan.command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(request[0]);
  close(answer[1]);
  to_worker = request[1];
  from_worker = answer[0];
  fcntl(to_worker, F_SETFL, O_NONBLOCK);
  deadline = Clock::now() + std::chrono::microseconds(static_cast<long>(plan.seconds * 1e6));
}

// Waits until the pipe is ready.
void await(int fd, short events) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd ready{fd, events, 0};
    if (left.count() <= 0) {
      too_late = true;
      end_worker();
      throw NoAnswer("your code took longer than " +
                     std::to_string(static_cast<long>(plan.seconds)) +
                     " seconds, and was stopped; an endless loop, or too much memory?");
    }
    const int count = poll(&ready, 1, static_cast<int>(left.count()));
    if (count > 0) return;
    if (count < 0 && errno != EINTR) throw NoAnswer(reason_of_end());
  }
}

void send(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    await(to_worker, POLLOUT);
    const ssize_t put = write(to_worker, at, size);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (put <= 0) throw NoAnswer(reason_of_end());
    at += put;
    size -= static_cast<std::size_t>(put);
  }
}

void receive(void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    await(from_worker, POLLIN);
    const ssize_t got = read(from_worker, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw NoAnswer(reason_of_end());
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

}  // namespace

void new_worker(const WorkerPlan& next) {
  end_worker();
  std::signal(SIGPIPE, SIG_IGN);
  std::random_device entropy;
  ids = Random((static_cast<std::uint64_t>(entropy()) << 32) + entropy());
  plan = next;
  too_late = false;
}

bool ran_out_of_time() { return too_late; }

void end_worker() {
  if (worker > 0) {
    kill(-worker, SIGKILL);
    kill(worker, SIGKILL);
    while (waitpid(worker, nullptr, 0) < 0 && errno == EINTR) {
    }
    close(to_worker);
    close(from_worker);
  }
  worker = -1;
}

Numbers call_numbers(const std::string& probe, const Numbers& arguments) {
  if (worker < 0) start_worker();
  const auto start = Clock::now();
  Writer name;
  name.put(std::string_view(probe));
  const std::uint64_t id = ids.bits();
  const FrameHead request{id, 0, name.numbers().size() + arguments.size()};
  send(&request, sizeof(request));
  send(name.numbers().data(), name.numbers().size() * sizeof(double));
  send(arguments.data(), arguments.size() * sizeof(double));

  FrameHead head;
  receive(&head, sizeof(head));
  if (head.id != id || head.count > largest_count) {
    end_worker();
    throw NoAnswer("what came back was no answer: your code wrote where only the grader writes");
  }
  Numbers answer(head.count);
  receive(answer.data(), answer.size() * sizeof(double));
  last_seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (head.failed != 0) {
    throw NoAnswer("your code threw an exception: " + Reader(answer).text().substr(0, 300));
  }
  return answer;
}

double seconds_of_last_call() { return last_seconds; }

}  // namespace ladder::classroom
