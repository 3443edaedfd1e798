# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of sottod(8) for fish.

complete -c sottod -f
complete -c sottod -l home -x -a '(__fish_complete_directories)' -d 'The node whose files are all below it'
complete -c sottod -r -F -l config -d 'Instead of sotto.conf in its usual place'
complete -c sottod -x -l listen -d 'Where others reach it'
complete -c sottod -x -l connect -d 'Stay connected to that node'
complete -c sottod -x -l discovery -a 'open contacts listen off' -d 'On the local network'
complete -c sottod -l no-discovery -d 'The same as --discovery off'
complete -c sottod -x -l advertise -d 'What others are told to dial'
complete -c sottod -x -l socks -d 'Dial through a SOCKS5 proxy'
complete -c sottod -l relay-only -d 'Carry mail, have none'
complete -c sottod -l vault-only -d 'No network'
complete -c sottod -r -F -l unlock-with -d 'Unlock with the passphrase in a file'
complete -c sottod -x -l sandbox -a 'enforce log off' -d 'What no process may do'
complete -c sottod -l foreground -d 'Accepted; there is no other way'
complete -c sottod -l check-config -d 'Say whether the configuration is right'
complete -c sottod -l example-config -d 'Print a commented configuration'
complete -c sottod -l self-test -d 'Prove the sandbox'
complete -c sottod -l version -d 'Print the version'
complete -c sottod -l help -d 'Print all options'
