#include "09_fast_training/sweep/runs_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/json.hpp"
#include "common/machine.hpp"

namespace ladder {
namespace {

constexpr const char* stage = "09_fast_training";

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw Error(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

// Throws an Error that names the first thing asked for that is not what was asked for then.
void check_asked(const std::string& path, const nlohmann::json& then, const nlohmann::json& now) {
  for (const auto& [what, value] : now.items()) {
    const nlohmann::json before = then.contains(what) ? then.at(what) : nlohmann::json();
    if (before == value) continue;
    throw Error(
        fmt::format("{} is of another sweep: its {} was {} and is {} now; name another file to "
                    "--runs",
                    path, what, before.dump(), value.dump()));
  }
}

}  // namespace

RunsFile::RunsFile(const std::string& path, bool make) : path_(path) {
  // Appending: the system puts each write at the end, whole.
  file_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | (make ? O_CREAT : 0), 0666);
  if (file_ < 0) fail("write", path);
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(file_);
    throw Error(
        fmt::format("another sweep is writing to {}; wait for it, or name another file "
                    "to --runs",
                    path));
  }
}

RunsFile::RunsFile(RunsFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      plan_(std::move(other.plan_)),
      runs_(std::move(other.runs_)) {}

RunsFile::~RunsFile() {
  if (file_ >= 0) ::close(file_);
}

RunsFile RunsFile::begin(const std::string& path, bool force) {
  RunsFile file(path, true);
  struct stat status {};
  if (::fstat(file.file_, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    if (!force) {
      throw Error(fmt::format(
          "{} is there already; --resume goes on with it, --force begins it anew", path));
    }
    if (::ftruncate(file.file_, 0) != 0) fail("write", path);
  }
  return file;
}

void RunsFile::write_plan(const nlohmann::json& asked, const std::vector<Configuration>& plan) {
  const nlohmann::json first = {
      {"stage", stage}, {"sweep", asked}, {"plan", to_json(plan)}, {"machine", machine_json()}};
  append_line(first.dump());
  plan_ = plan;
}

RunsFile RunsFile::resume(const std::string& path, const nlohmann::json& asked) {
  if (::access(path.c_str(), F_OK) != 0) {
    throw Error(fmt::format("{}: no such file; without --resume a sweep begins", path));
  }
  RunsFile file(path, false);
  file.read(asked);
  return file;
}

void RunsFile::read(const nlohmann::json& asked) {
  const std::string text = read_file(path_);
  const std::size_t whole = text.rfind('\n') + 1;  // 0 if there is no line at all
  nlohmann::json then;
  std::size_t begin = 0;
  int number = 1;
  try {
    if (whole == 0) throw Error("no line");
    for (; begin < whole; ++number) {
      const std::size_t end = text.find('\n', begin);
      const nlohmann::json line = parse_json(text.substr(begin, end - begin), path_);
      if (number == 1) {
        then = line.at("sweep");
        plan_ = plan_from_json(line.at("plan"));
      } else {
        add(run_from_json(line, plan_));
      }
      begin = end + 1;
    }
  } catch (const std::exception&) {  // of whatever kind: these bytes are not what was written
    throw Error(number == 1 ? fmt::format("{} is not a file of a sweep's runs; name another to "
                                          "--runs",
                                          path_)
                            : fmt::format("{} is damaged in line {}; take the line out, and "
                                          "--resume makes its run again",
                                          path_, number));
  }
  check_asked(path_, then, asked);
  if (whole < text.size() && ::ftruncate(file_, static_cast<off_t>(whole)) != 0) {
    fail("write", path_);
  }
}

void RunsFile::add(const SweepRun& run) {
  const auto same = [&](const SweepRun& other) { return other.index == run.index; };
  if (std::any_of(runs_.begin(), runs_.end(), same)) throw Error("a run stands there twice");
  runs_.push_back(run);
}

void RunsFile::append(const SweepRun& run) {
  append_line(to_json(run, plan_.at(run.index)).dump());
  add(run);
}

void RunsFile::append_line(const std::string& line) {
  const std::string bytes = line + "\n";
  struct stat before {};
  ::fstat(file_, &before);
  errno = ENOSPC;  // what a short write means
  if (::write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    const int reason = errno;
    // Half a line would be cut off by --resume too.
    if (S_ISREG(before.st_mode) && ::ftruncate(file_, before.st_size) != 0) errno = reason;
    errno = reason;
    fail("write", path_);
  }
  if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) fail("write", path_);
}

}  // namespace ladder
