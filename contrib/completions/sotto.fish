# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of sotto(1) for fish.

function __sotto_contacts
    sotto --json contacts 2>/dev/null </dev/null |
        string replace -rf '^.*"name": *"([^"\\\\]*)".*$' '$1'
end

function __sotto_groups
    sotto --json group list 2>/dev/null </dev/null |
        string replace -rf '^.*"name": *"([^"\\\\]*)".*$' '$1'
end

function __sotto_files
    sotto --json file list 2>/dev/null </dev/null |
        string replace -rf '^.*"id": *"([0-9a-f]*)".*$' '$1'
end

function __sotto_requests
    sotto --json requests 2>/dev/null </dev/null |
        string replace -rf '^.*"fingerprint": *"([0-9a-f]*)".*$' '$1'
end

function __sotto_first -a verb
    __fish_seen_subcommand_from $verb
    and test (count (string match -v -- '-*' (commandline -opc))) -eq 2
end

complete -c sotto -f
complete -c sotto -l home -x -a '(__fish_complete_directories)' -d 'The node whose files are all below it'
complete -c sotto -l json -d 'Print JSON'
complete -c sotto -l help -s h -d 'Say what a verb does'
complete -c sotto -n __fish_use_subcommand -l version -d 'Print the version'

complete -c sotto -n __fish_use_subcommand -a init -d 'Make an identity'
complete -c sotto -n __fish_use_subcommand -a id -d 'Print my card'
complete -c sotto -n __fish_use_subcommand -a add -d 'Add a contact'
complete -c sotto -n __fish_use_subcommand -a contacts -d 'List contacts'
complete -c sotto -n __fish_use_subcommand -a verify -d 'Show the safety number'
complete -c sotto -n __fish_use_subcommand -a requests -d 'List strangers who wrote'
complete -c sotto -n __fish_use_subcommand -a accept -d 'Make a stranger a contact'
complete -c sotto -n __fish_use_subcommand -a decline -d 'Refuse a stranger or a changed key'
complete -c sotto -n __fish_use_subcommand -a rename -d 'Give another name'
complete -c sotto -n __fish_use_subcommand -a receipts -d 'Choose how soon letters are confirmed'
complete -c sotto -n __fish_use_subcommand -a block -d 'Neither hear nor write'
complete -c sotto -n __fish_use_subcommand -a unblock -d 'End a block'
complete -c sotto -n __fish_use_subcommand -a remove -d 'Remove a contact with all letters'
complete -c sotto -n __fish_use_subcommand -a send -d 'Write a letter'
complete -c sotto -n __fish_use_subcommand -a read -d 'Show unread letters'
complete -c sotto -n __fish_use_subcommand -a follow -d 'Show letters as they come'
complete -c sotto -n __fish_use_subcommand -a outbox -d 'Show where letters stand'
complete -c sotto -n __fish_use_subcommand -a recall -d 'Recall a letter'
complete -c sotto -n __fish_use_subcommand -a file -d 'Show, write out or give up files'
complete -c sotto -n __fish_use_subcommand -a evidential -d 'Have letters signed, or no longer'
complete -c sotto -n __fish_use_subcommand -a transcript -d 'Write or check what was signed'
complete -c sotto -n __fish_use_subcommand -a note -d 'Keep notes'
complete -c sotto -n __fish_use_subcommand -a group -d 'Write with several people'
complete -c sotto -n __fish_use_subcommand -a status -d 'Show the node at a glance'
complete -c sotto -n __fish_use_subcommand -a peers -d 'List links'
complete -c sotto -n __fish_use_subcommand -a connect -d 'Link to a node'
complete -c sotto -n __fish_use_subcommand -a disconnect -d 'End a link'
complete -c sotto -n __fish_use_subcommand -a bundle -d 'Carry sealed mail in a file'
complete -c sotto -n __fish_use_subcommand -a lock -d 'Forget every secret'
complete -c sotto -n __fish_use_subcommand -a unlock -d 'Open the vault'
complete -c sotto -n __fish_use_subcommand -a passphrase -d 'Change the passphrase'
complete -c sotto -n __fish_use_subcommand -a panic -d 'Destroy the vault'
complete -c sotto -n __fish_use_subcommand -a backup -d 'Write a sealed copy'
complete -c sotto -n __fish_use_subcommand -a restore -d 'Make a vault from a backup'
complete -c sotto -n __fish_use_subcommand -a wait-ready -d 'Wait for the node'
complete -c sotto -n __fish_use_subcommand -a config -d 'Check the configuration'
complete -c sotto -n __fish_use_subcommand -a limits -d 'Print the limits that a person can meet'
complete -c sotto -n __fish_use_subcommand -a version -d 'Print the version'
complete -c sotto -n __fish_use_subcommand -a help -d 'Say what there is'

