#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn around the result of each verify, compare and open call, one by one,
and see that the tests notice.

A call is mutated to what it never says to a forger (yes), and to what it
always says (no); see sites.py.  All mutants are compiled once, behind a
switch (mutant.c), in a copy of the source.  A first run of every test notes
which sites it comes by, and how long it takes; a mutant is then held against
just those tests, quick and near ones first, until one fails.

    mutate.py --source DIR --work DIR [--shard I/N] [--jobs N] [--fresh]
              [--only PATTERN] [--list]

What was killed before is not run again as long as neither its file nor the
test that killed it has changed; --fresh forgets all that.  Exits 1 if a mutant
survives that equivalent.txt does not explain.
"""
import argparse
import concurrent.futures
import fnmatch
import hashlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections import namedtuple

import sites

HERE = pathlib.Path(__file__).resolve().parent
COPIED = ("src", "proto", "sim", "tests", "man", "contrib", "build-aux")
# What a mutant may use: enough for any test, an end for one that runs away.
MEMORY_BYTES = 4 << 30
FILE_BYTES = 1 << 30
LEAST_TIMEOUT_S = 20
TIMEOUT_FACTOR = 15

Mutant = namedtuple("Mutant", "site value name")
Verdict = namedtuple("Verdict", "word by")


def site_number(site):
    """A number that stays the same when other files change."""
    place = zlib.crc32(site.path.encode()) % (1 << 20)
    return (place << 10 | site_number.within[site]) + 1


def number_all(found):
    site_number.within, places = {}, {}
    for path, listed in found.items():
        place = zlib.crc32(path.encode()) % (1 << 20)
        if places.setdefault(place, path) != path or len(listed) >= 1 << 10:
            sys.exit(f"mutate: {path} has too many sites, or another's number")
        for i, site in enumerate(listed):
            site_number.within[site] = i


# The source.

def refused(source):
    """The number of STATUS_REFUSED."""
    text = (source / "src/base/status.h").read_text()
    return re.findall(r"^\s*(STATUS_\w+)", text, re.MULTILINE).index(
        "STATUS_REFUSED")


def find_all(source):
    """The sites by file, and how many calls in assertions were left out."""
    paths = sorted(
        p for folder in sites.FOLDERS
        for p in (source / folder).glob("*.[ch]"))
    texts = {p: p.read_text() for p in paths}
    kinds = sites.declared(sites.blank(t) for t in texts.values())
    found, asserted = {}, 0
    for path, text in texts.items():
        name = str(path.relative_to(source))
        listed, skipped = sites.find(name, text, kinds, refused(source))
        asserted += skipped
        if listed:
            found[name] = listed
    return found, asserted


def mutants_of(found):
    return [
        Mutant(site, value, f"{site.path}:{site.function}:{site.callee}"
                            f":{site.nth}:{value}")
        for listed in found.values() for site in listed
        for value in site.values]


def read_equivalent():
    """The mutants that no test can tell from the program, with the reason."""
    reasons = {}
    for line in (HERE / "equivalent.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, reason = line.split(maxsplit=1)
            reasons[name] = reason
    return reasons


# The build.

def copy_source(source, found, to):
    """Copy the tree, with switches in; what has not changed stays as it is,
    so that make compiles only what has."""
    wanted = [p for p in source.iterdir() if p.is_file()]
    wanted += [p for folder in COPIED
               for p in (source / folder).rglob("*")
               if p.is_file() and "__pycache__" not in p.parts]
    for path in wanted:
        name = str(path.relative_to(source))
        data = path.read_bytes()
        if name in found:
            data = sites.instrument(
                data.decode(), found[name], site_number).encode()
        target = to / name
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            shutil.copymode(path, target)
            if name not in found:
                shutil.copystat(path, target)


def run_build(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout[-4000:], file=sys.stderr)
        sys.exit(f"mutate: {' '.join(map(str, command))} failed")
    return done.stdout


def build(args, found):
    """Build every test program with every mutant in it; their paths."""
    tree, out = args.work / "source", args.work / "build"
    copy_source(args.source, found, tree)
    out.mkdir(exist_ok=True)
    switch = out / "mutant.o"
    cc = args.cc.split()
    run_build([*cc, "-O2", "-c", "-o", switch, HERE / "mutant.c"], out)
    if not (out / "Makefile").exists():
        run_build([tree / "configure", "-q", f"CC={args.cc}",
                   "CFLAGS=-O1 -w", f"CPPFLAGS=-include {HERE}/mutant.h",
                   f"LIBS={switch}"], out)
    run_build(["make", "-s", f"-j{args.jobs}", "check", "TESTS="], out)
    listed = run_build(["make", "-s", "--no-print-directory", "list-tests"],
                       out).split()
    return [t for t in listed if not t.endswith(".sh")]


# Running a test.

def limit():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))


def run_test(args, test, timeout_s, **environment):
    """'ok', 'failed' or 'timeout'.  A test's children end with it."""
    tree, out = args.work / "source", args.work / "build"
    process = subprocess.Popen(
        [out / test], cwd=out, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, preexec_fn=limit,
        env={**os.environ, "top_srcdir": str(tree), "top_builddir": str(out),
             "srcdir": str(tree), **environment})
    try:
        return "ok" if process.wait(timeout_s) == 0 else "failed"
    except subprocess.TimeoutExpired:
        return "timeout"
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def explore(args, tests):
    """How long each test takes, and which tests come by each site.  One that
    fails by itself kills nothing, and is left out."""
    seconds, reached = {}, {}
    log = args.work / "reached"
    for test in tests:
        log.write_text("")
        begun = time.monotonic()
        if run_test(args, test, 600, MUTANT_REACHED=str(log)) != "ok":
            print(f"mutate: {test} fails without a mutant: left out")
            continue
        seconds[test] = time.monotonic() - begun
        for number in set(map(int, log.read_text().split())):
            reached.setdefault(number, []).append(test)
    return seconds, reached


