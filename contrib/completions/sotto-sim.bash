# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of sotto-sim(1) for bash.

_sotto_sim() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W \
            'run live sweep compare replay report import diff fuzz shrink list explain version help' \
            -- "$cur")
        return
    fi
    case $prev in
    --sottod | --output | --with | --trace)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --out)
        local kind=-d
        [[ ! $verb =~ ^(import|shrink)$ ]] || kind=-f
        mapfile -t COMPREPLY < <(compgen "$kind" -- "$cur")
        return
        ;;
    --crypto)
        mapfile -t COMPREPLY < <(compgen -W 'real stub none' -- "$cur")
        return
        ;;
    --node | --letter | --until | --seed | --nodes | --set | --over | --seeds | --jobs | --shard | \
        --time | --runs | --events | --redundancy | --latency)
        return
        ;;
    esac
    local options=''
    case $verb in
    run)
        options='--seed --nodes --crypto --set --out --force --json --wire'
        options="$options --twice --threads --examine --trace --events"
        ;;
    diff) options='--seed --nodes --crypto --set --with --wire' ;;
    live)
        options='--seed --nodes --set --out --force --json --jobs --netns'
        options="$options --keep --sottod"
        ;;
    report) options='--output --force' ;;
    compare) options='--redundancy --latency --json --output --force' ;;
    sweep)
        options='--over --seeds --nodes --crypto --set --out --jobs --shard'
        options="$options --print-jobs --merge"
        ;;
    fuzz)
        options='--seeds --time --jobs --out --shrink --first --json --print'
        ;;
    shrink) options='--seed --nodes --crypto --set --out --runs --jobs' ;;
    replay) options='--node --letter --until' ;;
    import) options='--out' ;;
    explain) options='--seed --nodes --crypto --set' ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    elif [[ $verb =~ ^(compare|replay|report)$ ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    elif [ "$verb" = import ]; then
        local words=''
        [ "$COMP_CWORD" -ne 2 ] || words='one tij haggle graphml freifunk'
        mapfile -t COMPREPLY < <(
            compgen -W "$words" -- "$cur"
            compgen -f -- "$cur"
        )
    elif [ "$verb" != fuzz ] && [ -n "$options" ]; then
        mapfile -t COMPREPLY < <(
            compgen -W "$(sotto-sim list 2>/dev/null | cut -d' ' -f1)" -- "$cur"
            compgen -f -- "$cur"
        )
    fi
}
complete -F _sotto_sim sotto-sim
