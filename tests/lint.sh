#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Run every linter that is here over the tree, and say which are missing.
# Exits 1 on a finding.  CPPFLAGS come from the makefile.

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

sources=$(find src proto sim tests -name '*.c' | LC_ALL=C sort)
scripts=$(find tests sim contrib bootstrap .ci/run -name '*.sh' -o \
    -path bootstrap -o -path .ci/run | LC_ALL=C sort)

# shellcheck disable=SC2086 # lists of files without spaces
try clang-format clang-format --dry-run -Werror $sources \
    $(find src proto sim tests -name '*.h')
# shellcheck disable=SC2086
try cppcheck cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 \
    --enable=warning,portability,performance \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    -I. -Isrc src proto sim
# shellcheck disable=SC2086
try clang-tidy clang-tidy --quiet --warnings-as-errors='*' \
    --checks='-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-narrowing-conversions,cert-*,-cert-dcl37-c,-cert-dcl51-cpp,-cert-err33-c,-cert-msc*,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling' \
    $(echo "$sources" | grep -v '^tests/') -- -std=gnu11 -I. -Isrc
# shellcheck disable=SC2086
try shellcheck shellcheck $scripts
# shellcheck disable=SC2086
try mandoc mandoc -Tlint -Wwarning $(find man -name '*.[1-8]')
exit $faults
