#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A node starts, says so, is alone in its home, and goes without a trace.
# shellcheck source=tests/programs/lib.sh
. "${top_srcdir:-.}/tests/programs/lib.sh"

answers() { sotto --home "$home/$1" status; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }
second() { # second NAME: a second daemon there ends with 1 and names the first
    sottod --home "$home/$1" --listen tcp://127.0.0.1:0 --no-discovery \
        >"$home/second" 2>&1
    code=$?
    echo "exit $code, and said:"
    cat "$home/second"
    [ "$code" -eq 1 ] && grep -q "process $(pid_of "$1")" "$home/second"
}
port_of() { endpoint "$1" | sed 's/#.*//; s/.*://'; }
refuses() { # refuses PORT: nobody listens there
    ! python3 -c "import socket; socket.create_connection(('127.0.0.1', $1), 5)"
}
mode_is() { [ "$(stat -c %a "$2")" = "$1" ]; }
only() { # only DIR NAME...: the directory holds these and nothing else
    dir=$1
    shift
    [ "$(ls "$dir")" = "$(printf '%s\n' "$@")" ] || { ls -la "$dir"; return 1; }
}

start a
ok "a node is ready when its status answers" answers a
ok "it says so in one line, with its endpoint and key" \
    grep -q "ready at $(endpoint a)\$" "$home/a.log"
ok "its directories are 0700" mode_is 700 "$home/a/vault"
ok "its sockets are 0600" mode_is 600 "$home/a/run/vault.sock"
ok "its key is 0600" mode_is 600 "$home/a/relay/node.key"
ok "a second daemon is refused and names the first" second a
ok "and the first goes on" answers a

relay=$(process a relay)
vault=$(process a vault)
port=$(port_of a)
key=$(json a 's["node"]["key"]')
stop a
ok "SIGTERM ends it with 0" [ "$stopped" -eq 0 ]
ok "its relay process is gone" is_gone "$relay"
ok "its vault process is gone" is_gone "$vault"
ok "its port is closed" refuses "$port"
ok "nothing but the lock is left where it ran" only "$home/a/run" lock

silent() { # start node q with standard error closed
    mkdir "$home/q"
    nodes="$nodes q"
    bound sottod --home "$home/q" --listen tcp://127.0.0.1:0 --no-discovery \
        2>&- &
    echo $! >"$home/q.pid"
    sotto --home "$home/q" wait-ready --timeout 30s
}
ok "a node runs whose standard error is closed" silent
ok "and what it logs gets into none of its files" \
    [ "$(cat "$home/q/run/lock")" = "$(pid_of q)" ]
stop q

start a
ok "it has the same key when it starts again" \
    [ "$(json a 's["node"]["key"]')" = "$key" ]
stop a INT
ok "SIGINT ends it with 0" [ "$stopped" -eq 0 ]

start a
relay=$(process a relay)
vault=$(process a vault)
stop a KILL
ok "when the supervisor is killed its relay ends" until_true is_gone "$relay"
ok "and its vault" until_true is_gone "$vault"
start a
ok "and the node starts again at once" answers a
stop a

mkdir -p "$home/f"
printf '[relay]\nnode-key = fresh\n' >"$home/f/sotto.conf"
start f
key=$(json f 's["node"]["key"]')
stop f
start f
ok "node-key = fresh makes a new key each time" \
    [ "$(json f 's["node"]["key"]')" != "$key" ]
ok "and writes none" only "$home/f/relay" shelf
stop f

start r --relay-only
ok "a relay-only node is ready without a vault" answers r
ok "and has no vault socket" [ ! -e "$home/r/run/vault.sock" ]
stop r
start v --vault-only
ok "a vault-only node has no relay socket" [ ! -e "$home/v/run/relay.sock" ]
stop v

mkdir "$home/a/run/mode.new"
start_a() {
    sottod --home "$home/a" --listen tcp://127.0.0.1:0 --no-discovery \
        >"$home/refused" 2>&1
}
mode_named() {
    cat "$home/refused"
    grep -q "$home/a/run/mode: Is a directory" "$home/refused"
}
ok "a node that cannot write into its run directory ends" exits 1 start_a
ok "and names the file" mode_named

person d
stop d
# All but the first page, by which it is known as a database of ours.
dd if=/dev/zero of="$home/d/vault/vault.db" bs=4096 seek=1 count=1 \
    conv=notrunc 2>/dev/null
start d
ok "a vault whose records are damaged does not open" exits 2 unlock d
ok "and the log says so" \
    grep -q "$home/d/vault/vault.db: it is damaged" "$home/d.log"
stop d
echo "no database of any kind, but longer than an empty file" \
    >"$home/d/vault/vault.db"
start_d() {
    sottod --home "$home/d" --listen tcp://127.0.0.1:0 --no-discovery \
        >"$home/refused" 2>&1
}
ok "where its file is none at all the node does not start" exits 1 start_d
ok "and says how it would" \
    grep -q "move $home/d/vault away; .sotto restore. makes" "$home/refused"

done_testing
