// Writes what the chip's memories hold, made of a weights file.

#include <filesystem>

#include <fmt/format.h>

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/fpga/model/roms.hpp"
#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/outputs.hpp"
#include "common/program.hpp"
#include "common/shipped.hpp"

namespace ladder {
namespace {

struct RomOptions : Options {
  std::string folder, package;
};

void run(const RomOptions& options) {
  const FixedModel model =
      to_fixed_model(fit_to_fixed_point(read_model(load_weights(options.weights))));
  const auto roms = roms_of(model);
  if (!options.folder.empty()) {
    std::error_code code;
    std::filesystem::create_directories(options.folder, code);
    if (code) throw Error(fmt::format("cannot make {}: {}", options.folder, code.message()));
    for (const Rom& rom : roms) {
      const std::string path = options.folder + "/" + rom.name + ".hex";
      check_output(path, std::vector<std::string>{options.weights}, options.force);
    }
    for (const Rom& rom : roms) {
      write_file(options.folder + "/" + rom.name + ".hex", to_hex(rom));
      if (!options.quiet) {
        fmt::print("{:<11} {:>4} words of {:>4} bits\n", rom.name, rom.words.size(), rom.width);
      }
    }
  }
  if (!options.package.empty()) {
    check_output(options.package, std::vector<std::string>{options.weights}, options.force);
    write_file(options.package, package_of(model));
  }
}

}  // namespace
}  // namespace ladder

int main(int argc, char** argv) {
  using ladder::Flag;
  return ladder::run_program([&] {
    ladder::RomOptions options;
    options.weights = ladder::shipped_weights_path();
    ladder::CommandLine cli("08_fpga_roms", "Stage 8: the contents of the chip's memories.",
                            options, {Flag::weights});
    cli.app.add_option("--folder", options.folder, "write the memories here, for $readmemh");
    cli.app.add_option("--package", options.package, "write the constants of rtl/model.sv here");
    if (!cli.parse(argc, argv)) return;
    if (options.folder.empty() && options.package.empty()) {
      throw ladder::UsageError("say what to write: --folder or --package");
    }
    ladder::run(options);
  });
}
