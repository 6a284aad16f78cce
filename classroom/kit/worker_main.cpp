// The process in which the student's code runs when it is graded. It knows the probes and nothing
// else: no test, no expected number. It answers until the judge hangs up.

#include <cstdlib>
#include <unistd.h>

#include "classroom/kit/call.hpp"
#include "classroom/kit/frames.hpp"

namespace ladder::classroom {
namespace {

bool read_all(void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = read(request_pipe, at, size);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void write_all(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = write(answer_pipe, at, size);
    if (put <= 0) std::_Exit(1);
    at += put;
    size -= static_cast<std::size_t>(put);
  }
}

void send(FrameHead head, const Numbers& numbers) {
  head.count = numbers.size();
  write_all(&head, sizeof(head));
  write_all(numbers.data(), numbers.size() * sizeof(double));
}

void answer(const Probes& probes, FrameHead head, Numbers request) {
  Reader reader(std::move(request));
  try {
    Writer writer;
    probes.at(reader.text())(reader, writer);
    head.failed = 0;
    send(head, writer.numbers());
  } catch (const std::exception& e) {
    Writer writer;
    writer.put(std::string_view(e.what()));
    head.failed = 1;
    send(head, writer.numbers());
  }
}

int serve() {
  Probes probes;
  add_probes(probes);
  FrameHead head;
  while (read_all(&head, sizeof(head))) {
    Numbers request(head.count);
    if (!read_all(request.data(), request.size() * sizeof(double))) break;
    answer(probes, head, std::move(request));
  }
  return 0;
}

}  // namespace
}  // namespace ladder::classroom

int main() { return ladder::classroom::serve(); }
