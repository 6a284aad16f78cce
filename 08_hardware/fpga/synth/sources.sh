# shellcheck shell=bash
# Sourced with the repository as the current directory: which files the circuit on the board is made of.

circuit_sources() {
  printf '%s\n' 08_hardware/fpga/rtl/*.sv 08_hardware/fpga/board/*.sv \
    08_hardware/fpga/ecp5/mult18x18d_wires.sv
}

# made_files FOLDER: what the ROM generator wrote of the weights.
made_files() { printf '%s\n' "$1"/*.hex; }

# package_first FILE…: the same, packages before those who use them.
package_first() {
  grep -lE '^package ' "$@" | tr '\n' ' '
  grep -LE '^package ' "$@" | tr '\n' ' '
}

# circuit_sum MADE: a checksum of all that the routed circuit depends on; comments and blanks count not.
circuit_sum() {
  { circuit_sources; made_files "$1"; printf '%s\n' 08_hardware/fpga/{board/ulx3s.lpf,synth/adders.v,synth/floorplan.py}; } |
    while read -r file; do
      printf '%s\n' "${file##*/}"
      sed -e 's|//.*||; s|^#.*||' -e 's/[[:space:]]//g' "$file"
    done | grep -v '^[[:space:]]*$' | sha256sum | cut -c 1-64
}
