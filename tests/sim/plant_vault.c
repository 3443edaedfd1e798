/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/plant.h"
#include "vault/vault_state.h"

void plant_held(struct vault *vault, int more)
{
    vault->opened->outbox.held += (uint64_t)more;
}
