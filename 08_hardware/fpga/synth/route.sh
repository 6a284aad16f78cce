#!/usr/bin/env bash
# Places and routes the circuit on the ULX3S's FPGA, an ECP5-85F of the slowest grade, and makes the
# bitstream: twelve minutes or so. One core, 1.5 gigabytes.
#
#   synth/route.sh MADE FOLDER [--record] [--seed N]
#
# MADE has what 08_fpga_roms wrote. Into FOLDER: ulx3s.bit, the router's log and report.json.
# --record writes synth/ROUTED.txt of the repository anew, which the README quotes and a test watches.
# Exit 4 if the tools are missing and no root of Debian 13 can be made: a skip, for ctest.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,/^set /{/^#/!d; s/^# \{0,1\}//; p}' "$0"; exit 2; }
made=$(cd "$1" && pwd) record="" seed=1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --record) record=1 ;;
    --seed) seed=$2; shift ;;
    *) echo "error: there is no option $1: --record or --seed N" >&2; exit 2 ;;
  esac
  shift
done
cd "$(dirname "$0")/../../.."
source 08_hardware/fpga/synth/open_tools.sh
source 08_hardware/fpga/synth/sources.sh
result=08_hardware/fpga/synth/ROUTED.txt

need_tools nextpnr-ecp5 ecppack yosys || { say "skipped: the tools are not here"; exit 4; }
counts=$(08_hardware/fpga/synth/synth.sh ecp5 "$made" "$folder")
say "$counts" "placing and routing; follow it in $(shown "$folder/route.log")"
cp 08_hardware/fpga/{board/ulx3s.lpf,synth/floorplan.py} "$folder/"
# --placer-heap-beta: how full a part of the chip may become. With 0.9, its default, the placer leaves a third of
# the chip empty, and the rest has more signals than wires.
in_tools "$folder" nextpnr-ecp5 --85k --package CABGA381 --speed 6 --seed "$seed" --json ulx3s.json \
  --lpf ulx3s.lpf --textcfg ulx3s.config --report report.json --pre-place floorplan.py \
  --placer-heap-beta 0.4 --parallel-refine --router router2 --timing-allow-fail \
  >"$folder/route.log" 2>&1 || {
  grep ERROR "$folder/route.log" || tail -n 5 "$folder/route.log"
  fail "it could not be routed; see $(shown "$folder/route.log")"
}
in_tools "$folder" ecppack --compress ulx3s.config ulx3s.bit.part
mv "$folder/ulx3s.bit.part" "$folder/ulx3s.bit"

# The last report is the one after routing.
fmax=$(sed -n "s/.*Max frequency for clock '[^']*clk[^']*': *\([0-9.]*\) MHz.*/\1/p" "$folder/route.log" | tail -n 1)
used() { sed -n "s/^Info:[[:space:]]*$1: *\([0-9]*\)\/ *\([0-9]*\) .*/\1 of \2/p" "$folder/route.log" | tail -n 1; }
[ -n "$fmax" ] || fail "no Fmax in $(shown "$folder/route.log")"

report() {
  say "# Made by synth/route.sh --record; see the README. Routed, not measured on a board."
  say "sources: $(circuit_sum "$made")"
  say "date: $(date -u +%Y-%m-%d)"
  say "device: LFE5U-85F-6, CABGA381 (ULX3S)"
  say "yosys: $(in_tools "$folder" yosys -V)"
  say "nextpnr: $(in_tools "$folder" nextpnr-ecp5 --version 2>&1 | sed 's/.*(Version \(.*\))/\1/')"
  say "trellis: $(in_tools "$folder" ecppack --version 2>&1 | sed -n 's/.*Version //p')"
  say "seed: $seed"
  say "fmax_mhz: $fmax"
  say "logic cells (TRELLIS_COMB): $(used TRELLIS_COMB)"
  say "registers (TRELLIS_FF): $(used TRELLIS_FF)"
  say "multipliers (MULT18X18D): $(used MULT18X18D)"
  say "block RAMs (DP16KD): $(used DP16KD)"
  say "$counts" | sed '1d; s/^/yosys counts: /; s/  */ /g'
}
report >"$folder/ROUTED.txt"
cat "$folder/ROUTED.txt"
[ -z "$record" ] || cp "$folder/ROUTED.txt" "$result"
say "the bitstream is $(shown "$folder/ulx3s.bit")"
