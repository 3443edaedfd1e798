/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_WATCH_H
#define PLATFORM_WATCH_H

/* A descriptor that the loop watches for somebody. */
struct watch;
struct uv_loop_s;

enum watch_for { WATCH_READABLE, WATCH_HANGUP };

/* Call ready(owner) from the loop whenever the descriptor, which stays the
 * caller's, is readable, or has been hung up.  NULL when there is no memory. */
struct watch *watch_new(struct uv_loop_s *loop, int descriptor,
    enum watch_for what, void (*ready)(void *owner), void *owner);

/* Stop at once, also from within ready; harmless for NULL.  Before the
 * descriptor is closed.  Its memory goes in the loop's next turn. */
void watch_free(struct watch *watch);

#endif
