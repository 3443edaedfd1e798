/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of subcommands: a verb is a row here and a function in its family's
 * file.  Help, the checks of a command line and the test that holds the manual
 * and the completions to it all read this table. */
#include "cli/verb.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

#define PASSPHRASE_OPTIONS                                                     \
    (OPTION_BIT(OPTION_PASSPHRASE_FILE) | OPTION_BIT(OPTION_PASSPHRASE_FD))

static const struct verb verbs[] = {
    {"init", "", 0, 0, PASSPHRASE_OPTIONS | OPTION_BIT(OPTION_SET_ASIDE), false,
        "make an identity and its vault, and print the card",
        "Asks for a new passphrase twice, unless a file or a descriptor gives\n"
        "it.  Works whether the node is running or not.  An identity that is\n"
        "there is never replaced; nor, without --set-aside, the database of\n"
        "one (vault.db) whose key slots (slots) are missing, for a copy of\n"
        "those would open it.",
        verb_init},
    {"id", "", 0, 0,
        OPTION_BIT(OPTION_INVITE) | OPTION_BIT(OPTION_QR) |
            OPTION_BIT(OPTION_INVITES) | OPTION_BIT(OPTION_VOID),
        false, "print my card, to give to people",
        "The card alone, on one line, or with --qr as a picture.  It may be\n"
        "public: who has it can write to you.  An invite is secret, for one\n"
        "person whom you meet, and dies when it is used.  --invites lists\n"
        "those that nobody has used; --void N destroys one of them.",
        verb_id},
    {"add", "NAME CARD", 2, 2, 0, false, "add a contact from their card",
        "CARD is the text that begins with sotto:, an invite too, or - for "
        "standard input,\n"
        "or @FILE.  Says what was verified and what was not.",
        verb_add},
    {"contacts", "", 0, 0, 0, false, "list contacts",
        "changed: a card of another key was added under that name.\n"
        "Wherever NAME is asked for, the first eight digits of a fingerprint\n"
        "or more will do.  What could mean two people means none.",
        verb_contacts},
    {"verify", "NAME", 1, 1, OPTION_BIT(OPTION_CONFIRM), false,
        "show the safety number to compare aloud",
        "Both of you see the same number, unless somebody is between you.\n"
        "Once you have compared it, --confirm makes NAME a verified contact.\n"
        "If their key has changed, it is the new key's number, and --confirm\n"
        "puts that key in the place of the known one.",
        verb_verify},
    {"requests", "", 0, 0, 0, false, "list strangers who have written first",
        "They are told nothing, and what they wrote is not opened, until they\n"
        "are accepted, or added from their card.",
        verb_requests},
    {"accept", "FINGERPRINT NEWNAME", 2, 2, 0, false,
        "make a stranger a contact",
        "FINGERPRINT, or its first eight digits, as requests prints it.  What\n"
        "they have written comes.  So is a member of a group made one, whose\n"
        "fingerprint group members prints.",
        verb_accept},
    {"decline", "FINGERPRINT|NAME", 1, 1, 0, false,
        "refuse a stranger, or a changed key",
        "A stranger is not told, and not heard of again for 23 days.  If NAME\n"
        "is a contact whose key has changed, the known key stays, and letters\n"
        "go to it again.  A member of a group who is no contact needs no\n"
        "request to write to you: block them.",
        verb_decline},
    {"rename", "NAME NEWNAME", 2, 2, 0, false, "give a contact another name",
        NULL, verb_rename},
    {"receipts", "NAME [prompt|discreet|default]", 1, 2, 0, false,
        "choose how soon a contact's letters are confirmed",
        "prompt: about a second after a letter has come.  discreet: about "
        "half\n"
        "an hour after, six hours at most, so that who watches links cannot\n"
        "guess from it who received the letter.  default: as the "
        "configuration\n"
        "says.  It is for letters that come from then on, for what was read\n"
        "and for what becomes of files, and they are not told.  Without a\n"
        "word, shows it.",
        verb_receipts},
    {"block", "NAME", 1, 1, 0, false, "neither hear from a contact nor write",
        "Their letters are neither shown nor confirmed, and they are not "
        "told.\n"
        "A member of a group who is no contact is blocked by their "
        "fingerprint.",
        verb_block},
    {"unblock", "NAME", 1, 1, 0, false, "end a block",
        "What they wrote meanwhile comes as far as it still lies on a shelf.",
        verb_unblock},
    {"remove", "NAME", 1, 1, 0, false,
        "remove a contact, and every letter either way",
        "Letters under way to them are recalled.  Nothing of it can be had\n"
        "back.  They are not told.  If they are added again, a new session is\n"
        "begun at once, and what they wrote meanwhile comes.  Who shares a\n"
        "group with you can still write to you, as its members can: block.",
        verb_remove},
    {"send", "NAME [TEXT]", 1, 2,
        OPTION_BIT(OPTION_EXPIRE) | OPTION_BIT(OPTION_BURN) |
            OPTION_BIT(OPTION_URGENT) | OPTION_BIT(OPTION_WAIT) |
            OPTION_BIT(OPTION_TIMEOUT) | OPTION_BIT(OPTION_EVIDENTIAL) |
            OPTION_BIT(OPTION_DENIABLE) | OPTION_BIT(OPTION_FILE),
        false, "write a letter",
        "The text comes from standard input when TEXT is - or absent.  The\n"
        "letter is safe on this disk when the command ends with 0.  With\n"
        "--wait it ends with 0 only at that state or beyond, and with 6 when\n"
        "the time (30s, or --timeout) is over; the letter stays under way.\n"
        "With --file a file goes along, in parts, and TEXT may be left out;\n"
        "the letter is delivered when the recipient has the whole file.",
        verb_send},
    {"read", "[NAME|GROUP]", 0, 1,
        OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_PEEK) |
            OPTION_BIT(OPTION_LIMIT),
        false, "show unread letters, and mark them read",
        "All of them, or those from one contact, or from one group, the\n"
        "oldest first.",
        verb_read},
    {"follow", "", 0, 0, 0, false, "show letters and events as they come",
        "Marks nothing read.  Ends on an interrupt, or with 2 when the node\n"
        "stops.",
        verb_follow},
    {"outbox", "[ID]", 0, 1, 0, false, "show where each letter stands",
        "queued: safe on this disk.  handed: taken by that many peers.\n"
        "delivered: the recipient's own receipt came; of a group, every\n"
        "member's.  read, expired, recalled: what they say.  With ID, or the\n"
        "first characters of one: who has that letter, one by one.",
        verb_outbox},
    {"recall", "ID", 1, 1, 0, false, "recall a letter that is not delivered",
        "ID, or the first characters of one, as send and outbox print it.\n"
        "Every relay that hears of it is asked to drop its copy.  Of a letter\n"
        "to a group, says who has it already.",
        verb_recall},
    {"file", "list|get|cancel", 1, 3, OPTION_BIT(OPTION_FORCE), false,
        "show files that go and come, write one out, or give it up",
        "list: each with how much of it has arrived.  get ID [PATH]: write a\n"
        "file that was received, and is whole, to PATH, or into the directory\n"
        "PATH, or this one, under its own name; only with --force in the "
        "place\n"
        "of a file that is there.  cancel ID: recall one that was sent and is\n"
        "not delivered, or destroy one that was received.  ID is that of the\n"
        "letter, or its first characters.",
        verb_file},
    {"evidential", "NAME [on|off]", 1, 2, 0, false,
        "agree with a contact that letters be signed, or no longer",
        "Letters are deniable: their reader could have written them, too.\n"
        "on proposes that from now on each be signed, so that it can be\n"
        "shown to others; or accepts it, when NAME has proposed it.  off ends\n"
        "it, declines it, or takes the proposal back.  Without a word, shows\n"
        "how it stands.",
        verb_evidential},
    {"transcript",
        "export NAME FILE | verify|show FILE [CARD [CARD]] | forget NAME", 2, 4,
        0, true, "write what was signed into a file, or check and read one",
        "export: the letters that you and NAME have signed, for others to\n"
        "read and check; FILE must not be there.  verify: who has signed\n"
        "what, and whether it is whole; needs nothing but the file, and ends\n"
        "with 5, naming what is wrong first, unless all of it holds.  show:\n"
        "the same, and then the letters in their order.  Each CARD must be\n"
        "that of one of the two.  forget: destroy what you and NAME have\n"
        "signed, here and nowhere else, once it is over (evidential off).",
        verb_transcript},
    {"note", "add|list|read|remove", 1, 2, OPTION_BIT(OPTION_BURN), false,
        "keep notes that never leave the vault",
        "add [TEXT|-]: write a note, and print its id; with --burn it is\n"
        "destroyed so long after it is written.  list: each with the start of\n"
        "its first line.  read ID: print the text.  remove ID: destroy it.\n"
        "ID may be the first characters of one.",
        verb_note},
    {"group", "new|add|remove|leave|forget|list|members|send", 1, 3,
        OPTION_BIT(OPTION_ADMIN) | OPTION_BIT(OPTION_EXPIRE) |
            OPTION_BIT(OPTION_BURN) | OPTION_BIT(OPTION_URGENT) |
            OPTION_BIT(OPTION_WAIT) | OPTION_BIT(OPTION_TIMEOUT),
        false, "write with several people at once",
        "new NAME: begin a group.  add GROUP CONTACT: ask a contact in, with\n"
        "--admin as one who may add and remove others, or make a member one;\n"
        "the members are shown the name that you have for them.  remove GROUP\n"
        "MEMBER: by their name or fingerprint; who has not answered is asked\n"
        "in no more.  leave GROUP.  forget GROUP: with all its letters, once\n"
        "you are in it no more.  list: groups, and yours in them.  members\n"
        "GROUP: who is in, and what is known of them.  send GROUP [TEXT]: a\n"
        "letter to all, with the options of send.  GROUP is a name, or the\n"
        "first eight digits of an id or more.",
        verb_group},
    {"status", "", 0, 0, 0, false, "show the node at a glance", NULL,
        verb_status},
    {"peers", "", 0, 0, 0, false, "list links to other nodes",
        "up: the link is there.  dialling, probation: it is being made.\n"
        "backoff: nobody answered; it is dialled again later.  WHY is pinned\n"
        "(named by you or the configuration), beacon (seen on the local\n"
        "network), found (neighbours named it) or inbound (it dialled).",
        verb_peers},
    {"connect", "ENDPOINT#NODEKEY", 1, 1, 0, false, "link to a node",
        "Such as tcp://192.0.2.7:7311# and the key of that node in\n"
        "hexadecimal: its status prints both together.  The link is dialled\n"
        "again when it breaks, until disconnect, or until the node stops\n"
        "(connect in sotto.conf lasts).",
        verb_connect},
    {"disconnect", "ENDPOINT|NODEKEY", 1, 1, 0, false, "end a link",
        "The endpoint as it was given to connect, or the node's key: the "
        "first\neight digits of it or more will do, as peers prints them.",
        verb_disconnect},
    {"bundle", "export|import|digest FILE", 2, 2, OPTION_BIT(OPTION_SINCE),
        false, "carry everybody's sealed mail in a file",
        "export FILE: write what this node carries for everybody, its own "
        "mail\namong it; with --since only what the other side has not.  "
        "import FILE:\ntake that in elsewhere, as if it had come over a "
        "link.  digest FILE:\nwrite down what is here, for the other side's "
        "--since.  Who carries\nsuch a file can read none of it.  Works "
        "locked, too.",
        verb_bundle},
    {"lock", "", 0, 0, PASSPHRASE_OPTIONS, false,
        "forget every secret in memory",
        "The relay goes on carrying mail, also mine.  A passphrase is not\n"
        "needed, and not looked at.",
        verb_lock},
    {"unlock", "", 0, 0, PASSPHRASE_OPTIONS, false,
        "open the vault with its passphrase",
        "One that is open stays so; the passphrase is tried all the same, a\n"
        "wrong one refused, and one of duress obeyed.",
        verb_unlock},
    {"passphrase", "", 0, 0,
        PASSPHRASE_OPTIONS | OPTION_BIT(OPTION_NEW_PASSPHRASE_FILE) |
            OPTION_BIT(OPTION_NEW_PASSPHRASE_FD) | OPTION_BIT(OPTION_DURESS) |
            OPTION_BIT(OPTION_RECOVERY),
        false, "change the passphrase, or add another",
        "The vault is unlocked, and the current passphrase is asked for all\n"
        "the same.  With --duress, sets a passphrase that destroys the vault\n"
        "wherever it is given, and opens an empty one.  With --recovery,\n"
        "prints a phrase, once, that opens the vault when the passphrase is\n"
        "lost.",
        verb_passphrase},
    {"panic", "", 0, 0, OPTION_BIT(OPTION_YES), false, "destroy the vault",
        "Overwrites the key slots, then removes the vault's files.  Nothing\n"
        "brings them back but a copy.  Needs --yes, and asks nothing.  "
        "Works\n"
        "locked or unlocked, and whether the node is running or not.",
        verb_panic},
    {"backup", "FILE", 1, 1, PASSPHRASE_OPTIONS | OPTION_BIT(OPTION_FORCE),
        false, "write a sealed copy of the vault into a file",
        "Identity, contacts, groups, prekeys, letters and notes, sealed under\n"
        "a passphrase of its own.  Never sessions: who restores it begins new\n"
        "ones.  It keeps what burns in the vault later.",
        verb_backup},
    {"restore", "FILE", 1, 1,
        PASSPHRASE_OPTIONS | OPTION_BIT(OPTION_NEW_PASSPHRASE_FILE) |
            OPTION_BIT(OPTION_NEW_PASSPHRASE_FD) | OPTION_BIT(OPTION_SET_ASIDE),
        false, "make a vault from a backup, where there is none",
        "Asks for the backup's passphrase, and twice for a new one of the\n"
        "vault's.  Everybody is written to by a fresh first contact, and what\n"
        "was not known to have arrived is sent again.  Never use the vault it\n"
        "was made from beside it.  Works whether the node is running or not.",
        verb_restore},
    {"wait-ready", "", 0, 0, OPTION_BIT(OPTION_TIMEOUT), false,
        "wait until the node can be used",
        "That is until it answers and, where sottod was started with\n"
        "--unlock-with, until its vault is unlocked.  At most 30s, or\n"
        "--timeout.  Ends with 2 when it does not answer, with 3 when it is\n"
        "still being unlocked, and with 5 when that passphrase did not open "
        "it.",
        verb_wait_ready},
    {"config", "check", 1, 1, 0, true, "check the configuration file",
        "As sottod --check-config.", verb_config},
    {"limits", "", 0, 0, 0, true, "print the limits that a person can meet",
        NULL, verb_limits},
    {"version", "", 0, 0, 0, true, "print the version", NULL, verb_version},
    {"help", "[VERB]", 0, 2, 0, true, "say what there is, or what a verb does",
        NULL, verb_help},
};

enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

const struct verb *verb_table(size_t *count)
{
    *count = VERB_COUNT;
    return verbs;
}

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

const char *verb_nearest(const char *name)
{
    struct nearest nearest = {.word = name};
    for (size_t i = 0; i < VERB_COUNT; i++)
        nearest_offer(&nearest, verbs[i].name);
    return nearest.name;
}

static enum status check_options(const struct verb *verb,
    const struct arguments *arguments, struct complaint *why)
{
    uint32_t allowed = verb->options | OPTIONS_EVERYWHERE;
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (arguments_has(arguments, (enum option)i) &&
            !(allowed & OPTION_BIT(i))) {
            complain(why, "%s takes no --%s", verb->name,
                option_rule((enum option)i)->name);
            return STATUS_INVALID;
        }
    }
    return STATUS_OK;
}

/* A variable that was never set makes an empty word, which means nothing that
 * anybody could want. */
static enum status check_empty(const struct verb *verb,
    const struct arguments *arguments, struct complaint *why)
{
    static const char *const places[] = {"first", "second", "third", "fourth"};
    _Static_assert(sizeof(places) / sizeof(places[0]) == ARGUMENTS_MAXIMUM,
        "a word for each place");
    for (size_t i = 0; i < arguments->count; i++) {
        if (arguments->words[i][0])
            continue;
        complain(why, "the %s word after %s is empty: sotto %s %s", places[i],
            verb->name, verb->name, verb->synopsis);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* What a verb can be told to do first is the first word of each form in its
 * synopsis, in lower case: of "new NAME | add|remove ID", new, add and remove.
 * The next from *at on, which moves behind its form; empty at the end. */
static struct span next_deed(const char **at)
{
    const char *word = *at + strspn(*at, " ");
    size_t size = strspn(word, "abcdefghijklmnopqrstuvwxyz");
    *at = word + strcspn(word, "|");
    *at += **at == '|';
    return (struct span){(const uint8_t *)word, size};
}

static bool has_deeds(const struct verb *verb)
{
    const char *at = verb->synopsis;
    return next_deed(&at).size > 0;
}

bool verb_has_deed(const struct verb *verb, const char *word)
{
    const char *at = verb->synopsis;
    struct span deed = next_deed(&at);
    while (deed.size > 0 && !span_equal(deed, span_of_text(word)))
        deed = next_deed(&at);
    return deed.size > 0;
}

/* In words: "new, add or remove". */
static void list_deeds(const struct verb *verb, struct complaint *out)
{
    const char *at = verb->synopsis, *between = "";
    struct span deed = next_deed(&at);
    complain(out, "%s", "");
    while (deed.size > 0) {
        struct complaint before = *out;
        complain(out, "%s%s%.*s", before.text, between, (int)deed.size,
            (const char *)deed.data);
        deed = next_deed(&at);
        between = *at ? ", " : " or ";
    }
}

static void complain_of_no_deed(const struct verb *verb,
    const struct arguments *arguments, struct complaint *why)
{
    struct complaint deeds;
    list_deeds(verb, &deeds);
    if (arguments->count == 0)
        complain(why,
            "sotto %s what? %s (`sotto help %s` says what each is and takes)",
            verb->name, deeds.text, verb->name);
    else
        complain(why,
            "sotto %s knows no \"%.64s\", but %s (`sotto help %s` says what "
            "each is and takes)",
            verb->name, arguments->words[0], deeds.text, verb->name);
}

/* Whether what a verb is to do first is not said, or is nothing it can do. */
static bool lacks_deed(
    const struct verb *verb, const struct arguments *arguments)
{
    if (!has_deeds(verb))
        return false;
    return arguments->count == 0 ||
           (arguments->words[0][0] &&
               !verb_has_deed(verb, arguments->words[0]));
}

enum status verb_check(const struct verb *verb,
    const struct arguments *arguments, struct complaint *why)
{
    enum status status = check_options(verb, arguments, why);
    if (status)
        return status;
    const char *form = verb->synopsis;
    const char *space = *form ? " " : "";
    if (lacks_deed(verb, arguments))
        complain_of_no_deed(verb, arguments, why);
    else if (arguments->count < verb->least)
        complain(why, "too few words: sotto %s%s%s", verb->name, space, form);
    else if (arguments->count > verb->most)
        complain(why, "too many words, from \"%s\" on: sotto %s%s%s%s",
            arguments->words[verb->most], verb->name, space, form,
            strstr(form, "TEXT") ? " (a text of several words goes in quotes)"
                                 : "");
    else
        return check_empty(verb, arguments, why);
    return STATUS_INVALID;
}
