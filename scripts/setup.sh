# shellcheck shell=bash
# Sourced by run.sh, test.sh and .ci/run, with the repository as the current directory and `here` as
# the reader's: what every command needs before CMake can begin. Plain enough for the bash 3.2 that
# macOS comes with.

here=${here:-$PWD}

# absolute PATH: a path means what it means where the reader stands.
absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "${here%/}/$1" ;;
  esac
}

# shown PATH: as short as the reader can use it.
shown() { printf '%s\n' "${1#"${here%/}/"}"; }

# Everything that is made lies in here: builds, results, logs, and with LADDER_BUILD the downloads.
builds=$PWD/build
downloads=$PWD/downloads
if [ -n "${LADDER_BUILD:-}" ]; then
  builds=$(absolute "$LADDER_BUILD")
  downloads=$builds/downloads
fi
setup_log=$builds/setup.log
if [ -n "${MICROGPT_NAMES:-}" ]; then
  MICROGPT_NAMES=$(absolute "$MICROGPT_NAMES")
  export MICROGPT_NAMES
fi

# What the ladder is built with. Tools are looked for as commands, so one that the reader installed
# by hand counts too; libraries are looked for as packages.
apt_libraries="libeigen3-dev libfmt-dev libcli11-dev nlohmann-json3-dev libutf8proc-dev"
brew_formulae="cmake ninja eigen fmt cli11 nlohmann-json utf8proc catch2"
backports_list=/etc/apt/sources.list.d/bookworm-backports.list

say() { printf '%s\n' "$@"; } # each argument a line

# fail MESSAGE [STATUS]
fail() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command whose output nobody wants to read unless it fails.
logged() {
  if ! "$@" >"$setup_log" 2>&1 </dev/null; then
    tail -n 25 "$setup_log" >&2
    return 1
  fi
}

cores() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }

# ---- Debian, Ubuntu and their relatives ----------------------------------------------------------

deb_version() { # of an installed package; nothing if it is not installed
  dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p'
}

is_catch2_3() {
  [ -n "$1" ] && [ "$1" != "(none)" ] && dpkg --compare-versions "$1" ge 3
}

apt_missing() {
  have cmake || echo cmake
  have ninja || echo ninja-build
  have "${CXX:-c++}" || echo g++
  # The certificates are for downloading the corpus.
  for package in $apt_libraries ca-certificates; do
    [ -n "$(deb_version "$package")" ] || echo "$package"
  done
  # Catch2 that CMake has already downloaded for this build serves as well.
  is_catch2_3 "$(deb_version catch2)" || [ -d "$builds/release/_deps/catch2-src" ] || echo catch2
}

# debian_mirror PATTERN: the mirror from which apt has a release of Debian with such a name.
debian_mirror() {
  # shellcheck disable=SC2016 # $(…) is apt's, not the shell's
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(ORIGIN)' 'Created-By: Packages' |
    awk -v name="$1" '$2 ~ name && ($3 == "Debian" || $3 ~ /ORIGIN/) { print $1; exit }'
}

# Debian 12 has Catch2 2; version 3 is in its backports. The reader's own mirror of Debian 12.
bookworm_mirror() { debian_mirror '^bookworm$'; }

needs_backports() { # Catch2 3 is wanted, and apt cannot see one
  ! is_catch2_3 "$(LC_ALL=C apt-cache policy catch2 | sed -n 's/^ *Candidate: //p')" &&
    grep -q '^VERSION_CODENAME=bookworm' /etc/os-release
}

has_backports() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(RELEASE)' | grep -qx bookworm-backports
}

# The commands for somebody who may run them.
apt_instructions() { # packages…
  echo "error: some packages are missing, and installing them takes root or sudo. As root:"
  echo "  apt-get update"
  case " $* " in
    *" catch2 "*)
      if needs_backports; then
        if ! has_backports; then
          mirror=$(bookworm_mirror)
          echo "  echo 'deb ${mirror:-MIRROR} bookworm-backports main' > $backports_list"
          [ -n "$mirror" ] || echo "    (for MIRROR, the address in /etc/apt/sources.list)"
          echo "  apt-get update"
        fi
        # shellcheck disable=SC2046 # a list of words
        set -- $(printf '%s\n' "$@" | sed 's,^catch2$,catch2/bookworm-backports,')
      fi
      ;;
  esac
  echo "  apt-get install --no-install-recommends $*"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

