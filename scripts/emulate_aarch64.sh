#!/usr/bin/env bash
# Runs stage 07 on ARM processors that are not here: a cross compiler builds the tests, and QEMU
# translates them as they run. On a Mac or a Raspberry Pi of one's own, ./test.sh is enough.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/emulation.sh
work=$PWD/build/emulate_aarch64

usage() {
  cat <<END_OF_USAGE
scripts/emulate_aarch64.sh             the tests of stage 07, on two processors
scripts/emulate_aarch64.sh 'exp2*'     the tests that Catch2 finds by these words
everything it makes is in build/emulate_aarch64; it needs Debian, on x86-64
Tested are a processor of 2012, built for the instructions that every AArch64 has, and one of 2018
with the dot product: with the same program, and with one that uses its instructions everywhere.
It takes about 20 minutes when it builds on one core, half of them for that.
END_OF_USAGE
}

help_if_asked "$@"

need_files <<'END_OF_LIST'
/usr/bin/aarch64-linux-gnu-g++ g++-aarch64-linux-gnu
/usr/bin/qemu-aarch64 qemu-user
/usr/bin/ninja ninja-build
END_OF_LIST

echo "== libraries for ARM, unpacked but not installed =="
root=$work/root
mkdir -p "$work/packages"
for package in libfmt9 libfmt-dev libutf8proc2 libutf8proc-dev libcatch2-dev; do
  if ! ls "$work/packages/$package"_*_arm64.deb >/dev/null 2>&1; then
    (cd "$work/packages" && apt-get -q download "$package:arm64" 2>/dev/null) ||
      fail "apt-get could not download $package:arm64; these may help:
  dpkg --add-architecture arm64 && apt-get update
  (and backports among apt's sources: Debian 12's own Catch2 is too old)"
  fi
  dpkg -x "$work/packages/$package"_*_arm64.deb "$root"
done

build() { # folder, flags
  echo "== building with $2 =="
  # Headers alone (Eigen, CLI11, JSON) are those of this machine.
  cmake -S 07_fast_inference -B "$work/$1" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DLADDER_NATIVE=OFF -DLADDER_WERROR=ON -DCMAKE_CXX_FLAGS="$2" \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_PREFIX_PATH="$root/usr" \
    -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-aarch64;-cpu;max;-L;/usr/aarch64-linux-gnu" \
    >"$work/$1.log" || fail "CMake failed; see $work/$1.log"
  cmake --build "$work/$1" --target 07_fast_inference test_07_fast_inference
}

failed=""
run() { # folder, processor, tests…
  local program=$work/$1/bin/test_07_fast_inference processor=$2
  shift 2
  echo "== $program on a $processor =="
  qemu-aarch64 -cpu "$processor" -L /usr/aarch64-linux-gnu "$program" --colour-mode none "$@" ||
    failed="$failed $processor"
}

# What is left out: the NLL of a corpus takes minutes, and other languages are not there to compare.
[ $# -gt 0 ] || set -- '~[nll]' '~[hardware]' '~*Python*' '~*NumPy*' --durations yes
build armv8-a "-march=armv8-a"
build armv8.2-a "-march=armv8.2-a+dotprod"
run armv8-a cortex-a53 "$@"
run armv8-a cortex-a76 "$@"
run armv8.2-a cortex-a76 "$@"
[ -z "$failed" ] || fail "tests failed on:$failed"
