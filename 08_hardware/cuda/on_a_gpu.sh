#!/usr/bin/env bash
# All that 08_hardware/cuda has to be asked on a GPU, in one command; see usage() below.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/emulation.sh
root=$PWD
results=08_hardware/cuda/measured

usage() {
  cat <<'END_OF_USAGE'
08_hardware/cuda/on_a_gpu.sh   builds, tests, looks for races, and measures,
                               on a GPU of NVIDIA
  --bin FOLDER    programs that were built elsewhere: no compiler is needed
  --no-sanitizer  leaves compute-sanitizer out, and the result says so
  --quick         no crossover of training
  --help

1. builds 08_cuda and its tests in build/release, for this GPU alone
2. runs the tests that need a GPU: golden logits, names, every version
3. runs every version, and both kinds of training step, under
   compute-sanitizer: memcheck and racecheck
4. measures tokens/s, µs a launch, occupancy, watts, and from which size on
   training on a GPU pays

What was measured is in 08_hardware/cuda/measured/, a JSON file named after the
GPU; what was said is in build/on_a_gpu/. Of several GPUs it takes the first
that CUDA_VISIBLE_DEVICES names, else number 0. A run that fails or is
interrupted leaves measured/ as it was.
END_OF_USAGE
}

help_if_asked "$@"
bin="" sanitize=yes crossover=yes
while [ $# -gt 0 ]; do
  case $1 in
    --bin)
      [ -n "${2:-}" ] || { echo "error: --bin needs a folder; see --help" >&2 && exit 2; }
      bin=$2
      shift
      ;;
    --no-sanitizer) sanitize=no ;;
    --quick) crossover=no ;;
    *) echo "error: there is no option '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done

# CUDA's own packages put its programs where no PATH looks.
for folder in "${CUDA_HOME:-}" "${CUDA_PATH:-}" /usr/local/cuda /opt/cuda; do
  if [ -n "$folder" ] && [ -d "$folder/bin" ]; then PATH=$PATH:$folder/bin; fi
done

# Everything is asked before minutes are spent.
have() { command -v "$1" >/dev/null 2>&1; }
gpu=${CUDA_VISIBLE_DEVICES:-0}
gpu=${gpu%%,*}
export CUDA_DEVICE_ORDER=PCI_BUS_ID # as nvidia-smi counts
ask() { nvidia-smi --id="$gpu" --query-gpu="$1" --format=csv,noheader | head -n 1; }
have nvidia-smi || fail "there is no nvidia-smi: install NVIDIA's driver; without a GPU, 08_cuda --lanes is what there is to see"
name=$(ask name 2>/dev/null) || name=""
[ -n "$name" ] || fail "nvidia-smi finds no GPU '$gpu'"
capability=$(ask compute_cap)
driver=$(ask driver_version)
[ "${capability%%.*}" -ge 8 ] 2>/dev/null ||
  fail "the $name has architecture $capability; these kernels need 8.0 (Ampere, 2020) or newer"
if [ -z "$bin" ]; then
  have nvcc || fail "there is no nvcc: install CUDA's toolkit 12 or newer, or name it with CUDA_HOME; or --bin"
  have cmake || fail "there is no cmake; ./test.sh installs what a build needs"
elif [ ! -x "$bin/08_cuda" ] || [ ! -x "$bin/test_08_cuda" ] || [ ! -x "$bin/test_08_cuda_training" ]; then
  fail "$bin lacks one of 08_cuda, test_08_cuda and test_08_cuda_training"
fi
if [ $sanitize = yes ] && ! have compute-sanitizer; then
  fail "there is no compute-sanitizer: CUDA's toolkit has it (package cuda-sanitizer); or --no-sanitizer"
fi
echo "GPU $name, architecture $capability, driver $driver"

