// A plugin for QEMU (7 and newer): counts the instructions of an emulated AArch64 program between
// the marks of common/cross.hpp, and prints how many they are for each unit of work, on standard
// output.
//
//   QEMU_PLUGIN=build/release/lib/libcount_instructions.so build/release/bin/08_neon --instructions
//
// Declared here is what it needs of QEMU's qemu-plugin.h (API version 1), which Debian's packages
// do not bring: https://www.qemu.org/docs/master/devel/tcg-plugins.html
#include <cstdint>
#include <cstdio>
#include <cstring>

extern "C" {
using qemu_plugin_id_t = std::uint64_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, std::size_t i);
const void* qemu_plugin_insn_data(const qemu_plugin_insn* instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*call)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* instruction,
                                            void (*call)(unsigned processor, void* data), int flags,
                                            void* data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id,
                                                               const qemu_info_t* info, int argc,
                                                               char** argv);
}

namespace {

constexpr std::uint32_t begin = 0xD503255F, end = 0xD503257F, unit = 0xD503259F, print = 0xD50325BF;

std::uint64_t executed, counted, units;

void execute(unsigned, void*) { ++executed; }
void execute_begin(unsigned, void*) { executed = 0, units = 0; }
void execute_end(unsigned, void*) { counted = executed; }
void execute_unit(unsigned, void*) { ++units; }
void execute_print(unsigned, void*) {
  std::printf("%12.1f\n", static_cast<double>(counted) / static_cast<double>(units));
  std::fflush(stdout);
}

void translate(qemu_plugin_id_t, qemu_plugin_tb* block) {
  for (std::size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    std::uint32_t code;
    std::memcpy(&code, qemu_plugin_insn_data(instruction), sizeof code);
    const auto call = code == begin   ? execute_begin
                      : code == end   ? execute_end
                      : code == unit  ? execute_unit
                      : code == print ? execute_print
                                      : execute;
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, call, 0, nullptr);
  }
}

}  // namespace

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t*, int, char**) {
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  return 0;
}
