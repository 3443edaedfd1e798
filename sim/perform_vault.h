/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PERFORM_VAULT_H
#define SIM_PERFORM_VAULT_H

#include "sim/scene.h"

/* Who asked a vault for something: a client number of CONTROL requests; those
 * from 2^32 on are sim/people.h's. */
enum {
    CLIENT_SETUP = 1,         /* init, unlock, add */
    CLIENT_FIRST_LETTER = 16, /* and the letter's number: send */
};

/* What a vault, or what stands in its place (sim/bare.h), says to its relay. */
void perform_port(struct scene *scene, const struct port_message *message);

/* Do what a vault wants done, in order: as perform_relay. */
void perform_vault(struct scene *scene, const struct vault_effects *effects);

#endif
