#include "08_hardware/amx/machine.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace ladder {
namespace {

#if defined(__x86_64__)

bool bit(unsigned word, int i) { return (word >> i & 1) != 0; }

// What the operating system saves of a thread. Only where CPUID says that XGETBV exists.
unsigned saved_state() {
  unsigned low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

// Linux 5.16 and later. Others have no such call, and other systems no tiles that we know of.
bool ask_for_tiles() {
#if defined(__linux__)
  constexpr int request_permission = 0x1023, tile_data = 18;  // asm/prctl.h, of newer headers
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

#endif

}  // namespace

TileFeatures find_tile_features() {
  TileFeatures found;
#if defined(__x86_64__)
  found.is_x86_64 = true;
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool has_xgetbv = __get_cpuid(1, &a, &b, &c, &d) != 0 && bit(c, 27);
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return found;
  found.tiles = bit(d, 24);
  found.int8 = bit(d, 25);
  found.bf16 = bit(d, 22);
  found.vectors = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16") &&
                  __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
  found.saved = has_xgetbv && (saved_state() >> 17 & 3) == 3;
  found.permitted = found.tiles && found.saved && ask_for_tiles();
#endif
  return found;
}

std::string no_tiles_because(const TileFeatures& found) {
  if (!found.is_x86_64) return "this is no x86-64 processor";
  if (!found.tiles) return "this processor has no tiles (AMX)";
  if (!found.int8 || !found.bf16) return "this processor's tiles lack 8-bit integers or bfloat16";
  if (!found.vectors) return "this processor has tiles, but not all of AVX-512";
  if (!found.saved) return "this system does not save tiles: it takes Linux 5.16 or newer";
  if (!found.permitted) return "the kernel did not grant this process its tiles";
  return "";
}

std::string no_tiles_because() {
  static const std::string answer = no_tiles_because(find_tile_features());
  return answer;
}

}  // namespace ladder
