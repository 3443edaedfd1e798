/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link is worth something to who misbehaves: a fresh quota, a clean score.
 * Both are kept by key, and keys cost nothing; addresses cost more.  So a
 * network opens links at a steady rate, with what a crowd behind one router
 * may need saved up.
 *
 * The handshake has been paid for when libzmq asks; what is kept from the node
 * is all that comes behind it.  A network that has spent nothing is no entry,
 * so the table is as large as the number of networks that are busy. */
#include "platform/transport_gate.h"

enum { SECOND_US = 1000000 };

static uint64_t network_of(const struct address *from)
{
    bool is_wide = from->size == ADDRESS_IPV6_BYTES;
    uint64_t network = from->size;
    if (from->size == 0 || address_scope(from) == ADDRESS_PUBLIC)
        return from->size ? address_subnet(from) : 0;
    for (size_t i = 0; i < (is_wide ? sizeof(network) : from->size); i++)
        network = network << 8 | from->bytes[i];
    return network;
}

/* Drop those who have saved up all there is. */
static void forget_idle(struct transport_gate *gate, uint64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < gate->count; i++)
        if (gate->entries[i].paid_us > now_us)
            gate->entries[kept++] = gate->entries[i];
    gate->count = kept;
}

static struct transport_gate_entry *entry_of(
    struct transport_gate *gate, uint64_t network, uint64_t now_us)
{
    struct transport_gate_entry *least = gate->entries;
    for (size_t i = 0; i < gate->count; i++) {
        if (gate->entries[i].network == network)
            return &gate->entries[i];
        if (gate->entries[i].paid_us < least->paid_us)
            least = &gate->entries[i];
    }
    if (gate->count < TRANSPORT_GATE_NETWORKS)
        least = &gate->entries[gate->count++];
    *least =
        (struct transport_gate_entry){.network = network, .paid_us = now_us};
    return least;
}

bool transport_gate_admits(
    struct transport_gate *gate, const struct address *from, uint64_t now_us)
{
    const uint64_t burst_us = (uint64_t)TRANSPORT_GATE_BURST_S * SECOND_US;
    if (gate->rate_s == 0)
        return true;
    forget_idle(gate, now_us);
    struct transport_gate_entry *entry =
        entry_of(gate, network_of(from), now_us);
    uint64_t price_us = SECOND_US / gate->rate_s;
    if (entry->paid_us + price_us > now_us + burst_us)
        return false;
    entry->paid_us += price_us;
    return true;
}
