#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two nodes in two network namespaces on one cable find each other by beacon:
# over IPv4 alone, and over IPv6 link-local alone.
# shellcheck disable=SC2317 # functions are called through ok
. "${srcdir:-.}/tests/programs/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root for network namespaces"
command -v ip >/dev/null 2>&1 || skip_all "needs ip from iproute2"
east=sotto-east-$$
west=sotto-west-$$
ip netns add "$east" 2>/dev/null ||
    skip_all "network namespaces are not to be had here"
end_namespaces() {
    clean_up
    ip netns del "$east" 2>/dev/null
    ip netns del "$west" 2>/dev/null
}
trap end_namespaces EXIT
ip netns add "$west" || bail "one namespace but not two"

# Not `ip netns exec` or `ip -n`, which mount over the root file system.
in_ns() { # in_ns NAMESPACE COMMAND...
    ns=$1
    shift
    nsenter "--net=/run/netns/$ns" "$@"
}

lay_cable() { # lay_cable 4|6: a new one, of one family only
    in_ns "$east" ip link del cable 2>/dev/null
    ip link add cable netns "$east" type veth peer name cable netns "$west" ||
        bail "no veth pair"
    octet=1
    for ns in "$east" "$west"; do
        in_ns "$ns" ip link set lo up
        if [ "$1" = 4 ]; then
            in_ns "$ns" sysctl -qw net.ipv6.conf.cable.disable_ipv6=1
            in_ns "$ns" ip addr add "10.77.0.$octet/24" dev cable
        else
            in_ns "$ns" sysctl -qw net.ipv6.conf.cable.disable_ipv6=0
            in_ns "$ns" sysctl -qw net.ipv6.conf.cable.accept_dad=0
        fi
        in_ns "$ns" ip link set cable up
        octet=$((octet + 1))
    done
}

find_each_other() { # find_each_other FAMILY
    for side in east west; do
        eval "ns=\$$side"
        name=$side$1
        # Not in_ns: the process to stop would be a shell around the node.
        bound nsenter "--net=/run/netns/$ns" sottod --home "$home/$name" --listen 'tcp://*:0' \
            --relay-only >>"$home/$name.log" 2>&1 &
        echo $! >"$home/$name.pid"
        nodes="$nodes $name"
        sotto --home "$home/$name" wait-ready --timeout 30s ||
            bail "$name did not become ready"
    done
    until_true links_up "east$1" 1 && until_true links_up "west$1" 1
}
address_is() { # address_is NAME PATTERN: of the link's peer, at either end
    for name in "east$1" "west$1"; do
        json "$name" '" ".join(l["endpoint"] for l in s["links"])'
    done | grep -qF "$2"
}

lay_cable 4
ok "they find each other over IPv4" find_each_other 4
ok "by its address" address_is 4 '10.77.0.'
stop east4
stop west4
lay_cable 6
ok "they find each other over IPv6 link-local" find_each_other 6
ok "by its address and interface" address_is 6 'fe80::'
done_testing
