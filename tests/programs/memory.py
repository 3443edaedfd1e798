# SPDX-License-Identifier: GPL-3.0-or-later
"""Search a process's memory, or files, for secrets.

    memory.py PID|FOLDER... -- FILE...

Each FILE holds one secret.  Prints which is found where and in which form, and
ends with 0 when any is found, 1 when none is, 99 when it could not look.  All
memory that can be read is searched, also what a core file leaves out.
"""
import base64
import os
import sys

BLOCK = 1 << 24
LARGEST = 1 << 32


def forms(secret):
    """The secret as it might lie somewhere."""
    text = secret.decode()
    yield "raw", secret
    yield "UTF-16", text.encode("utf-16-le")
    yield "UTF-16, big end first", text.encode("utf-16-be")
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    for offset in range(3):
        # Drop the characters that neighbours have a share in.
        coded = base64.b64encode(b"\0" * offset + secret)
        first = (offset * 8 + 5) // 6
        last = (offset + len(secret)) * 8 // 6
        yield "base64 at %d" % offset, coded[first:last]


def memory(pid):
    """The bytes of each mapping that can be read."""
    with open("/proc/%s/maps" % pid, encoding="utf-8") as maps, \
            open("/proc/%s/mem" % pid, "rb", 0) as mem:
        for line in maps:
            fields = line.split()
            if "r" not in fields[1] or line.rstrip().endswith("[vvar]"):
                continue
            start, end = (int(x, 16) for x in fields[0].split("-"))
            if end - start > LARGEST:
                continue  # a sanitizer's shadow
            try:
                mem.seek(start)
                left, parts = end - start, []
                while left:
                    part = mem.read(min(left, BLOCK))
                    if not part:
                        break
                    parts.append(part)
                    left -= len(part)
                yield " ".join(fields[5:]) or "anonymous", b"".join(parts)
            except OSError:
                continue


def files(folder):
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    yield path, file.read()


def main():
    cut = sys.argv.index("--")
    places, names = sys.argv[1:cut], sys.argv[cut + 1:]
    secrets = []
    for name in names:
        with open(name, "rb") as file:
            secrets.append((os.path.basename(name), file.read().strip()))
    found = looked = 0
    for place in places:
        for where, content in (memory if place.isdigit() else files)(place):
            looked += len(content)
            for name, secret in secrets:
                for form, needle in forms(secret):
                    if needle in content:
                        found += 1
                        print("%s, %s, in %s" % (name, form, where))
    if not looked:
        sys.exit(99)
    sys.exit(0 if found else 1)


if __name__ == "__main__":
    try:
        main()
    except PermissionError:
        sys.exit(99)
