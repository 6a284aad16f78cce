#!/usr/bin/env bash
# Runs the tiles of 08_hardware/amx on a Xeon that does not exist: Bochs 3.0 emulates the processor, a
# kernel of Debian boots on it from a CD, and the tests are the first program that it starts.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/emulation.sh
source scripts/private_apt.sh
root=$PWD
work=$root/build/emulate_amx
result=$root/08_hardware/amx/emulated.txt

usage() {
  cat <<END_OF_USAGE
scripts/emulate_amx.sh            the tests of 08_hardware/amx, and their result in its emulated.txt
scripts/emulate_amx.sh 'amx: x*'  the tests that Catch2 finds by these words; no result is kept
everything it makes is in build/emulate_amx; it needs Debian, on x86-64
The first time it builds Bochs, for about 4 minutes on two cores, and the tests, for 2; the machine
starts in a quarter of a minute. The seconds that it prints are those of the emulated clock.
END_OF_USAGE
}

help_if_asked "$@"

need_files <<'END_OF_LIST'
/usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
/usr/lib/ISOLINUX/isolinux.bin isolinux
/usr/lib/syslinux/modules/bios/ldlinux.c32 syslinux-common
/usr/bin/xorriso xorriso
/usr/bin/cpio cpio
/bin/busybox busybox-static
/usr/bin/ninja ninja-build
/usr/bin/xz xz-utils
END_OF_LIST
mkdir -p "$work"

echo "== Bochs 3.0, from its source =="
# Debian's own binaries will not do. That of 3.0 takes the bytes of all four 8-bit products as unsigned;
# that of 3.1, where this is mended, divides 64-bit numbers wrongly and no kernel starts on it (Bochs
# issue 668: what newer compilers make of its code). So: the source of 3.0, and four words changed.
bochs=$work/bochs-3.0/bochs
if [ ! -x "$bochs" ]; then
  private_apt "$work/trixie" trixie
  (cd "$work" && private_source "$work/trixie" bochs '.orig.tar.xz')
  tar -C "$work" -xf "$work"/bochs_3.0*.orig.tar.xz
  for signed in 'SS( xbyte' 'SS( ybyte' 'SU( xbyte' 'US( ybyte'; do
    sed -i "/Bit32u DPBD${signed%% *}/,/^}/ { /${signed##* }\[4\]/ s/Bit8u/Bit8s/g }" \
      "$work/bochs-3.0/cpu/avx/amx.cc"
  done
  [ "$(grep -c 'const Bit8s [xy]byte' "$work/bochs-3.0/cpu/avx/amx.cc")" = 4 ] ||
    fail "this source of Bochs is not the one that is known here"
  (cd "$work/bochs-3.0" && ./configure --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex \
    --enable-amx --enable-cet --enable-uintr --enable-memtype --enable-protection-keys \
    --enable-all-optimizations --enable-cdrom --enable-pci --disable-docbook --disable-plugins \
    --disable-readline --with-nogui CFLAGS="-O2 -fno-strict-aliasing" \
    CXXFLAGS="-O2 -fno-strict-aliasing" >"$work/bochs.log" 2>&1 &&
    make -j "$(nproc)" >>"$work/bochs.log" 2>&1) || fail "Bochs was not built; see $work/bochs.log"
fi

