/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A node that misbehaves, in one way a run: hostile MODE TCP#NODEKEY
 * [NUMBER...]
 *
 * It speaks the real wire to a real relay over loopback, does its harm, prints
 * what came of it as lines of a name and a number, and ends by itself; tests
 * look at the relay meanwhile.  `hostile` alone lists the modes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "tests/hostile/hostile.h"

static const struct mode {
    const char *name;
    const char *arguments;
    const char *what;
    void (*run)(struct hostile *hostile);
} modes[] = {
    {"flood", "RATE SECONDS", "garbage, with a new key when thrown out",
        mode_flood},
    {"malformed", "", "each kind of frame that is none, on a link of its own",
        mode_malformed},
    {"unknown", "COUNT", "frames of types that nobody knows", mode_unknown},
    {"early", "COUNT", "frames before any HELLO", mode_early},
    {"parts", "", "a message of several parts", mode_parts},
    {"endless", "", "a message of parts without end", mode_endless},
    {"oversize", "", "a message of 64 MiB", mode_oversize},
    {"stamps", "KEYS", "stamps that are false, cheap and dear", mode_stamps},
    {"receipts", "", "receipts that open nothing", mode_receipts},
    {"outcast", "FILE",
        "a receipt that opens nothing, then garbage; its key kept",
        mode_outcast},
    {"return", "FILE", "a link like any other, under the key kept in a file",
        mode_return},
    {"early-receipts", "COUNT", "receipts for what nobody has",
        mode_early_receipts},
    {"bring", "FILE", "an envelope and its receipt, kept in a file",
        mode_bring},
    {"replay", "FILE COUNT", "that envelope again, and again", mode_replay},
    {"expired", "COUNT", "envelopes that expired, or would far too late",
        mode_expired},
    {"overflow", "MEGABYTES", "more new mail than a peer may bring",
        mode_overflow},
    {"duplicates", "COUNT", "one envelope, and never a PRUNE heeded",
        mode_duplicates},
    {"silent", "COUNT", "TCP connections that say nothing", mode_silent},
    {"greeting", "COUNT", "ZMTP greetings and no more", mode_greeting},
    {"half", "COUNT", "CURVE's HELLO and no more", mode_half},
    {"wrong-key", "COUNT", "CURVE for another server's key", mode_wrong_key},
    {"clear", "COUNT", "ZMTP's NULL and PLAIN, which hide nothing", mode_clear},
    {"leech", "LINKS ROUNDS", "asks for much, and never reads", mode_leech},
    {"names", "", "routing ids of its own choice", mode_names},
    {"rush", "COUNT", "new links, each with a new key, as fast as it can",
        mode_rush},
    {"twins", "COUNT", "one node key on many connections", mode_twins},
    {"impostor", "NODEKEY", "another's key in its HELLO", mode_impostor},
    {"changeling", "", "another key in its second HELLO", mode_changeling},
    {"alias", "NODEKEY", "another's key as its own User-Id", mode_alias},
    {"greeter", "COUNT", "HELLO without end", mode_greeter},
    {"mute", "", "a link, and no HELLO", mode_mute},
    {"clock", "SECONDS", "a clock that is off by so much", mode_clock},
    {"clutch", "COUNT", "an eager edge that never brings anything",
        mode_clutch},
    {"promises", "", "announcements of what never comes", mode_promises},
    {"rounds", "COUNT", "reconciliation by false fingerprints, for ever",
        mode_rounds},
    {"joins", "COUNT", "JOIN, NEIGHBOR and SHUFFLE without end", mode_joins},
    {"sybils", "COUNT", "many keys that all want to be neighbours",
        mode_sybils},
};

enum { MODE_COUNT = sizeof(modes) / sizeof(modes[0]) };

void hostile_die(const char *what)
{
    fprintf(stderr, "hostile: %s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

void hostile_tell(const char *name, uint64_t number)
{
    printf("%s %llu\n", name, (unsigned long long)number);
    fflush(stdout);
}

uint64_t hostile_number(
    const struct hostile *hostile, int place, uint64_t otherwise)
{
    return place < hostile->argc ? strtoull(hostile->argv[place], NULL, 10)
                                 : otherwise;
}

void hostile_hold(void)
{
    char byte;
    hostile_tell("held", 1);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
}

uint64_t hostile_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t hostile_wall_s(void)
{
    return (uint64_t)time(NULL);
}

/* What all that took here, in hundredths of a second. */
static uint64_t processor_hundredths(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return (uint64_t)spent.tv_sec * 100 + (uint64_t)spent.tv_nsec / 10000000;
}

static int usage(void)
{
    fprintf(stderr, "usage: hostile MODE TCP#NODEKEY [ARGUMENT...]\n");
    for (int i = 0; i < MODE_COUNT; i++)
        fprintf(stderr, "  %-15s %-14s %s\n", modes[i].name, modes[i].arguments,
            modes[i].what);
    return 1;
}

int main(int argc, char **argv)
{
    char *hash = argc > 2 ? strchr(argv[2], '#') : NULL;
    const struct mode *mode = modes;
    struct hostile hostile = {.argc = argc - 3, .argv = argv + 3};
    if (!hash || hex_decode(hash + 1, hostile.relay.bytes, 32) != STATUS_OK)
        return usage();
    *hash = '\0';
    hostile.address = argv[2];
    while (mode < modes + MODE_COUNT && strcmp(mode->name, argv[1]) != 0)
        mode++;
    if (mode == modes + MODE_COUNT || crypto_start() != 0)
        return usage();
    /* Another run is another peer. */
    random_seeded_init(&hostile.random, hostile_now_ms(), (uint64_t)getpid());
    hostile.zmq = zmq_ctx_new();
    zmq_ctx_set(hostile.zmq, ZMQ_MAX_SOCKETS, 8192);
    mode->run(&hostile);
    hostile_tell("links", hostile.dialled);
    zmq_ctx_term(hostile.zmq);
    hostile_tell("processor", processor_hundredths());
    return 0;
}
