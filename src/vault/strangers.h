/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_STRANGERS_H
#define VAULT_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/intro.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* First contacts from people who are no contacts: they wait, in silence, until
 * their card is added or their prekey is gone.  At most LIMIT_REQUESTS; past
 * that, new ones are dropped.  Secret. */
struct stranger {
    uint64_t row;
    struct fingerprint fingerprint;
    struct intro_opened opened;
    struct envelope_id id; /* of the envelope that brought it */
    uint32_t expires_h;    /* of the envelope */
    uint32_t seen_h;
};

enum { STRANGER_KEPT_H = (7 + 14 + 2) * 24 };

struct strangers {
    struct rows rows;
};

void strangers_init(struct strangers *strangers);
void strangers_clear(struct strangers *strangers);
MUST_USE enum status strangers_load(struct strangers *strangers,
    struct step *step, const struct vault_record *record);

/* Keep one; a later one of the same person takes the place of theirs. */
void strangers_add(struct strangers *strangers, struct step *step,
    const struct intro_opened *opened, const struct port_message *message);

/* Take out the one of a person; false when there is none.  Wipe *out. */
bool strangers_take(struct strangers *strangers, struct step *step,
    const struct fingerprint *fingerprint, struct stranger *out);

void strangers_sweep(struct strangers *strangers, struct step *step);

#endif
