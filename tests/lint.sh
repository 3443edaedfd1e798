#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2046,SC2086 # lists of files without spaces
# Run every linter that is here over the tree, and say which are missing.
# Exits 1 on a finding.  config.h is that of the folder it is called from.

build=$PWD
cd "${top_srcdir:-.}" || exit 99
faults=0
try() { # try TOOL COMMAND...: run it, or say that it is missing
    tool=$1
    shift
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "lint: $tool is not here, skipped"
        return
    fi
    echo "lint: $tool"
    "$@" || faults=1
}

# kem_xwing.c needs a libsodium that has X-Wing, ranks_mpi.c Open MPI's folder of
# headers; where one is, the compiler looks at it.
sources=$(find src proto sim -name '*.c' ! -name kem_xwing.c ! -name ranks_mpi.c |
    LC_ALL=C sort)
scripts=$(find tests sim contrib bootstrap .ci/run -name '*.sh' -o \
    -path bootstrap -o -path .ci/run | LC_ALL=C sort)
includes="-I. -Isrc -I$build"

try clang-format clang-format --dry-run -Werror \
    $(find src proto sim tests -name '*.[ch]')

# SC2317: functions that a test calls through ok.
try shellcheck shellcheck -e SC2317 $scripts

try mandoc mandoc -Tlint -Wwarning $(find man -name '*.[1-8]')

# The checks across units (ctu) take the address of a result that a function
# is to fill for a read of it; unknownEvaluationOrder takes a member named in an
# initialiser for an assignment.
try cppcheck cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 \
    --enable=warning,portability,performance -j "$(nproc)" \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    --suppress=ctunullpointer --suppress=ctuuninitvar \
    --suppress=unknownEvaluationOrder -I. -Isrc src proto sim

# Left out, with what they would ask for:
#   easily-swappable-parameters    a struct wherever two integers meet
#   reserved-identifier, dcl37/51  that _GNU_SOURCE has another name
#   narrowing-conversions          a cast at each assignment of a smaller type
#   err33                          the result of every printf
#   msc                            C++'s rules on random numbers
#   implicit-widening              a cast at each product of constants
#   not-null-terminated-result     an end for bytes that are no string
#   strcpy, DeprecatedOrUnsafe...  strlcpy and Annex K, which glibc 2.36 has not
#   valist.Uninitialized           nothing: in the second file that one process
#                                  reads, it no longer knows va_start
checks='-*,bugprone-*,-bugprone-easily-swappable-parameters'
checks="$checks,-bugprone-reserved-identifier,-bugprone-narrowing-conversions"
checks="$checks,cert-*,-cert-dcl37-c,-cert-dcl51-cpp,-cert-err33-c,-cert-msc*"
checks="$checks,-bugprone-implicit-widening-of-multiplication-result"
checks="$checks,-bugprone-not-null-terminated-result"
checks="$checks,clang-analyzer-*,-clang-analyzer-valist.Uninitialized"
checks="$checks,-clang-analyzer-security.insecureAPI.strcpy"
checks="$checks,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"
# The folders that the makefile defines: any string will do.
options="-std=gnu11 $includes"
options="$options -DSOTTO_SBINDIR=__FILE__ -DSCENARIO_FOLDER=__FILE__"
export checks options
# shellcheck disable=SC2016 # the shells of xargs expand them
try clang-tidy xargs -n 4 -P "$(nproc)" sh -c '
    clang-tidy --quiet --checks="$checks" --warnings-as-errors="*" "$@" \
        -- $options 2>/dev/null' tidy <<EOT
$sources
EOT
exit $faults