complete -c sotto -n '__fish_seen_subcommand_from init lock unlock passphrase backup restore' -l passphrase-file -r -F -d 'First line is the passphrase'
complete -c sotto -n '__fish_seen_subcommand_from init lock unlock passphrase backup restore' -l passphrase-fd -x -d 'Descriptor with the passphrase'
complete -c sotto -n '__fish_seen_subcommand_from init restore' -l set-aside -d 'Keep a database without slots under another name'
complete -c sotto -n '__fish_seen_subcommand_from passphrase restore' -l new-passphrase-file -r -F -d 'First line is the new passphrase'
complete -c sotto -n '__fish_seen_subcommand_from passphrase restore' -l new-passphrase-fd -x -d 'Descriptor with the new passphrase'
complete -c sotto -n '__fish_seen_subcommand_from passphrase' -l duress -d 'Set the passphrase that destroys'
complete -c sotto -n '__fish_seen_subcommand_from passphrase' -l recovery -d 'Make a phrase that opens as well'
complete -c sotto -n '__fish_seen_subcommand_from panic' -l yes -d 'I mean it'
complete -c sotto -n '__fish_seen_subcommand_from send' -l file -r -F -d 'With this file'
complete -c sotto -n '__sotto_first file' -a 'list get cancel'
complete -c sotto -n '__fish_seen_subcommand_from file; and not __sotto_first file' -F -a '(__sotto_files)'
complete -c sotto -n '__fish_seen_subcommand_from backup file' -l force -d 'In the place of a file that is there'
complete -c sotto -n '__sotto_first bundle' -a 'export import digest'
complete -c sotto -n '__fish_seen_subcommand_from bundle' -F
complete -c sotto -n '__fish_seen_subcommand_from bundle' -l since -r -F -d 'Leave out what is there'
complete -c sotto -n '__sotto_first backup' -F
complete -c sotto -n '__sotto_first restore' -F
complete -c sotto -n '__fish_seen_subcommand_from send group' -l expire -x -d 'Give up after this time'
complete -c sotto -n '__fish_seen_subcommand_from send note group' -l burn -x -d 'Destroy so long after reading'
complete -c sotto -n '__fish_seen_subcommand_from send group' -l urgent -d 'Skip the hidden first hops'
complete -c sotto -n '__fish_seen_subcommand_from send' -l evidential -d 'Only if letters are'
complete -c sotto -n '__fish_seen_subcommand_from send' -l deniable -d 'Only if letters are'
complete -c sotto -n '__fish_seen_subcommand_from send group' -l wait -x -a 'handed delivered read' -d 'Wait for a state'
complete -c sotto -n '__fish_seen_subcommand_from send group wait-ready' -l timeout -x -d 'Wait no longer'
complete -c sotto -n '__fish_seen_subcommand_from group' -l admin -d 'Who may add and remove others'
complete -c sotto -n '__fish_seen_subcommand_from id' -l invite -d 'A secret card for one person'
complete -c sotto -n '__fish_seen_subcommand_from id' -l qr -d 'Draw it for a camera'
complete -c sotto -n '__fish_seen_subcommand_from id' -l invites -d 'Those that are out'
complete -c sotto -n '__fish_seen_subcommand_from id' -l void -x -d 'Destroy one before it is used'
complete -c sotto -n '__fish_seen_subcommand_from verify' -l confirm -d 'It was compared'
complete -c sotto -n '__fish_seen_subcommand_from read' -l all -d 'Read letters as well'
complete -c sotto -n '__fish_seen_subcommand_from read' -l peek -d 'Leave letters unread'
complete -c sotto -n '__fish_seen_subcommand_from read' -l limit -x -d 'At most so many'

complete -c sotto -n '__sotto_first send' -a '(__sotto_contacts)'
complete -c sotto -n '__sotto_first read' -a '(__sotto_contacts)'
for verb in verify decline rename block unblock remove evidential receipts
    complete -c sotto -n "__sotto_first $verb" -a '(__sotto_contacts)'
end
complete -c sotto -n '__sotto_first note' -a 'add list read remove'
complete -c sotto -n '__sotto_first group' -a 'new add remove leave forget list members send'
complete -c sotto -n '__fish_seen_subcommand_from group; and not __sotto_first group' -a '(__sotto_groups) (__sotto_contacts)'
complete -c sotto -n '__fish_seen_subcommand_from evidential' -a 'on off'
complete -c sotto -n '__fish_seen_subcommand_from receipts' -a 'prompt discreet default'
complete -c sotto -n '__sotto_first transcript' -a 'export verify show forget'
complete -c sotto -n '__fish_seen_subcommand_from transcript' -F
complete -c sotto -n '__sotto_first accept' -a '(__sotto_requests)'
complete -c sotto -n '__sotto_first decline' -a '(__sotto_requests)'
complete -c sotto -n '__sotto_first config' -a check
complete -c sotto -n '__sotto_first help' -a 'init id add contacts verify requests accept decline rename receipts block unblock remove send read follow outbox recall file evidential transcript note group status peers connect disconnect bundle lock unlock passphrase panic backup restore wait-ready config limits version'
