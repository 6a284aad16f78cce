#!/usr/bin/env bash
# Four multiply-add lanes (ecp5/check.sv) become four multipliers and four block RAMs, and no register
# of a multiplier is left outside it.
#
#   synth/test_leaves.sh FOLDER
set -euo pipefail
circuit=$(cd "$(dirname "$0")/.." && pwd)
command -v yosys >/dev/null || { echo "skipped: there is no yosys here (apt-get install yosys)"; exit 4; }
mkdir -p "$1"
cd "$1"
for i in $(seq 0 511); do printf '%04x\n' $((i * 40503 & 0xffff)); done >check.hex
cp "$circuit"/rtl/{multiplier,rom}.sv "$circuit"/ecp5/{mult18x18d_wires,check}.sv .
yosys -q -p "read_verilog -sv -defer -DSYNTH_ECP5 multiplier.sv mult18x18d_wires.sv rom.sv check.sv; \
  synth_ecp5 -top check; tee -o check.json stat -json" >yosys.log
status=0
expect() { # cell, at least, at most
  local found
  found=$(sed -n '/^ *"design"/,$p' check.json | sed -n "s/^ *\"$1\": *\([0-9]*\).*/\1/p")
  [ "${found:-0}" -ge "$2" ] && [ "${found:-0}" -le "$3" ] && return
  echo "error: $1: ${found:-0}, not $2 to $3"
  status=1
}
expect MULT18X18D 4 4
expect DP16KD 4 4
# 297: address 9, x 16, its copies 16 (Yosys shares them), and a lane 64: weight, sum and what is shown of it.
expect TRELLIS_FF 250 300
exit "$status"
