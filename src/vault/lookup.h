/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_LOOKUP_H
#define VAULT_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/tags.h"
#include "proto/ids.h"
#include "vault/step.h"

/* Tags that wait to be looked up in what already lies on the shelf. */
struct lookup {
    struct tag *tags;
    size_t count;
    size_t capacity;
};

enum {
    LOOKUP_MAXIMUM = 4u << 20,
    LOOKUP_MESSAGES = 8, /* in one step */
};

void lookup_init(struct lookup *lookup);
void lookup_clear(struct lookup *lookup);

/* Have these looked up; all of a session; or all there are. */
void lookup_add(struct lookup *lookup, struct step *step,
    const struct tag *tags, size_t count);
void lookup_session(struct lookup *lookup, struct step *step,
    const struct tags *tags, uint64_t session);
void lookup_all(
    struct lookup *lookup, struct step *step, const struct tags *tags);

/* Ask the relay for some of those that wait; more in later steps. */
void lookup_flush(struct lookup *lookup, struct step *step);

#endif
