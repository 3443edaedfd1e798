/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_STRANGERS_H
#define VAULT_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/intro.h"
#include "proto/control.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "vault/event.h"
#include "vault/marks.h"
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
    struct marks declined; /* whom not to hear of again for a while */
};

enum { STRANGERS_DECLINED = 256 };

void strangers_init(struct strangers *strangers);
void strangers_clear(struct strangers *strangers);
MUST_USE enum status strangers_load(struct strangers *strangers,
    struct step *step, const struct vault_record *record);

/* Keep one, unless its person was declined and not invited; a later one of the
 * same person takes the place of theirs, unless theirs alone was invited. */
void strangers_add(struct strangers *strangers, struct step *step,
    const struct intro_opened *opened, const struct port_message *message);

/* Take out the one of a person; false when there is none.  Wipe *out. */
bool strangers_take(struct strangers *strangers, struct step *step,
    const struct fingerprint *fingerprint, struct stranger *out);

/* The one whose fingerprint begins with a word of at least
 * STRANGER_PREFIX_CHARS digits.  STATUS_NOT_FOUND, STATUS_AMBIGUOUS; nothing is
 * answered. */
enum { STRANGER_PREFIX_CHARS = 8 };
MUST_USE enum status strangers_find(const struct strangers *strangers,
    struct span word, const struct stranger **out);

/* Forget a person's first contact; all that they send as strangers is dropped
 * unseen for as long as a request would be kept. */
void strangers_decline(struct strangers *strangers, struct step *step,
    const struct fingerprint *fingerprint);

/* Forget one by its row, which is there. */
void strangers_forget(
    struct strangers *strangers, struct step *step, uint64_t row);

/* Describe for a reply. */
void stranger_describe(
    const struct stranger *stranger, struct control_stranger *out);

void strangers_sweep(struct strangers *strangers, struct step *step);

#endif