echo "== its BIOS, and a kernel, unpacked but not installed =="
# Linux lends tiles only to a processor that can take them back (XFD), which Bochs has not; a kernel
# since 6.15 can be told that it has, by setcpuid. As one process at a time uses tiles here, none is
# missed.
if ! ls "$work/system/usr/share/vgabios/vgabios.bin" "$work"/system/usr/lib/modules/*/vmlinuz >/dev/null 2>&1; then
  private_apt "$work/forky" forky
  kernel=$(private_depends "$work/forky" linux-image-cloud-amd64 '^linux-image-')
  binary=$(private_depends "$work/forky" "$kernel" '^linux-binary-')
  (cd "$work/forky" && private_apt_get "$work/forky" download "${binary:-$kernel}" bochsbios vgabios)
  for package in "$work"/forky/*.deb; do dpkg -x "$package" "$work/system"; done
fi

echo "== the tests, for any processor with AVX-512 =="
cmake -S 08_hardware/amx -B "$work/cmake" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DLADDER_MARCH=x86-64-v4 -DCMAKE_CROSSCOMPILING_EMULATOR=/bin/true >"$work/cmake.log"
cmake --build "$work/cmake" --target emulated_08_amx

# What was run, in the order in which test_emulation.cpp reads it.
sum=$(cd 08_hardware/amx && find . -maxdepth 1 -name '*.[ch]pp' ! -name 'test_emulation.cpp' \
  ! -name 'test_program.cpp' ! -name 'main.cpp' ! -name 'engines.*' ! -name 'breakdown.*' |
  LC_ALL=C sort | xargs cat | sha256sum | cut -d ' ' -f 1)

echo "== a CD to start from =="
rm -rf "$work/memory" "$work/cd"
mkdir -p "$work"/memory/{bin,proc,tmp} "$work/memory$root/common" "$work/cd"
cp /bin/busybox "$work/cmake/emulated_08_amx" "$work/memory/bin/" 2>/dev/null ||
  cp /bin/busybox "$work/cmake/bin/emulated_08_amx" "$work/memory/bin/"
cp -r common/data "$work/memory$root/common/"
ldd "$work/memory/bin/emulated_08_amx" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$work/memory$(dirname "$library")"
  cp -L "$library" "$work/memory$library"
done
tests="'~[nll]'"
if [ $# -gt 0 ]; then tests="'$1'"; fi
cat >"$work/memory/init" <<END_OF_INIT
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox grep -m 1 'model name' /proc/cpuinfo
/bin/busybox grep -m 1 -o 'amx_bf16.*amx_int8' /proc/cpuinfo
cd '$root'
/bin/emulated_08_amx --durations yes --colour-mode none $tests
echo "exit status \$?"
/bin/busybox sleep 1 # for the last line to reach the serial port
/bin/busybox poweroff -f
END_OF_INIT
chmod +x "$work/memory/init"
(cd "$work/memory" && find . | cpio -o -H newc --quiet) >"$work/cd/memory"
cp "$(find "$work/system" -name 'vmlinuz*' | head -n 1)" "$work/cd/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/cd/"
cat >"$work/cd/isolinux.cfg" <<'END_OF_MENU'
default ladder
label ladder
  kernel vmlinuz
  initrd memory
  append console=ttyS0 quiet loglevel=1 mitigations=off nokaslr no5lvl hpet=disable setcpuid=324
END_OF_MENU
xorriso -as mkisofs -quiet -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 \
  -boot-info-table -o "$work/cd.iso" "$work/cd" 2>"$work/xorriso.log"

echo "== the emulated machine; its screen is $work/screen.txt =="
cat >"$work/bochsrc" <<END_OF_MACHINE
display_library: nogui
cpu: model=sapphire_rapids, ips=4000000
memory: guest=512, host=512
romimage: file=$work/system/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=$work/system/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=$work/cd.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/screen.txt
log: $work/machine.log
panic: action=fatal
error: action=ignore
END_OF_MACHINE
rm -f "$work/screen.txt"
"$bochs" -q -f "$work/bochsrc" >"$work/machine.out" 2>&1 </dev/null || true
[ -f "$work/screen.txt" ] || fail "Bochs did not start; see $work/machine.log and $work/machine.out"
tr -d '\r' <"$work/screen.txt" | tee "$work/screen.clean"
grep -q '^exit status 0' "$work/screen.clean" || fail "the tests failed in the emulated machine"
[ $# -eq 0 ] || exit 0

{
  echo "The tests of 08_hardware/amx on Bochs 3.0, which emulates a Sapphire Rapids; made by"
  echo "scripts/emulate_amx.sh on $(LC_ALL=C date -u +%Y-%m-%d). Seconds are those of the emulated clock."
  echo "sources $sum"
  echo "kernel $(basename "$(dirname "$(find "$work/system" -name 'vmlinuz*' | head -n 1)")")"
  sed -n '/^model name/,/^exit status/p' "$work/screen.clean"
} >"$result"
echo "written to ${result#"$root/"}"
