#pragma once
/// \file
/// What goes over the pipes between the judge and the worker (the process with the student's code).

#include <cstdint>

namespace ladder::classroom {

/// The worker reads requests here …
inline constexpr int request_pipe = 3;
/// … and answers here.
inline constexpr int answer_pipe = 4;

/// Before every request and every answer. A request's numbers are the probe's name, then the
/// arguments; those of an answer the result, or the exception's text.
struct FrameHead {
  std::uint64_t id;      ///< of the request, drawn at random; the answer repeats it
  std::uint64_t failed;  ///< 1: the probe threw
  std::uint64_t count;   ///< of the doubles that follow
};

/// More than any honest answer has: 64 MiB.
inline constexpr std::uint64_t largest_count = 8u << 20;

}  // namespace ladder::classroom