logs=$root/build/on_a_gpu
mkdir -p "$logs"
rm -f "$logs"/*.json

# step NAME COMMAND…: its output goes into a log; a failure shows the end of it.
step() {
  local log=$logs/$1.log
  shift
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "this failed: $* (all it said is in ${log#"$root/"})"
  fi
}

if [ -z "$bin" ]; then
  echo "== builds =="
  architecture=${capability/./}
  if nvcc --list-gpu-arch | grep -qx "compute_$architecture"; then
    architecture=$architecture-real
  else
    architecture="" # one that this nvcc has not heard of: the driver translates
  fi
  step configure cmake --preset release -DLADDER_CUDA=ON "-DLADDER_CUDA_ARCHITECTURES=$architecture"
  step build cmake --build --preset release --target 08_cuda test_08_cuda test_08_cuda_training
  bin=$root/build/release/bin
fi
bin=$(cd "$bin" && pwd)
export MICROGPT_LADDER_DATA=$root # programs from elsewhere look for it where they were built
"$bin/08_cuda" --samples 1 >"$logs/device.log" 2>&1 || fail "08_cuda fails; see build/on_a_gpu/device.log"
if ! grep -q '^GPU ' "$logs/device.log"; then
  fail "08_cuda cannot use the GPU: $(sed -n 's/^no GPU: //p' "$logs/device.log")"
fi

echo "== the tests that need a GPU =="
for test in test_08_cuda test_08_cuda_training; do
  # What compute-sanitizer finds is asked for below, where one sees how far it is; spills need no GPU.
  step $test "$bin/$test" '~"*compute-sanitizer*"~"*spill*"[hardware]'
  tail -n 3 "$logs/$test.log" | grep . || true
done

engines=$("$bin/08_cuda" --engine none 2>&1 | grep -oE '\bv[1-6]_[a-z_]+' | sort -u) || true
[ -n "$engines" ] || fail "08_cuda names no engine that runs on the GPU"
sanitizer="left out"
if [ $sanitize = yes ]; then
  for tool in memcheck racecheck; do
    echo "== $tool =="
    for engine in $engines; do
      echo "   $engine"
      step "${tool}_$engine" compute-sanitizer --tool $tool --error-exitcode 9 \
        "$bin/08_cuda" --quiet --samples 1 --engine "$engine"
    done
    for kind in "" --per-op; do
      echo "   training ${kind:-in one kernel}"
      # shellcheck disable=SC2086 # no option is no word
      step "${tool}_training$kind" compute-sanitizer --tool $tool --error-exitcode 9 \
        "$bin/08_cuda" --train $kind --steps 2 --batch 16 --quiet
    done
  done
  sanitizer="memcheck and racecheck found nothing"
fi

echo "== measures =="
file=$(printf '%s' "$name" | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z0-9' _)
"$bin/08_cuda" --bench --force --json "$logs/$file.json" | tee "$logs/bench.log"
if [ $crossover = yes ]; then
  "$bin/08_cuda" --crossover --force --json "$logs/${file}_crossover.json" | tee "$logs/crossover.log"
fi

# What the program cannot know stands beside what it measured.
for json in "$logs/$file.json" "$logs/${file}_crossover.json"; do
  [ -f "$json" ] || continue
  python3 - "$json" "$name" "$driver" "$sanitizer" <<'END_OF_PYTHON' || fail "python3 could not complete $json"
import json, sys
path, name, driver, sanitizer = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    result = json.load(file)
result["nvidia_smi"] = {"name": name, "driver_version": driver}
result["compute_sanitizer"] = sanitizer
with open(path, "w", encoding="utf-8") as file:
    json.dump(result, file, indent=1, ensure_ascii=False)
    file.write("\n")
END_OF_PYTHON
done
mkdir -p "$results"
for json in "$logs/$file.json" "$logs/${file}_crossover.json"; do
  if [ -f "$json" ]; then
    mv "$json" "$results/"
    echo "written to $results/$(basename "$json")"
  fi
done
