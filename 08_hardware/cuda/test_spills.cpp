// No kernel may run out of registers: what spills goes through memory, a hundred times as slow.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "08_hardware/cuda/ptxas_report.hpp"

using namespace ladder::gpu;
namespace fs = std::filesystem;

namespace {

constexpr const char* two_kernels =
    "ptxas info    : 0 bytes gmem\n"
    "ptxas info    : Compiling entry function '_Z3onev' for 'sm_80'\n"
    "ptxas info    : Function properties for _Z3onev\n"
    "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
    "ptxas info    : Used 78 registers, used 0 barriers, 18948 bytes smem, 408 bytes cmem[0]\n"
    "ptxas info    : Compiling entry function '_Z3twov' for 'sm_90'\n"
    "ptxas info    : Function properties for _Z3twov\n"
    "    72 bytes stack frame, 68 bytes spill stores, 64 bytes spill loads\n"
    "ptxas info    : Used 32 registers, used 0 barriers\n";

[[maybe_unused]] std::string text_of(const fs::path& path) {  // unused where nothing was compiled
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("cuda: a spill is read from what ptxas says") {
  const auto reports = read_ptxas(two_kernels);
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].kernel == "_Z3onev");
  CHECK(reports[0].architecture == "sm_80");
  CHECK(reports[0].registers == 78);
  CHECK(reports[0].spill_store_bytes == 0);
  CHECK(reports[1].architecture == "sm_90");
  CHECK(reports[1].registers == 32);
  CHECK(reports[1].stack_bytes == 72);
  CHECK(reports[1].spill_store_bytes == 68);
  CHECK(reports[1].spill_load_bytes == 64);
}

TEST_CASE("cuda: half a report is none") {
  const std::string text = two_kernels;
  CHECK_THROWS(read_ptxas(text.substr(0, text.find("    0 bytes stack"))));
  CHECK_THROWS(read_ptxas(text.substr(0, text.rfind("ptxas info"))));
  CHECK(read_ptxas("").empty());
}

TEST_CASE("cuda: no kernel spills a register, on any architecture", "[hardware]") {
#if !defined(LADDER_PTXAS)
  SKIP("no nvcc compiled anything in this build");
#else
  std::map<std::string, std::set<std::string>> kernels;  // by architecture
  for (const auto& file : fs::recursive_directory_iterator(LADDER_PTXAS)) {
    if (file.path().extension() != ".ptxas") continue;
    CAPTURE(file.path().filename());
    const auto reports = read_ptxas(text_of(file.path()));
    CHECK(!reports.empty());  // every source has a kernel
    for (const KernelReport& report : reports) {
      CAPTURE(report.kernel, report.architecture, report.registers);
      CHECK(report.registers > 0);
      CHECK(report.stack_bytes == 0);  // an array with an index that is no constant
      CHECK(report.spill_store_bytes == 0);
      CHECK(report.spill_load_bytes == 0);
      kernels[report.architecture].insert(report.kernel);
    }
  }
  REQUIRE(!kernels.empty());
  for (const auto& [architecture, names] : kernels) {
    CAPTURE(architecture);
    for (const char* kernel : {"persistent_warp", "one_streamILb0E", "one_streamILb1E",
                               "many_streams", "tensor_streams_kernel"}) {
      CAPTURE(kernel);
      bool found = false;
      for (const std::string& name : names) found |= name.find(kernel) != std::string::npos;
      CHECK(found);
    }
  }
#endif
}