may_be_root() {
  [ "$(id -u)" = 0 ] || { have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=120 "$@"
}

add_backports() {
  mirror=$(bookworm_mirror)
  [ -n "$mirror" ] || return 1
  say "adding Debian's backports for Catch2 3, from the mirror this machine uses: $backports_list"
  echo "deb $mirror bookworm-backports main" | as_root tee "$backports_list" >/dev/null
  if ! logged apt_get -o APT::Update::Error-Mode=any update; then
    as_root rm -f "$backports_list"
    return 1
  fi
}

apt_install() { # packages…
  [ $# -gt 0 ] || return 0
  if ! may_be_root; then
    apt_instructions "$@" >&2
    exit 1
  fi
  say "installing, with apt: $*"
  logged apt_get update || fail "apt-get update did not work; see $(shown "$setup_log")"
  case " $* " in
    *" catch2 "*)
      if needs_backports; then
        if has_backports || add_backports; then
          set -- "$@" catch2/bookworm-backports
        else
          say "no Catch2 3 from apt; CMake will download it"
          set -- "$@" git
        fi
        # Without the plain name, which would be version 2.
        # shellcheck disable=SC2046 # a list of words
        set -- $(printf '%s\n' "$@" | sed '/^catch2$/d')
      fi
      ;;
  esac
  logged apt_get install --no-install-recommends "$@" ||
    fail "apt-get install $* did not work; see $(shown "$setup_log")"
}

# For stage 8: cross compilers, an emulator, and what simulates and proves a circuit. Whoever cannot install
# them goes without, and their tests are skipped.
install_for_hardware() {
  [ "$(uname -m)" = x86_64 ] && have apt-get && have dpkg-query && may_be_root || return 0
  set --
  for package in g++-aarch64-linux-gnu qemu-user clang-19 lld-19 verilator yosys z3; do
    [ -n "$(deb_version "$package")" ] || ! apt-cache show "$package" >/dev/null 2>&1 ||
      set -- "$@" "$package"
  done
  [ $# -gt 0 ] || return 0
  say "installing, with apt, for other processors and circuits: $*"
  logged apt_get install --no-install-recommends "$@" ||
    say "that did not work (see $(shown "$setup_log")); their tests are skipped"
}

# ---- macOS ---------------------------------------------------------------------------------------

brew_install() {
  have "${CXX:-c++}" || fail "there is no C++ compiler; install Apple's: xcode-select --install"
  have brew || fail "some libraries come from Homebrew: install it from https://brew.sh, or \
install by hand: $brew_formulae"
  prefix=$(brew --prefix)
  missing=""
  for formula in $brew_formulae; do
    [ -d "$prefix/opt/$formula" ] || missing="$missing $formula"
  done
  [ -n "$missing" ] || return 0
  say "installing, with Homebrew:$missing"
  # shellcheck disable=SC2086 # a list of words
  logged brew install $missing || fail "brew install$missing did not work; see $(shown "$setup_log")"
}

# ---- any other system ----------------------------------------------------------------------------

other_instructions() {
  have cmake && have ninja && have "${CXX:-c++}" && return 0
  cat >&2 <<'END'
error: this script can install what is missing on Debian, Ubuntu and macOS only. Please install:
  cmake 3.25 or newer
  ninja
  a C++20 compiler: g++ 12 or newer, or clang 15 or newer
  the libraries Eigen 3.4, fmt, CLI11, nlohmann-json, utf8proc and Catch2 3
    (CMake downloads those that it does not find, if git is there)
END
  exit 1
}

# ---- all of them ---------------------------------------------------------------------------------

install_what_is_missing() {
  if have apt-get && have dpkg-query; then
    # shellcheck disable=SC2046 # a list of words
    apt_install $(apt_missing)
  elif [ "$(uname)" = Darwin ]; then
    brew_install
  else
    other_instructions
  fi
  version=$(cmake --version | sed -n 's/^cmake version //p')
  case $version in
    [0-2].* | 3.[0-9].* | 3.1[0-9].* | 3.2[0-4].*)
      fail "this is CMake $version, and the ladder needs 3.25 or newer: https://cmake.org/download"
      ;;
  esac
}

# The corpus that published figures are measured on. Without it the programs read the built-in one.
fetch_corpus() {
  if [ -n "${MICROGPT_NAMES:-}" ]; then
    say "corpus: $MICROGPT_NAMES, as MICROGPT_NAMES says"
    return
  fi
  # The programs know of the checkout's own downloads/ only.
  [ ! -f downloads/names.txt ] || downloads=$PWD/downloads
  cmake -D "downloads=$downloads" -P cmake/FetchCorpus.cmake </dev/null 2>&1
  if [ "$downloads" != "$PWD/downloads" ] && [ -f "$downloads/names.txt" ]; then
    export MICROGPT_NAMES="$downloads/names.txt"
  fi
}

need_writable_builds() {
  if mkdir -p "$builds" 2>/dev/null && [ -w "$builds" ]; then return; fi
  if [ -n "${LADDER_BUILD:-}" ]; then
    fail "cannot write to $builds, the folder that LADDER_BUILD names"
  fi
  fail "cannot write to $builds; build in a folder of yours, LADDER_BUILD=FOLDER $0, or in a copy of \
the ladder"
}

set_up() {
  install_what_is_missing
  fetch_corpus
  # Both are CMake's own variables; a reader who has set them is obeyed.
  export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(cores)}"
  export CTEST_PARALLEL_LEVEL="${CTEST_PARALLEL_LEVEL:-$(cores)}"
}

# configure PRESET
configure() {
  logged cmake --preset "$1" -B "$builds/$1" || fail "CMake could not configure; the whole log is $(shown "$setup_log")"
}

source scripts/locks.sh

# The stages that CMake knows of, one a line, by the names of their programs: 04_mlp, and for the
# directory 08_hardware/fpga 08_fpga.
all_stages() {
  sed -nE 's,^ *add_subdirectory\(([0-9][0-9]_)([a-z]*/)?([a-z0-9_]*)\).*,\1\3,p' CMakeLists.txt
}

# find_stage 04: the program, 04_mlp. Also takes 4 and 04_mlp itself. (08 is the first of its programs.)
find_stage() {
  case $1 in
    [0-9]) set -- "0$1" ;;
  esac
  for stage in $(all_stages); do
    case $stage in
      "$1" | "$1"_*) case $1 in [0-9][0-9] | "$stage") echo "$stage" && return ;; esac ;;
    esac
  done
  return 1
}
