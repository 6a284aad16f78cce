#!/usr/bin/env bash
# Whether synth/ROUTED.txt still speaks of this circuit: exit 1 with a line of what to do if not.
#
#   synth/stale.sh MADE [ROUTED.txt]      MADE has what the ROM generator wrote
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,/^set /{/^#/!d; s/^# \{0,1\}//; p}' "$0"; exit 2; }
made=$(cd "$1" && pwd)
cd "$(dirname "$0")/../../.."
source 08_hardware/fpga/synth/sources.sh
result=${2:-08_hardware/fpga/synth/ROUTED.txt}
if [ ! -f "$result" ]; then
  echo "skipped: no routed figures are recorded; build the target fpga_record"
  exit 4
fi
recorded=$(sed -n 's/^sources: //p' "$result")
now=$(circuit_sum "$made")
if [ "$recorded" != "$now" ]; then
  echo "error: the circuit has changed since synth/ROUTED.txt was written (sources $now);" \
    "build the target fpga_record, which routes it again (12 minutes), and look at the README's figures"
  exit 1
fi
echo "synth/ROUTED.txt is of this circuit"
