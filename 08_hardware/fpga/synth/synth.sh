#!/usr/bin/env bash
# Makes gates of the circuit with Yosys and counts them.
#
#   synth/synth.sh ecp5 MADE FOLDER              the ULX3S's FPGA, board and all: FOLDER/ulx3s.json
#   synth/synth.sh ecp5 MADE FOLDER --check      the same, only to count: exit 1 if it is above the budget
#   synth/synth.sh cyclone MADE FOLDER           an Intel Cyclone V, the chip alone; only to count
#
# MADE has what 08_fpga_roms wrote: *.hex. FOLDER is for what is made here.
# Exit 4 if there is no Yosys: a skip, for ctest.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,/^set /{/^#/!d; s/^# \{0,1\}//; p}' "$0"; exit 2; }
target=$1 made=$(cd "$2" && pwd)
mkdir -p "$3"
folder=$(cd "$3" && pwd)
cd "$(dirname "$0")/../../.."
source 08_hardware/fpga/synth/open_tools.sh
source 08_hardware/fpga/synth/sources.sh

has_tools yosys || { say "skipped: there is no yosys here (apt-get install yosys)"; exit 4; }
rm -rf "$folder/source" # the tools may see nothing else: one folder, one set of names
mkdir -p "$folder/source"
cp 08_hardware/fpga/synth/adders.v "$folder/source/"
while read -r file; do cp "$file" "$folder/source/"; done < <(circuit_sources; made_files "$made")
ordered=$(cd "$folder" && package_first source/*.sv)

# -defer: modules are only built with the parameters that they are used with.
read="read_verilog -sv -defer -DSYNTHESIS -DROM_FOLDER=\"source/\""
case $target in
  # -nowidelut: Yosys would take two LUTs and a multiplexer for a table of five inputs, and count them cheap.
  # adders.v: see there. What comes after "check" is names for all gates (as long again as all else) and
  # the file: only the router wants these.
  ecp5) synth="synth_ecp5 -top ulx3s_top -nowidelut"
        rest="coarse: -json ulx3s.json"
        [ "${4:-}" != --check ] || rest=coarse:check
        script="$read -DSYNTH_ECP5 $ordered
$synth -run begin:coarse
proc; flatten; opt_expr; opt_clean; opt -nodffe -nosdff; wreduce; opt_clean; techmap -map source/adders.v
$synth -run $rest
tee -o ecp5.json stat -json" ;;
  # The M10K blocks of a Cyclone V get no contents from Yosys, so ROMs become logic: -nobram.
  cyclone) script="$read $ordered; synth_intel_alm -family cyclonev -top chip -nobram; \
          tee -o cyclone.json stat -json" ;;
  *) fail "there is no target $target: ecp5 or cyclone" 2 ;;
esac
say "$script" >"$folder/$target.ys"
# A Yosys that is older may stop at the quotes in a -D on the command line; a script has no such end.
in_tools "$folder" yosys -q -l "$target.log" "$target.ys" >/dev/null 2>"$folder/$target.err" || {
  grep -hE 'ERROR' "$folder/$target.log" "$folder/$target.err" | head -n 3
  fail "Yosys could not make gates of it; see $(shown "$folder/$target.log")"
}

# What Yosys only warns of, and what would be another circuit.
if grep -hE 'implicitly declared|conflicting drivers|has no driver' "$folder/$target.log" "$folder/$target.err" |
  sort -u | head -n 5 | grep .; then
  fail "Yosys took something for what it is not; see $(shown "$folder/$target.log")"
fi

count() { # cell: of the whole design
  sed -n '/^ *"design"/,$p' "$folder/$target.json" | sed -n "s/^ *\"$1\": *\([0-9]*\).*/\1/p" | head -n 1
}
over=0
row() { # what, count, budget or nothing
  printf '%-34s %7d' "$1" "$2"
  if [ -n "${3:-}" ]; then
    printf '   budget %6d' "$3"
    [ "$2" -le "$3" ] || { printf '   OVER'; over=1; }
  fi
  printf '\n'
}
zero() { say "${1:-0}"; }
say "$(in_tools "$folder" yosys -V), target $target"
if [ "$target" = ecp5 ]; then
  row "18 x 18 multipliers (MULT18X18D)" "$(zero "$(count MULT18X18D)")" 150
  row "block RAMs (DP16KD)" "$(zero "$(count DP16KD)")" 100
  row "LUTs (LUT4)" "$(zero "$(count LUT4)")" 35000
  row "carries, 2 LUTs each (CCU2C)" "$(zero "$(count CCU2C)")"
  row "LUT RAMs, 16 x 4 (TRELLIS_DPR16X4)" "$(zero "$(count TRELLIS_DPR16X4)")"
  row "registers (TRELLIS_FF)" "$(zero "$(count TRELLIS_FF)")"
else
  multipliers=$(zero "$(count MISTRAL_MUL18X18)")
  row "18 x 18 multipliers" "$multipliers"
  row "DSP blocks, for two of these each" $(((multipliers + 1) / 2)) 80
  row "DSP blocks, 27 x 27" "$(zero "$(count MISTRAL_MUL27X27)")"
  row "DSP blocks, 9 x 9" "$(zero "$(count MISTRAL_MUL9X9)")"
  luts=0
  for inputs in 2 3 4 5 6; do luts=$((luts + $(zero "$(count "MISTRAL_ALUT$inputs")"))); done
  row "ALUTs of up to 6 inputs" "$luts"
  row "ALUTs that add" "$(zero "$(count MISTRAL_ALUT_ARITH)")"
  row "registers" "$(zero "$(count MISTRAL_FF)")"
  row "MLABs" "$(zero "$(count MISTRAL_MLAB)")"
fi
[ "${4:-}" != --check ] || exit "$over"
