# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of sotto(1) for bash.

# The names of contacts, one a line; nothing where no node answers.
_sotto_contacts() {
    sotto "$@" --json contacts 2>/dev/null </dev/null |
        sed -n 's/^.*"name": *"\([^"\\]*\)".*$/\1/p'
}

_sotto_groups() {
    sotto "$@" --json group list 2>/dev/null </dev/null |
        sed -n 's/^.*"name": *"\([^"\\]*\)".*$/\1/p'
}

_sotto_files() {
    sotto "$@" --json file list 2>/dev/null </dev/null |
        sed -n 's/^.*"id": *"\([0-9a-f]*\)".*$/\1/p'
}

_sotto_requests() {
    sotto "$@" --json requests 2>/dev/null </dev/null |
        sed -n 's/^.*"fingerprint": *"\([0-9a-f]*\)".*$/\1/p'
}

_sotto() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local verbs='init id add contacts verify requests accept decline
        rename receipts block unblock remove send read follow outbox recall
        file evidential transcript note group status
        peers connect disconnect bundle lock unlock passphrase panic backup restore
        wait-ready
        config limits version
        help'
    local options='--home --json --help' verb='' words=0 i
    local -a place=()
    COMPREPLY=()

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --home)
            place=(--home "${COMP_WORDS[i + 1]}")
            ((i++))
            ;;
        --passphrase-file | --passphrase-fd | --new-passphrase-file | \
            --new-passphrase-fd | --expire | --burn | --wait | \
            --timeout | --limit | --since | --file) ((i++)) ;;
        -*) ;;
        *)
            if [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; else ((words++)); fi
            ;;
        esac
    done

    case $prev in
    --home)
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        compopt -o filenames 2>/dev/null
        return
        ;;
    --passphrase-file | --new-passphrase-file | --since | --file)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        compopt -o filenames 2>/dev/null
        return
        ;;
    --wait)
        mapfile -t COMPREPLY < <(compgen -W 'handed delivered read' -- "$cur")
        return
        ;;
    --expire | --burn | --timeout | --limit | --void | --passphrase-fd | \
        --new-passphrase-fd) return ;;
    esac

    case $verb in
    init) options+=' --passphrase-file --passphrase-fd --set-aside' ;;
    lock | unlock) options+=' --passphrase-file --passphrase-fd' ;;
    passphrase)
        options+=' --passphrase-file --passphrase-fd --new-passphrase-file
            --new-passphrase-fd --duress --recovery'
        ;;
    panic) options+=' --yes' ;;
    bundle) options+=' --since' ;;
    backup) options+=' --passphrase-file --passphrase-fd --force' ;;
    restore)
        options+=' --passphrase-file --passphrase-fd --new-passphrase-file
            --new-passphrase-fd --set-aside'
        ;;
    id) options+=' --invite --qr --invites --void' ;;
    verify) options+=' --confirm' ;;
    send)
        options+=' --expire --burn --urgent --wait --timeout --evidential
            --deniable --file'
        ;;
    file) options+=' --force' ;;
    note) options+=' --burn' ;;
    group) options+=' --admin --expire --burn --urgent --wait --timeout' ;;
    read) options+=' --all --peek --limit' ;;
    wait-ready) options+=' --timeout' ;;
    '') options+=' --version' ;;
    esac

    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    elif [[ -z $verb ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
    elif ((words == 0)); then
        case $verb in
        send | read | verify | decline | rename | block | unblock | remove | \
            evidential | receipts)
            local IFS=$'\n'
            mapfile -t COMPREPLY < <(
                compgen -W "$(_sotto_contacts "${place[@]}")" -- "$cur"
            )
            ;;
        accept)
            mapfile -t COMPREPLY < <(
                compgen -W "$(_sotto_requests "${place[@]}")" -- "$cur"
            )
            ;;
        help) mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
        note)
            mapfile -t COMPREPLY < <(
                compgen -W 'add list read remove' -- "$cur"
            )
            ;;
        file)
            mapfile -t COMPREPLY < <(compgen -W 'list get cancel' -- "$cur")
            ;;
        bundle)
            mapfile -t COMPREPLY < <(
                compgen -W 'export import digest' -- "$cur"
            )
            ;;
        group)
            mapfile -t COMPREPLY < <(
                compgen -W 'new add remove leave forget list members send' \
                    -- "$cur"
            )
            ;;
        backup | restore)
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            compopt -o filenames 2>/dev/null
            ;;
        transcript)
            mapfile -t COMPREPLY < <(compgen -W 'export verify show forget' \
                -- "$cur")
            ;;
        config) mapfile -t COMPREPLY < <(compgen -W check -- "$cur") ;;
        esac
    elif [[ $verb == file ]] && ((words == 1)); then
        mapfile -t COMPREPLY < <(
            compgen -W "$(_sotto_files "${place[@]}")" -- "$cur"
        )
    elif [[ $verb == file ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        compopt -o filenames 2>/dev/null
    elif [[ $verb == evidential ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$cur")
    elif [[ $verb == receipts ]]; then
        mapfile -t COMPREPLY < <(
            compgen -W 'prompt discreet default' -- "$cur"
        )
    elif [[ $verb == bundle || $verb == transcript ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        compopt -o filenames 2>/dev/null
    elif [[ $verb == group ]]; then
        local IFS=$'\n' names=''
        ((words == 1)) && names=$(_sotto_groups "${place[@]}")
        ((words == 2)) && names=$(_sotto_contacts "${place[@]}")
        mapfile -t COMPREPLY < <(compgen -W "$names" -- "$cur")
    fi
}

complete -F _sotto sotto
