#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep of sotto-sim by GNU parallel, on this machine or on several.
#
#   sweep-parallel.sh [-j JOBS] [-l FILE] SCENARIO --out DIR [OPTION...]
#
#   -j JOBS   so many runs at a time on each machine; default: one a processor
#   -l FILE   the machines, a line each, as parallel's --sshloginfile has them
#
# SCENARIO and what follows it are those of `sotto-sim sweep`.  The list of jobs
# and parallel's log lie in DIR, as jobs and jobs.log: the same command again
# goes on where an interrupted one ended.  It ends with the table and the exit
# status of `sotto-sim sweep --merge`.
#
# Machines see this folder under the same name (a shared file system), and have
# the same build of sotto-sim on PATH.  $PARALLEL holds further options of
# parallel.  A scenario that is a file is best named by an absolute path.
set -eu

die() {
    printf 'sweep-parallel: %s\n' "$*" >&2
    exit 1
}
usage='usage: sweep-parallel.sh [-j JOBS] [-l FILE] SCENARIO --out DIR [OPTION...]'

jobs=
machines=
while getopts j:l: option; do
    case $option in
    j) jobs=$OPTARG ;;
    l) machines=$OPTARG ;;
    *) die "$usage" ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || die "$usage"
# moreutils has another program of this name.
parallel --version 2>/dev/null | grep -q '^GNU' ||
    die 'GNU parallel is not here: it is the package parallel'

out=
before=
for word; do
    [ "$before" != --out ] || out=$word
    before=$word
done
[ -n "$out" ] || die '--out DIR is missing: the folder that gathers the runs'

mkdir -p "$out"
sotto-sim sweep "$@" --print-jobs >"$out/jobs.new"
# The log counts lines: it is of no use for another list.
cmp -s "$out/jobs" "$out/jobs.new" || rm -f "$out/jobs.log"
mv "$out/jobs.new" "$out/jobs"

# A job whose run failed by its expectations is begun again, too, and ends at
# once: its file has the run.
spread() {
    set -- --joblog "$out/jobs.log" --resume-failed --workdir "$PWD"
    [ -z "$jobs" ] || set -- "$@" -j "$jobs"
    [ -z "$machines" ] || set -- "$@" --sshloginfile "$machines"
    [ -z "${SOTTO_SCENARIOS:-}" ] || set -- "$@" --env SOTTO_SCENARIOS
    parallel "$@" <"$out/jobs"
}
spread || printf 'sweep-parallel: parallel ended with %s\n' "$?" >&2
exec sotto-sim sweep "$@" --merge