def in_order(site, tests, seconds):
    """Quick and near first: a test named for the file, then of its layer."""
    layer, _, name = site.path.rpartition("/")
    stem = name.partition(".")[0].partition("_")[0]

    def cost(test):
        folder, _, program = test.rpartition("/")
        near = 0.1 if stem in program else 1
        same = 0.3 if folder.endswith(layer.rpartition("/")[2]) else 1
        return (seconds[test] + 0.05) * near * same
    return sorted(tests, key=cost)


def judge(args, mutant, tests, seconds):
    for test in in_order(mutant.site, tests, seconds):
        timeout_s = LEAST_TIMEOUT_S + TIMEOUT_FACTOR * seconds[test]
        word = run_test(args, test, timeout_s,
                        MUTANT=f"{site_number(mutant.site)}:{mutant.value}")
        if word != "ok":
            return Verdict("killed" if word == "failed" else "timeout", test)
    return Verdict("survived" if tests else "unreached", "-")


# What was found before.

def digest(*paths):
    made = hashlib.sha256()
    for path in paths:
        made.update(path.read_bytes() if path.exists() else b"")
    return made.hexdigest()[:16]


class Memory:
    """Verdicts of kills, each with what it rests on, as it was built; a line
    is added as soon as it is known, so a run that is cut off is gone on
    with."""

    def __init__(self, args):
        self._source = args.work / "source"
        self._path = args.work / "killed"
        if args.fresh:
            self._path.unlink(missing_ok=True)
        lines = self._path.read_text().splitlines() \
            if self._path.exists() else []
        self._known = {}
        for line in lines:
            name, word, by, rests_on = line.split("\t")
            self._known[name] = (Verdict(word, by), rests_on)

    def _rests_on(self, mutant, test):
        return digest(self._source / mutant.site.path,
                      self._source / (test + ".c"))

    def recall(self, mutant):
        verdict, rests_on = self._known.get(mutant.name, (None, None))
        if verdict and rests_on == self._rests_on(mutant, verdict.by):
            return verdict
        return None

    def keep(self, mutant, verdict):
        if verdict.word not in ("killed", "timeout"):
            return
        with self._path.open("a") as file:
            print(mutant.name, verdict.word, verdict.by,
                  self._rests_on(mutant, verdict.by), sep="\t", file=file)


# The score.

def tell(mutant, verdict):
    site = mutant.site
    said = {0: "no", 1: "yes"} if site.kind == "bool" else {0: "0 (yes)"}
    print(f"{verdict.word}: {site.path}:{site.line}: {site.callee} in "
          f"{site.function} says {said.get(mutant.value, mutant.value)}"
          f"   [{mutant.name}]", flush=True)


def score(results, equivalent, asserted):
    counts = {word: 0 for word in
              ("killed", "timeout", "survived", "unreached")}
    explained = 0
    for mutant, verdict in results:
        if verdict.word in ("survived", "unreached") and \
                mutant.name in equivalent:
            explained += 1
        else:
            counts[verdict.word] += 1
        if verdict.word in ("killed", "timeout") and \
                mutant.name in equivalent:
            print(f"equivalent.txt names {mutant.name}, but "
                  f"{verdict.by} kills it")
    survived = counts["survived"] + counts["unreached"]
    print(f"{len(results)} mutants of {len({m.site for m, _ in results})} "
          f"calls, {counts['killed'] + counts['timeout']} killed "
          f"({counts['timeout']} by time), {survived} survived "
          f"({counts['unreached']} reached by no test), {explained} "
          f"equivalent; {asserted} calls in assertions left out")
    return survived


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--shard", default="1/1", metavar="I/N")
    parser.add_argument("--only", default="*", metavar="PATTERN")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    args.source = args.source.resolve()
    part, _, parts = args.shard.partition("/")
    args.part, args.parts = int(part), int(parts)
    if not 1 <= args.part <= args.parts:
        parser.error("--shard I/N: I is one of 1 to N")
    if not args.list and not args.work:
        parser.error("--work DIR: where to build")
    return args


def main():
    args = arguments()
    found, asserted = find_all(args.source)
    number_all(found)
    mutants = [m for m in mutants_of(found)
               if fnmatch.fnmatch(m.name, args.only)]
    mutants = mutants[args.part - 1::args.parts]
    if args.list:
        for mutant in mutants:
            print(f"{mutant.site.path}:{mutant.site.line}: {mutant.name}")
        return 0
    args.work.mkdir(parents=True, exist_ok=True)
    args.work = args.work.resolve()
    memory, equivalent = Memory(args), read_equivalent()
    tests = build(args, found)
    seconds, reached = explore(args, tests)
    print(f"{len(mutants)} mutants, {len(tests)} tests of "
          f"{sum(seconds.values()):.0f} s", flush=True)

    def decide(mutant):
        known = memory.recall(mutant)
        return known or judge(args, mutant, reached.get(
            site_number(mutant.site), []), seconds)

    results = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for mutant, verdict in zip(mutants, pool.map(decide, mutants)):
            memory.keep(mutant, verdict)
            results.append((mutant, verdict))
            if verdict.word in ("survived", "unreached") and \
                    mutant.name not in equivalent:
                tell(mutant, verdict)
    return 1 if score(results, equivalent, asserted) else 0


if __name__ == "__main__":
    sys.exit(main())
