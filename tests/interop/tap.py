# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the Test Anything Protocol."""
from dialect import Malformed


class Tap:
    def __init__(self):
        self._count = self._failed = 0

    def ok(self, claim, what):
        self._count += 1
        self._failed += not claim
        print(f"{'ok' if claim else 'not ok'} {self._count} - {what}",
              flush=True)
        return claim

    def refuses(self, call, data, what):
        """The call raises Malformed, and nothing else."""
        try:
            call(data)
        except Malformed:
            return self.ok(True, what + " is refused")
        return self.ok(False, what + " is refused")

    def note(self, text):
        print("# " + text, flush=True)

    def done(self):
        print(f"1..{self._count}", flush=True)
        return 1 if self._failed else 0
