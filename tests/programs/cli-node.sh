#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317,SC2154 # ok runs functions; lib.sh sets home
# status, peers, connect, disconnect, wait-ready, config: the node itself.

# shellcheck source=tests/programs/lib.sh disable=SC1091
. "${top_srcdir:-.}/tests/programs/lib.sh"

holds() { # holds NAME EXPRESSION: a Python expression on the status is true
    [ "$(json "$1" "$2")" = True ]
}

start relay --relay-only
start ada
ada() { sotto --home "$home/ada" "$@"; }

ok "status of a node names its parts" \
    holds ada 'all(part in s for part in ("node", "links", "shelf", "vault",
        "sandbox", "refused"))'
ok "a key and endpoints that end with it" \
    holds ada 'len(s["node"]["key"]) == 64 and all(e.startswith("tcp://")
        and e.endswith("#" + s["node"]["key"]) for e in s["node"]["endpoints"])
        and len(s["node"]["endpoints"]) > 0'
ok "a shelf with a quota" holds ada 's["shelf"]["envelopes"] == 0
        and s["shelf"]["bytes"] == 0 and s["shelf"]["quota_bytes"] > 0'
ok "a sandbox for each process" holds ada 'all(isinstance(s["sandbox"][p], str)
        for p in ("relay", "vault"))'
ok "refusals by reason" holds ada 'isinstance(s["refused"], dict)
        and all(isinstance(n, int) for n in s["refused"].values())'
ok "a node with only a relay has no vault" \
    holds relay 's["vault"]["state"] == "not-running"'
ok "status for a person fits" shows "vault    empty (sotto init)" ada status
ok "a relay for a person" shows "carries the mail of others" \
    sotto --home "$home/relay" status
ok "a vault's verb on a relay says why not" \
    refuses 2 "--relay-only" sotto --home "$home/relay" read

ok "no links yet" test -z "$(ada peers)"
ok "connect" ada connect "$(endpoint relay)"
ok "the link comes up" until_true links_up ada 1
ok "peers shows it" shows "up" ada peers
peers_json() { ada peers --json | python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert len(rows) == 1, rows
assert rows[0]["state"] == "up" and rows[0]["outbound"] is True
assert rows[0]["key"] == sys.argv[1]' "$(json relay 's["node"]["key"]')"; }
ok "peers --json has one object a link" peers_json
ok "a connection to oneself is refused" \
    refuses 5 "" ada connect "$(endpoint ada)"
ok "disconnect of a link that is not there ends with 4" \
    refuses 4 "" ada disconnect tcp://127.0.0.1:1
ok "what names no link is refused" refuses 1 "neither" ada disconnect bo
digits() { ada peers | awk '$2 == "up" { print $1 }'; }
ok "no link's key begins with these digits" \
    refuses 4 "begins with 012345678" ada disconnect 012345678
ok "seven digits of a key are too few" \
    refuses 1 "first 8 of them or more" ada disconnect 0123456
ok "disconnect by the digits that peers prints" ada disconnect "$(digits)"
no_links() { [ "$(json ada 'len(s["links"])')" -eq 0 ]; }
ok "that link is gone" until_true no_links
ok "connect again" ada connect "$(endpoint relay)"
ok "disconnect by key" ada disconnect "$(json relay 's["node"]["key"]')"
ok "the link is gone" until_true no_links
# Another node's key, at the relay's address.
other=$(json ada 's["node"]["key"]' | tr 0-9a-f 1-9a-f0)
at=$(endpoint relay)
ok "connect by another key" ada connect "${at%#*}#$other"
says_answered() { ada peers | grep -q "answers, but not with that key"; }
ok "peers says that somebody answers, and is not that" until_true says_answered
is_answered() { [ "$(json ada 's["links"][0]["answered"]')" = True ]; }
ok "so does --json" until_true is_answered
ada disconnect "$other"

ok "wait-ready of a running node ends at once" ada wait-ready --timeout 1s
stop relay
ok "wait-ready of a stopped node ends with 2" \
    refuses 2 "no node is running" \
    sotto --home "$home/relay" wait-ready --timeout 0s
launch relay --relay-only
ok "wait-ready waits for a node that starts" \
    sotto --home "$home/relay" wait-ready --timeout 30s
crowded() { # 64 others are connected, and each was answered
    python3 - "$home/ada/run/vault.sock" "$builddir/sotto" "$home/ada" <<'PY'
import socket, subprocess, sys
crowd = []
for _ in range(64):
    crowd.append(socket.socket(socket.AF_UNIX))
    crowd[-1].connect(sys.argv[1])
    crowd[-1].sendall(b'{"id": 1, "method": "status"}\n')
    crowd[-1].recv(1)
sys.exit(subprocess.call([sys.argv[2], "--home", sys.argv[3], "contacts"]))
PY
}
ok "who finds a node with all that it serves is told how many" \
    refuses 2 "or 64 programs are connected" crowded
ok "config check accepts no configuration" ada config check
printf '[relay]\nlissten = tcp://*:1\n' >"$home/ada/sotto.conf"
broken() { ada config check 2>&1; test $? -eq 1; }
ok "config check finds a mistake" broken
ok "a broken configuration does not block status" ada status

done_testing
