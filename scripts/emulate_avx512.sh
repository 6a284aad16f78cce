#!/usr/bin/env bash
# Runs stage 07 on a machine with AVX-512 that does not exist: Bochs emulates the processor, Debian's
# own kernel boots on it from a CD, and the tests are the first program that it starts.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/emulation.sh
root=$PWD
work=$root/build/emulate_avx512

usage() {
  cat <<END_OF_USAGE
scripts/emulate_avx512.sh             the tests of stage 07 that emulation can finish
scripts/emulate_avx512.sh 'exp2*'     the tests that Catch2 finds by these words
everything it makes is in build/emulate_avx512; it needs Debian, on x86-64
It builds for 4 minutes, starts the machine in half a minute and tests for about 10; the seconds that
it prints are those of the emulated clock. The processor is an Ice Lake: 16 lanes, and VNNI.
END_OF_USAGE
}

help_if_asked "$@"

need_files <<'END_OF_LIST'
/usr/bin/bochs-bin bochs
/usr/share/bochs/BIOS-bochs-latest bochsbios
/usr/share/bochs/VGABIOS-lgpl-latest bochsbios
/usr/lib/ISOLINUX/isolinux.bin isolinux
/usr/lib/syslinux/modules/bios/ldlinux.c32 syslinux-common
/usr/bin/xorriso xorriso
/usr/bin/cpio cpio
/bin/busybox busybox-static
/usr/bin/ninja ninja-build
END_OF_LIST

echo "== building for AVX-512 =="
# Bochs 2.7 stops at some of the gathers that the compiler puts into plain loops. Its own vectors
# are not what is tested here, but those that the sources ask for.
plain="-fno-tree-loop-vectorize -fno-tree-slp-vectorize"
# /bin/true stands for the program where CMake would ask it for its tests: this machine need not be
# able to run it.
mkdir -p "$work"
cmake -S 07_fast_inference -B "$work/cmake" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DLADDER_NATIVE=OFF -DCMAKE_CXX_FLAGS="-march=skylake-avx512 -mavx512vnni -mprefer-vector-width=512 $plain" \
  -DCMAKE_CROSSCOMPILING_EMULATOR=/bin/true >"$work/cmake.log"
cmake --build "$work/cmake" --target 07_fast_inference test_07_fast_inference

echo "== a kernel, unpacked but not installed =="
if ! ls "$work"/kernel/boot/vmlinuz-* >/dev/null 2>&1; then
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
  [ -n "$package" ] || fail "apt knows no linux-image-cloud-amd64; apt-get update may help"
  (cd "$work" && rm -f linux-image-*.deb && apt-get -q download "$package" 2>/dev/null) ||
    fail "apt-get could not download $package"
  dpkg -x "$work"/linux-image-*.deb "$work/kernel"
fi

echo "== a CD to start from =="
rm -rf "$work/memory" "$work/cd"
mkdir -p "$work"/memory/{bin,proc,tmp} "$work/memory$root/common" "$work/cd"
cp /bin/busybox "$work"/cmake/bin/{07_fast_inference,test_07_fast_inference} "$work/memory/bin/"
cp -r common/data "$work/memory$root/common/"
ldd "$work/cmake/bin/test_07_fast_inference" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$work/memory$(dirname "$library")"
  cp -L "$library" "$work/memory$library"
done

# What takes too long: a hundred thousand tokens of every engine, studies, the NLL of a corpus.
tests="'~[nll]' '~[hardware]' '~every stream of every engine*' '~the study*' '~Python*' '~NumPy*'"
if [ $# -gt 0 ]; then tests="'$1'"; fi
cat >"$work/memory/init" <<END_OF_INIT
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox grep -m 1 'model name' /proc/cpuinfo
/bin/busybox grep -m 1 -o 'avx512_vnni' /proc/cpuinfo
cd '$root'
/bin/test_07_fast_inference --durations yes --colour-mode none $tests
echo "exit status \$?"
/bin/busybox sleep 1 # for the last line to reach the serial port
/bin/busybox poweroff -f
END_OF_INIT
chmod +x "$work/memory/init"
(cd "$work/memory" && find . | cpio -o -H newc --quiet) >"$work/cd/memory"
cp "$work"/kernel/boot/vmlinuz-* "$work/cd/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/cd/"
# Bochs 2.7 miscounts the bytes that XSAVES and XSAVEC save, and the kernel would then not touch AVX
# at all: so it is told that there are none. Nor does it get on with other novelties of an Ice Lake.
cat >"$work/cd/isolinux.cfg" <<'END_OF_MENU'
default ladder
label ladder
  kernel vmlinuz
  initrd memory
  append console=ttyS0 quiet mitigations=off nokaslr no5lvl nosmap nosmep clearcpuid=xsavec,xsaves,fsrm,erms,umip,rdpid,sha_ni,pku,invpcid,pcid
END_OF_MENU
xorriso -as mkisofs -quiet -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 \
  -boot-info-table -o "$work/cd.iso" "$work/cd" 2>"$work/xorriso.log"

echo "== the emulated machine; its screen is $work/screen.txt =="
# Few instructions a second (ips) make waiting short: Bochs works through every one that it idles.
cat >"$work/bochsrc" <<END_OF_MACHINE
display_library: rfb, options="timeout=0"
cpu: model=corei7_icelake_u, ips=4000000
memory: guest=512, host=512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=$work/cd.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/screen.txt
log: $work/bochs.log
panic: action=fatal
error: action=ignore
END_OF_MACHINE
echo c >"$work/debugger" # Debian's Bochs starts in its debugger, which is to continue
rm -f "$work/screen.txt"
bochs-bin -q -f "$work/bochsrc" -rc "$work/debugger" >"$work/bochs.out" 2>&1 </dev/null || true
[ -f "$work/screen.txt" ] || fail "Bochs did not start; see $work/bochs.log and $work/bochs.out"
cat "$work/screen.txt"
grep -q '^exit status 0' "$work/screen.txt" || fail "the tests failed in the emulated machine"
