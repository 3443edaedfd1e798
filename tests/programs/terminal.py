# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal for tests: what a program shows on one, and what is seen there.

    terminal.py run COLUMNS LINES COMMAND...   its output, on such a terminal
    terminal.py see light|dark                 standard input as a picture

A picture is a PGM of what an eye sees of half blocks, on a terminal whose own
background is light or dark; the colours that the text itself sets go before.
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios

DOT = 4  # pixels a side of what half a character shows
BLACK, WHITE = 0, 255
# What of a character's upper and lower half is ink.
INK = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
SHADES = {"16": BLACK, "231": WHITE}
SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m")


def run(columns, lines, command):
    """Its output is ours, and so is how it ends."""
    child, terminal = pty.fork()
    if child == 0:
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(1, termios.TIOCSWINSZ, size)
        os.execvp(command[0], command)
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            data = b""
        if not data:
            break
        sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Screen:
    def __init__(self, own):
        self._own = {"light": (BLACK, WHITE), "dark": (WHITE, BLACK)}[own]
        self._ink, self._paper = self._own
        self.rows = []

    def _set(self, codes):
        codes = codes.split(";")
        while codes:
            code = codes.pop(0)
            if code in ("", "0"):
                self._ink, self._paper = self._own
            elif code == "38" and codes[0] == "5":
                self._ink = SHADES[codes[1]]
                del codes[:2]
            elif code == "48" and codes[0] == "5":
                self._paper = SHADES[codes[1]]
                del codes[:2]
            else:
                raise ValueError(f"a colour of no meaning here: {code}")

    def line(self, text):
        halves = [], []
        at = 0
        while at < len(text):
            found = SEQUENCE.match(text, at)
            if found:
                self._set(found[1])
                at = found.end()
                continue
            for half, inked in zip(halves, INK[text[at]]):
                half.append(self._ink if inked else self._paper)
            at += 1
        self.rows.extend(halves)

    def picture(self):
        width = max(map(len, self.rows))
        dots = [[*row, *[self._own[1]] * (width - len(row))]
                for row in self.rows]
        pixels = b"".join(
            b"".join(bytes([dot]) * DOT for dot in row) * DOT for row in dots)
        return (f"P5 {width * DOT} {len(dots) * DOT} 255\n".encode() + pixels)


def main():
    if sys.argv[1] == "run":
        return run(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    screen = Screen(sys.argv[2])
    for line in sys.stdin.buffer.read().decode().splitlines():
        screen.line(line)
    sys.stdout.buffer.write(screen.picture())
    return 0


if __name__ == "__main__":
    sys.exit(main())
