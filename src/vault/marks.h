/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_MARKS_H
#define VAULT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Things that are known again for a time: letters that were seen, strangers who
 * were declined, first contacts that are over, contacts who were removed. */
struct marks {
    struct rows rows;
    enum record_kind kind; /* as which each is a record */
};

void marks_init(struct marks *marks, enum record_kind kind, size_t maximum);
void marks_clear(struct marks *marks);
MUST_USE enum status marks_load(
    struct marks *marks, struct step *step, const struct vault_record *record);

/* Remember a thing until an hour; false when it is known already, which
 * changes nothing, or when there is no memory, which fails the step.  At the
 * maximum, the one that would be forgotten first is. */
bool marks_add(struct marks *marks, struct step *step, struct span thing,
    uint32_t until_h);

bool marks_has(
    const struct marks *marks, const struct step *step, struct span thing);

/* Forget a thing; whether it was known. */
bool marks_take(struct marks *marks, struct step *step, struct span thing);

/* Forget those whose time is over. */
void marks_sweep(struct marks *marks, struct step *step);

#endif
