#include "08_hardware/sme2/kernels/streaming.hpp"

#if defined(__linux__) && defined(__aarch64__)
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace ladder::sme2 {

namespace {
std::uint64_t entries = 0;
}

bool available() {
#if defined(__linux__) && defined(__aarch64__)
  constexpr int hwcap2 = 26;                     // AT_HWCAP2
  constexpr unsigned long has_sme2 = 1ul << 37;  // HWCAP2_SME2, of Linux's asm/hwcap.h
  return (getauxval(hwcap2) & has_sme2) != 0;
#elif defined(__APPLE__)
  int has = 0;
  std::size_t size = sizeof has;
  return sysctlbyname("hw.optional.arm.FEAT_SME2", &has, &size, nullptr, 0) == 0 && has != 0;
#else
  return false;
#endif
}

std::uint64_t times_entered() { return entries; }

void count_entry() { ++entries; }

}  // namespace ladder::sme2
