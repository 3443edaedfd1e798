# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the manual to what was printed.

    cli-json.py MANUAL FOLDER VERB...

FOLDER has a file for each entry of the manual's list of JSON members, named as
the entry is, with the lines that such a command printed.  Each member that was
printed must be in its entry, each that is in the entry must have been printed,
and each verb must have been run."""
import json
import os
import re
import sys

SIDES = ("proposer", "accepter")
# What follow shows of something is what another verb shows of it.
SHOWN_AS = {"letter": "read", "outbox": "outbox", "session": "contacts",
            "evidence": "evidential", "file": "file list"}
# Members whose own members are counts, by words that are not listed here.
COUNTS = {"refused", "traffic"}
# One member a limit, or a library.
ANY_MEMBERS = {"limits", "version"}
# What two nodes that lose nothing cannot make: a gap in what was signed.
UNSEEN = {("transcript show", "until")}
# Verbs whose output is that of sottod.
TEXT_ALONE = {"config"}


def words(line):
    return [word.strip(",.()") for word in line.split()]


def labels(line):
    """The names of an entry: `.It Cm note add , note list`."""
    text = line[len(".It "):].replace("Ar id", "Ar ID")
    text = re.sub(r"\b(Cm|Ar) ", " ", text)
    text = re.sub(r"\bFl -", " --", text)
    return [" ".join(part.split()) for part in text.split(",")]


def entries(manual):
    """{label: members} of the manual's section."""
    found, current = {}, None
    inside = False
    for line in open(manual, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith(".Ss JSON"):
            inside = True
        elif line.startswith(".Sh"):
            inside = False
        elif inside and line.startswith(".It "):
            current = set()
            for label in labels(line):
                found.setdefault(label, current)
        elif inside and current is not None:
            current.update(members_in(line))
    return found


def members_in(line):
    ends = re.match(r"\.Ar side Ns Li (\w+)", line)
    if ends:
        return {side + ends.group(1) for side in SIDES}
    if re.match(r"\.Ar side\b", line):
        return set(SIDES)
    if not line.startswith(".Li "):
        return set()
    return {word for word in words(line[4:]) if re.fullmatch(r"[\w.]+", word)}


def printed(value, prefix=""):
    """The members of an object, those of an inner one behind a dot."""
    for name, inner in value.items():
        if isinstance(inner, dict) and name not in COUNTS:
            yield from printed(inner, prefix + name + ".")
        else:
            yield prefix + name


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def expected_of(label, known, row):
    if label == "follow":
        about = SHOWN_AS.get(row["event"])
        return known[label] | (known[about] if about else set())
    if label == "transcript show" and "fault" in row:
        return known["transcript verify"]
    return known[label]


def main():
    manual, folder, verbs = sys.argv[1], sys.argv[2], sys.argv[3:]
    known = entries(manual)
    wrong = []
    seen = {}
    for label in sorted(os.listdir(folder)):
        rows = read_lines(os.path.join(folder, label))
        if label not in known:
            wrong.append(f"{label}: not in the manual")
            continue
        seen.setdefault(label, set())
        if not rows:
            wrong.append(f"{label}: prints nothing")
        if label in ANY_MEMBERS:
            continue
        for row in rows:
            members = set(printed(row))
            seen[label].update(members)
            for member in sorted(members - expected_of(label, known, row)):
                wrong.append(f"{label}: {member} is printed, and not in the "
                             f"manual")
    for label, members in known.items():
        if label not in seen and label not in ANY_MEMBERS:
            wrong.append(f"{label}: was not run")
        for member in sorted(members - seen.get(label, members)):
            if (label, member) in UNSEEN:
                continue
            wrong.append(f"{label}: {member} is in the manual, and was not "
                         f"printed")
    run = {label.split()[0] for label in os.listdir(folder)}
    wrong += [f"{verb}: was not run" for verb in verbs
              if verb not in run | TEXT_ALONE]
    print("\n".join(sorted(set(wrong))))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
