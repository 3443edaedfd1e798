# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of sottod(8) for bash.

_sottod() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local words='--home --config --listen --connect --discovery --no-discovery
        --advertise --socks --relay-only --vault-only --unlock-with --sandbox
        --foreground --check-config --example-config --self-test --version
        --help'
    COMPREPLY=()
    case $prev in
    --home)
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        compopt -o filenames 2>/dev/null
        return
        ;;
    --config | --unlock-with)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        compopt -o filenames 2>/dev/null
        return
        ;;
    --discovery) words='open contacts listen off' ;;
    --sandbox) words='enforce log off' ;;
    --listen | --connect | --advertise | --socks) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _sottod sottod
