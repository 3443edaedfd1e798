# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of sotto-sim(1) for fish.

function __sotto_sim_scenarios
    sotto-sim list 2>/dev/null | string replace -r '^(\S+)\s+' '$1\t'
end

complete -c sotto-sim -n __fish_use_subcommand -f -a run -d 'run a scenario and judge it'
complete -c sotto-sim -n __fish_use_subcommand -f -a live -d 'run it with real nodes'
complete -c sotto-sim -n __fish_use_subcommand -f -a compare -d 'lay two runs side by side'
complete -c sotto-sim -n __fish_use_subcommand -f -a sweep -d 'run it for each of a grid of settings and seeds'
complete -c sotto-sim -n __fish_use_subcommand -f -a report -d 'the results as a page to look at'
complete -c sotto-sim -n __fish_use_subcommand -f -a list -d 'the scenarios that come with it'
complete -c sotto-sim -n __fish_use_subcommand -f -a explain -d 'what a scenario does, in words'
complete -c sotto-sim -n __fish_use_subcommand -f -a version -d 'print the version'
complete -c sotto-sim -n __fish_use_subcommand -f -a help -d 'print all verbs'

complete -c sotto-sim -n '__fish_seen_subcommand_from run live sweep explain' -a '(__sotto_sim_scenarios)'
complete -c sotto-sim -n '__fish_seen_subcommand_from run live sweep explain' -x -l set -d 'set one thing over the file'
complete -c sotto-sim -n '__fish_seen_subcommand_from run live explain' -x -l seed -d 'draw all chance from another seed'
complete -c sotto-sim -n '__fish_seen_subcommand_from run live explain' -x -l nodes -d 'nodes in the mesh'
complete -c sotto-sim -n '__fish_seen_subcommand_from run live sweep' -r -l out -d 'write the results into a folder'
complete -c sotto-sim -n '__fish_seen_subcommand_from run live compare' -f -l json -d 'print one JSON object'
complete -c sotto-sim -n '__fish_seen_subcommand_from run' -f -l wire -d 'encode and decode every frame'
complete -c sotto-sim -n '__fish_seen_subcommand_from run' -f -l twice -d 'run it twice and compare'
complete -c sotto-sim -n '__fish_seen_subcommand_from sweep' -x -l over -d 'an axis of the grid'
complete -c sotto-sim -n '__fish_seen_subcommand_from sweep' -x -l seeds -d 'the seeds of each point'
complete -c sotto-sim -n '__fish_seen_subcommand_from live sweep' -x -l jobs -d 'so many at a time'
complete -c sotto-sim -n '__fish_seen_subcommand_from sweep' -x -l shard -d 'only some of the runs'
complete -c sotto-sim -n '__fish_seen_subcommand_from sweep' -f -l print-jobs -d 'print a command a run'
complete -c sotto-sim -n '__fish_seen_subcommand_from live' -f -l netns -d 'a network namespace a node'
complete -c sotto-sim -n '__fish_seen_subcommand_from live' -f -l keep -d 'leave the folder of the nodes'
complete -c sotto-sim -n '__fish_seen_subcommand_from live' -r -l sottod -d 'the program to run'
complete -c sotto-sim -n '__fish_seen_subcommand_from compare' -x -l redundancy -d 'by which copies may differ'
complete -c sotto-sim -n '__fish_seen_subcommand_from compare' -x -l latency -d 'between median latencies'
complete -c sotto-sim -n '__fish_seen_subcommand_from compare' -f -l force -d 'compare runs of different settings'
complete -c sotto-sim -n '__fish_seen_subcommand_from report' -r -l output -d 'where to write it'
complete -c sotto-sim -n '__fish_seen_subcommand_from report' -f -l force -d 'replace a file that is no report'
