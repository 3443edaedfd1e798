# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the calls whose results are to be turned around.

A call is watched when its function verifies, compares, opens or checks: by
its name, and by the type that it returns, which is read from the source.
What a site can be turned to follows from that type, and for a comparison
from the operator behind it.  Calls inside assert() are left out: they state
what our own code has made sure of, and nothing from outside makes one fail.
"""
import re
from collections import namedtuple

# What the libraries' functions return: zero for yes, or a truth value, or an
# order.
LIBRARY = {
    "crypto_aead_xchacha20poly1305_ietf_decrypt": "status",
    "crypto_scalarmult": "status",
    "crypto_sign_verify_detached": "status",
    "memcmp": "order",
    "sodium_is_zero": "bool",
    "sodium_memcmp": "order",
    "strcmp": "order",
    "strncmp": "order",
}

# The words of a name that say that a function verifies, compares, opens or
# checks.
WORDS = frozenset("""
    agree alike allowed authentic begins beginning canonical check
    checks compare decode decrypt equal good knows low matches may meant open
    opens same signed signature verifies verify view whole zero
""".split())

# In the layers that hold what comes against what must be, every call of such
# a function is watched; in src/crypto, of any that says yes or no.  In the
# others a comparison most often finds a place in a table: there the checks on
# what strangers send are watched, by name.
ALL = frozenset(LIBRARY)
FOLDERS = {
    "src/base": (WORDS, ALL),
    "proto": (WORDS, ALL),
    "src/crypto": (WORDS | {"is", "take", "before", "elder"}, ALL),
    "src/vault": (WORDS, ALL),
    "src/relay": ((), {"opening_matches"}),
    "src/relay/links.c": ((), {"node_key_equal"}),
    "src/platform": ((), {
        "beacon_datagram_decode", "client_is_allowed", "control_decode",
        "node_key_equal", "peer_is_same_user"}),
    "src/platform/transport_door.c": ((), {
        "memcmp", "node_key_equal", "part_is"}),
}

# What is named as if it were one, and is none.
NO_CHECKS = {
    "kem_is_here": "what the program was built with",
    "may_seal": "saves a look at what could not be sent anyway",
    "open_rooms": "makes room in memory; what opens the slots is watched",
}

Site = namedtuple("Site", "path line function callee nth kind values span")

_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_DECLARED = re.compile(
    r"\b(bool|enum\s+status|int)\s+([a-z_]\w*)\s*\(")
_DEFINED = re.compile(r"^[A-Za-z][^;={}#]*?\b([a-z_]\w*)\s*\(", re.MULTILINE)
_OPERATOR = re.compile(r"\s*(==|!=|<=|>=|<|>)\s*0\b")
_VALUES = {
    "==": (0, 1), "!=": (0, 1), "<": (-1, 0), ">=": (-1, 0),
    ">": (1, 0), "<=": (1, 0), None: (-1, 0, 1),
}


def blank(text):
    """The text with comments, strings, characters and the preprocessor's
    lines made blank, each byte at its place."""
    pattern = re.compile(
        r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
        r'|^[ \t]*#(?:\\\n|[^\n])*', re.DOTALL | re.MULTILINE)
    return pattern.sub(
        lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def closing(text, at):
    """Where the parenthesis that opens at a place closes."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise ValueError("a parenthesis does not close")


def declared(texts):
    """What each function of the house returns: bool, status or order."""
    kinds = dict(LIBRARY)
    for text in texts:
        for kind, name in _DECLARED.findall(text):
            kinds.setdefault(name, {"bool": "bool", "int": "order"}.get(
                kind, "status"))
    return kinds


def is_watched(path, name):
    folder = max((f for f in FOLDERS if path.startswith(f)), key=len)
    words, names = FOLDERS[folder]
    return name in names or name not in LIBRARY and name not in NO_CHECKS \
        and bool(set(words) & set(name.strip("_").split("_")))


def _is_declaration(text, at):
    """Whether the name at a place is being declared, and not called."""
    before = text[:at].rstrip()
    word = re.search(r"\w+$", before)
    return before.endswith("*") and not before.endswith(("(*", "= *")) or \
        bool(word) and word.group() not in ("return", "else", "do")


def _values(kind, text, end, refused):
    if kind == "bool":
        return (1, 0)
    if kind == "status":
        return (0, refused)
    found = _OPERATOR.match(text, end + 1)
    return _VALUES[found.group(1) if found else None]


def find(path, source, kinds, refused):
    """The sites of one file, in order, and how many stand in assertions."""
    text = blank(source)
    functions = [(m.start(), m.group(1)) for m in _DEFINED.finditer(text)]
    asserted = [(m.start(), closing(text, m.end() - 1))
                for m in re.finditer(r"\bassert\s*\(", text)]
    sites, skipped, counts = [], 0, {}
    for call in _CALL.finditer(text):
        name = call.group(1)
        if name not in kinds or not is_watched(path, name) or \
                _is_declaration(text, call.start()):
            continue
        if any(a < call.start() < b for a, b in asserted):
            skipped += 1
            continue
        end = closing(text, call.end() - 1)
        inside = [f for at, f in functions if at <= call.start()]
        function = inside[-1] if inside else "-"
        nth = counts[function, name] = counts.get((function, name), 0) + 1
        # An int of our own that is no order is 0 for yes, as a status is.
        kind = kinds[name]
        sites.append(Site(
            path, text.count("\n", 0, call.start()) + 1, function, name, nth,
            kind, _values(kind, text, end, refused), (call.start(), end + 1)))
    return sites, skipped


def instrument(source, sites, number):
    """The source with mutant(number(site), ...) around each site."""
    edits = []
    for site in sites:
        start, end = site.span
        edits.append((start, 1, f"mutant({number(site)}, ("))
        edits.append((end, 0, "))"))
    for at, _, text in sorted(edits, reverse=True):
        source = source[:at] + text + source[at:]
    return source
