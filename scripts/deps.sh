#!/bin/sh
# Installs the packages that are missing. usage: scripts/deps.sh run|test|develop
#   run      what building, running and drawing need
#   test     also what the tests need
#   develop  also what the checks and the benchmark need
# Debian and Ubuntu are tested; the Fedora and Homebrew names are untested.
set -eu
what=${1:-run}

has_library() {
    command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1" 2>/dev/null
}
has_header() {
    command -v cc >/dev/null 2>&1 && echo "#include <$1>" | cc -E - >/dev/null 2>&1
}
has_program() {
    command -v "$1" >/dev/null 2>&1
}

debian="" fedora="" brew=""
need() { # Debian's, Fedora's and Homebrew's name of a package that is missing
    debian="$debian $1" fedora="$fedora $2" brew="$brew $3"
}

has_program cc || need gcc gcc gcc
has_program ar || need binutils binutils binutils
has_header stdio.h || need libc6-dev glibc-devel ""
has_program pkg-config || need pkg-config pkgconf-pkg-config pkg-config
has_library openblas || need libopenblas-dev openblas-devel openblas
has_library lapacke || need liblapacke-dev lapack-devel lapack
has_library gsl || need libgsl-dev gsl-devel gsl
has_library sqlite3 || need libsqlite3-dev sqlite-devel sqlite
has_library zlib || need zlib1g-dev zlib-devel zlib
has_library libfyaml || need libfyaml-dev libfyaml-devel libfyaml
has_library muparser || need libmuparser-dev muParser-devel muparser
has_header Random123/philox.h || need librandom123-dev Random123-devel random123
has_program gnuplot || need "gnuplot-nox fonts-dejavu-core" gnuplot gnuplot
if [ "$what" != run ]; then
    has_library cmocka || need libcmocka-dev libcmocka-devel cmocka
    # tests compile a locale with a decimal comma into a folder of theirs; the system's own settings stay
    if [ "$(uname)" = Linux ]; then
        { has_program localedef && [ -e /usr/share/i18n/locales/de_DE ]; } || need locales glibc-locale-source ""
    fi
fi
if [ "$what" = develop ]; then
    has_program clang-format || need clang-format clang-tools-extra clang-format
    has_program cppcheck || need cppcheck cppcheck cppcheck
    has_program valgrind || need valgrind valgrind valgrind
    has_program gcovr || need gcovr gcovr gcovr
    has_program git || need git git git
    /usr/bin/python3 -c 'import scipy' >/dev/null 2>&1 || need python3-scipy python3-scipy scipy
fi
[ -n "$debian" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif has_program sudo && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    as_root="none"
fi

if has_program apt-get; then
    install="apt-get install -y$debian"
elif has_program dnf; then
    install="dnf install -y$fedora"
elif has_program brew; then
    install="brew install$brew"
    as_root=""
else
    echo "please install (Debian's names):$debian" >&2
    exit 3
fi
if [ "$as_root" = none ]; then
    echo "no right to install packages here; please run as root: $install" >&2
    exit 3
fi
echo "installing:$debian" | sed 's/^installing:/& /;s/  */ /g'
if has_program apt-get; then
    $as_root apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive $as_root $install -qq >/dev/null || {
        echo "installing failed; please run: $install" >&2
        exit 3
    }
else
    $as_root $install
fi
