/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a node does that is told nothing, and what follows from several
 * settings together.  A value alone is checked where it is read. */
#include "config.h"

#include "daemon/settings.h"

#include <stdio.h>

#include "proto/endpoint.h"
#include "vault/config.h"

void settings_init(struct settings *out)
{
    *out = (struct settings){
        .socks_isolation = true,
        .shelf_bytes = LIMIT_SHELF_BYTES,
        .link_maximum = LIMIT_LINKS,
        .new_links_s = LIMIT_NEW_LINKS_S,
        .peer_rate_bytes_s = LIMIT_PEER_RATE_BYTES_S,
        .stamp_bits = LIMIT_STAMP_BITS,
        .passphrase_cost = KEYSLOT_MODERATE,
        .read_receipts = true,
        .card_renewal = true,
        .receipt_mean_ms = RECEIPT_PROMPT_MEAN_MS,
        .sandbox = SANDBOX_ENFORCE,
    };
}

bool settings_is_member(const struct settings *settings)
{
    if (settings->mesh == MESH_AS_DISCOVERY)
        return settings->discovery != DISCOVERY_OFF &&
               settings->discovery != DISCOVERY_CONTACTS;
    return settings->mesh == MESH_ON;
}

enum discovery settings_discovery(const struct settings *settings)
{
    if (settings->discovery != DISCOVERY_UNSET)
        return settings->discovery;
    return settings->socks[0] ? DISCOVERY_OFF : DISCOVERY_OPEN;
}

enum status settings_check(const struct settings *settings, char *why)
{
    for (size_t i = 0; i < settings->connect_count; i++) {
        const char *address = settings->connect[i].address;
        const char *complaint =
            endpoint_dial_complaint(address, settings->socks[0] != '\0');
        if (!complaint)
            continue;
        snprintf(
            why, SETTINGS_WHY_BYTES, "connect: %.128s: %s", address, complaint);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}
