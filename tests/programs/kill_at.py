# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a node's processes at a moment that is counted and not timed.

  kill_at.py HOME N PID... -- COMMAND...

Runs the command, and kills at the N-th write to the node's databases since it
began; or, where there are fewer, once the command has ended and they have been
still.  Says how many writes there were; the exit code is the command's.
"""
import ctypes
import os
import select
import signal
import subprocess
import sys
import time

IN_MODIFY = 0x2
EVENT_BYTES = 16  # of a struct inotify_event, before its name
STILL_S = 2
MOST_S = 60


class Writes:
    """What is written to files in some folders, from now on."""

    def __init__(self, *folders):
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        for folder in folders:
            if libc.inotify_add_watch(
                    self._fd, os.fsencode(folder), IN_MODIFY) < 0:
                raise OSError(ctypes.get_errno(), folder)

    def wait(self, seconds):
        """The number of those that have come, 0 when none has in time."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return 0
        data, count = os.read(self._fd, 65536), 0
        while data:
            name_bytes = int.from_bytes(data[12:16], sys.byteorder)
            data = data[EVENT_BYTES + name_bytes:]
            count += 1
        return count


def wait_for(writes, wanted, command):
    """How many came, which is fewer when it has become still."""
    seen, until = 0, time.monotonic() + MOST_S
    while seen < wanted and time.monotonic() < until:
        came = writes.wait(STILL_S)
        seen += came
        if not came and command.poll() is not None:
            break
    return seen


def main(home, wanted, *rest):
    at = rest.index("--")
    writes = Writes(os.path.join(home, "vault"), os.path.join(home, "relay"))
    command = subprocess.Popen(rest[at + 1:], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    seen = wait_for(writes, int(wanted), command)
    for pid in rest[:at]:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    print(seen)
    return command.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
