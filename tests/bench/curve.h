/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_BENCH_CURVE_H
#define TESTS_BENCH_CURVE_H

#include <stddef.h>
#include <stdint.h>

/* libzmq's CURVE and nothing else, to measure the daemon beside. */
struct figures {
    double wall_s;
    double processor_s;
};

/* So many messages of that size from a DEALER to a ROUTER over loopback; the
 * processor time of both ends. */
struct figures curve_link(uint64_t count, size_t bytes);

/* The same from one process, through another that takes them from one link and
 * puts them on a second, back to the first; the processor time of the one in
 * the middle. */
struct figures curve_forward(uint64_t count, size_t bytes);

enum { CURVE_KEY_CHARS = 41 };

/* As libzmq's text. */
struct curve_keys {
    char public_key[CURVE_KEY_CHARS], secret_key[CURVE_KEY_CHARS];
};

/* A socket that dials that server, as the ends of a link above do. */
void *curve_dial(void *context, int type, const struct curve_keys *own,
    const char *server_key, const char *endpoint);

/* Seconds of the monotonic clock. */
double curve_now_s(void);

#endif
