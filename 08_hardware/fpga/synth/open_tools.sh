# shellcheck shell=bash
# Sourced with the repository as the current directory: in_tools FOLDER COMMAND… runs one of the open
# FPGA tools (yosys, nextpnr-ecp5, ecppack) inside FOLDER. Where the machine has it, it is the machine's;
# else it is Debian 13's, in a root that debootstrap makes once (about 700 MB, in the build folder).
source scripts/setup.sh
source scripts/matrix_root.sh

tools_root=${LADDER_FPGA_ROOT:-$builds/fpga_tools/root}
# shellcheck disable=SC2034 # make_root reads it
root_packages="yosys nextpnr-ecp5 fpga-trellis openfpgaloader"

# has_tools COMMAND…: nothing is missing that in_tools would need for these.
has_tools() {
  local tool
  for tool in "$@"; do
    have "$tool" || [ -x "$tools_root/usr/bin/$tool" ] || return 1
  done
}

# need_tools COMMAND…: makes the root if one of them is missing. Returns 1 with a line of what to do.
need_tools() {
  has_tools "$@" && return
  local what="needs $* (Debian 13: apt-get install $root_packages; or the OSS CAD Suite)"
  if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null || ! have debootstrap || ! have apt-config; then
    say "$what. A root of Debian 13 would do, but to make one takes root and debootstrap." >&2
    return 1
  fi
  mkdir -p "$(dirname "$tools_root")"
  say "$* not found: making a root of Debian 13 in $(shown "$tools_root"), about 700 MB" >&2
  if ! make_root trixie "$tools_root" >"$tools_root.log" 2>&1 </dev/null; then
    tail -n 5 "$tools_root.log" >&2
    say "$what. No root with debootstrap; see $(shown "$tools_root.log")" >&2
    return 1
  fi
}

in_tools() { # folder, command…
  local folder=$1
  shift
  if have "$1"; then
    (cd "$folder" && "$@")
  else
    # shellcheck disable=SC2016 # for the shell inside
    enter_root "$tools_root" "$PWD" "$folder" sh -c 'cd /build && exec "$@"' - "$@"
  fi
}
