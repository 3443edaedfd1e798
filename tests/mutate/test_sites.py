# SPDX-License-Identifier: GPL-3.0-or-later
"""The finder of calls: on a sample, and against a plain search of the source."""
import pathlib
import re
import sys

import mutate
import sites

HERE = pathlib.Path(__file__).resolve().parent
REFUSED = 5

SAMPLE = '''\
enum status card_verify(const struct card *card);
bool name_equal(const char *a, const char *b)
{
    /* memcmp(a, b, 9) */
    return memcmp(a, ")", f(g(1), h(2))) == 0;
}
#define SAME(a, b) name_equal(a, b)
static enum status take(struct card *card)
{
    assert(memcmp(card->a, card->b, 32) == 0);
    const char *text = "card_verify(x)";
    if (card_verify(card) || !name_equal(
            text, card->name))
        return STATUS_REFUSED;
    return name_equal(text, "") ? card_verify(card) : STATUS_OK;
}
static int order(const char *a, const char *b)
{
    return memcmp(a, b, 2) < 0 ? -1 : memcmp(b, a, 2);
}
'''

FOUND = [
    ("name_equal", "memcmp", 1, 5, (0, 1)),
    ("take", "card_verify", 1, 12, (0, REFUSED)),
    ("take", "name_equal", 1, 12, (1, 0)),
    ("take", "name_equal", 2, 15, (1, 0)),
    ("take", "card_verify", 2, 15, (0, REFUSED)),
    ("order", "memcmp", 1, 19, (-1, 0)),
    ("order", "memcmp", 2, 19, (-1, 0, 1)),
]


class Tap:
    count = failed = 0

    def ok(self, claim, what):
        self.count += 1
        self.failed += not claim
        print(f"{'ok' if claim else 'not ok'} {self.count} - {what}")


def test_sample(tap):
    kinds = sites.declared([sites.blank(SAMPLE)])
    found, asserted = sites.find("src/crypto/x.c", SAMPLE, kinds, REFUSED)
    tap.ok([(s.function, s.callee, s.nth, s.line, s.values)
            for s in found] == FOUND,
           "calls are found, and no comment, text, macro or declaration")
    tap.ok(asserted == 1, "those in assertions are left out, and counted")
    made = sites.instrument(SAMPLE, found, lambda site: found.index(site) + 1)
    tap.ok('return mutant(1, (memcmp(a, ")", f(g(1), h(2))))) == 0;' in made
           and "if (mutant(2, (card_verify(card))) || !mutant(3, (name_equal("
           "\n            text, card->name))))" in made,
           "each is put inside a switch")
    tap.ok(re.sub(r"mutant\(\d+, \((.*?)\)\)(?=[ ;)])", r"\1", made.replace(
        "\n", "\0")).replace("\0", "\n") == SAMPLE,
           "and nothing else is changed")


def test_source(tap, source):
    found, _ = mutate.find_all(source)
    primitive = re.compile(
        r"\b(crypto_sign_verify_detached|sodium_memcmp|crypto_scalarmult|"
        r"crypto_aead_xchacha20poly1305_ietf_decrypt)\(")
    plain = sum(len(primitive.findall(path.read_text()))
                for path in (source / "src").rglob("*.c"))
    watched = sum(bool(primitive.match(s.callee + "("))
                  for listed in found.values() for s in listed)
    tap.ok(plain == watched > 10,
           f"each of {plain} calls of libsodium's checks is watched")
    names = [m.name for m in mutate.mutants_of(found)]
    tap.ok(len(names) == len(set(names)), "a name is one mutant's")
    stale = sorted(set(mutate.read_equivalent()) - set(names))
    for name in stale:
        print("# " + name)
    tap.ok(not stale, "what is said to be equivalent is there")


def main():
    tap = Tap()
    test_sample(tap)
    test_source(tap, pathlib.Path(sys.argv[1]))
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
