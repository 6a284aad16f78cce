#!/usr/bin/env bash
# stale.sh sees a change of the circuit, of its memories, of its pins and of its seats, and none of a comment.
#
#   synth/test_stale.sh MADE FOLDER
set -euo pipefail
made=$(cd "$1" && pwd)
rm -rf "$2"
mkdir -p "$2/made" "$2/08_hardware/fpga"
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/../../.."
cp -r 08_hardware/fpga/{rtl,board,ecp5,synth} "$folder/08_hardware/fpga/"
cp "$made"/*.hex "$folder/made/"
source 08_hardware/fpga/synth/sources.sh
cd "$folder/08_hardware/fpga"
printf 'sources: %s\n' "$(cd "$folder" && circuit_sum made)" >"$folder/routed.txt"
status=0
expect() { # 0 or 1, what
  local result=0
  synth/stale.sh "$folder/made" "$folder/routed.txt" >/dev/null || result=$?
  [ "$result" = "$1" ] && return
  echo "error: $2: stale.sh gives $result, not $1"
  status=1
}
with() { # file, sed, 0 or 1, what
  cp "$1" "$folder/kept"
  sed -i "$2" "$1"
  if cmp -s "$1" "$folder/kept"; then
    echo "error: nothing to change in $1"
    status=1
  fi
  expect "$3" "$4"
  cp "$folder/kept" "$1"
}
expect 0 "nothing changed"
with rtl/multiplier.sv '1s|^|// another remark\n|' 0 "a comment more"
with rtl/multiplier.sv 's/a_in \* b_in/a_in + b_in/' 1 "another product"
with board/ulx3s.lpf 's/SITE "L4"/SITE "M1"/' 1 "another pin"
with synth/floorplan.py '1s|^|# another remark\n|' 0 "a comment more in the floorplan"
with synth/floorplan.py 's/(58, 36)/(58, 35)/' 1 "another seat"
with "$folder/made/exp.hex" '3s/./0/; 4s/./1/' 1 "another word in a ROM"
exit "$status"
