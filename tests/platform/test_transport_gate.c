/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "platform/transport_gate.h"

#include "base/span.h"
#include "tests/tap.h"

enum { RATE = 4, SECOND_US = 1000000, BURST = RATE * TRANSPORT_GATE_BURST_S };

static struct transport_gate gate;

static struct address address_of(const char *text)
{
    struct address address;
    need(address_parse(span_of_text(text), &address) == STATUS_OK);
    return address;
}

/* How many of so many links from there are let in. */
static int admitted(const char *from, int count, uint64_t now_us)
{
    struct address address = address_of(from);
    int in = 0;
    for (int i = 0; i < count; i++)
        in += transport_gate_admits(&gate, &address, now_us);
    return in;
}

static void test_rate(void)
{
    uint64_t now_us = 5 * SECOND_US;
    int in = 0;
    gate = (struct transport_gate){.rate_s = 0};
    ok(admitted("tcp://192.0.2.1:1", 10000, now_us) == 10000,
        "no limit is no limit");
    gate = (struct transport_gate){.rate_s = RATE};
    ok(admitted("tcp://8.8.8.1:1", 1000, now_us) == BURST,
        "a network has saved up for a crowd, and no more");
    for (int i = 0; i < 100; i++)
        in += admitted("tcp://8.8.8.1:1", 100, now_us += SECOND_US);
    ok(in == 100 * RATE, "then it is let in at its rate");
    now_us += 3600ull * SECOND_US;
    ok(admitted("tcp://8.8.8.1:1", 1000, now_us) == BURST,
        "an hour's silence saves up no more than that");
}

/* Whether two addresses share one allowance. */
static bool are_one(const char *a, const char *b)
{
    gate = (struct transport_gate){.rate_s = RATE};
    need(admitted(a, 1000, SECOND_US) == BURST);
    return admitted(b, 1, SECOND_US) == 0;
}

static void test_networks(void)
{
    ok(are_one("tcp://8.8.8.1:1", "tcp://8.8.8.2:2") &&
            !are_one("tcp://8.8.8.1:1", "tcp://8.8.9.1:1"),
        "a public network is a /24");
    ok(are_one("tcp://[2600:1:2:3::1]:1", "tcp://[2600:1:2:4::1]:1") &&
            !are_one("tcp://[2600:1:2:3::1]:1", "tcp://[2600:1:3:3::1]:1"),
        "or a /48");
    ok(are_one("tcp://10.0.0.1:1", "tcp://10.0.0.1:2") &&
            !are_one("tcp://10.0.0.1:1", "tcp://10.0.0.2:1") &&
            !are_one("tcp://127.0.0.1:1", "tcp://[::1]:1"),
        "on a site each address is one");
    ok(are_one("tcp://[fd00::1]:1", "tcp://[fd00::2]:1") &&
            !are_one("tcp://[fd00::1]:1", "tcp://[fd00:0:0:1::1]:1"),
        "or each /64");
    gate = (struct transport_gate){.rate_s = RATE};
    const struct address unknown = {.size = 0};
    int in = 0;
    for (int i = 0; i < 1000; i++)
        in += transport_gate_admits(&gate, &unknown, SECOND_US);
    ok(in == BURST, "and those that are not known are one together");
}

/* More networks than there is room for: memory does not grow, and who has spent
 * most is not who is forgotten. */
static void test_full(void)
{
    gate = (struct transport_gate){.rate_s = RATE};
    need(admitted("tcp://8.8.8.1:1", 1000, SECOND_US) == BURST);
    int in = 0;
    for (int i = 0; i < 2 * TRANSPORT_GATE_NETWORKS; i++) {
        char text[64];
        snprintf(text, sizeof(text), "tcp://9.%d.%d.1:1", i / 256, i % 256);
        in += admitted(text, 1, SECOND_US);
    }
    ok(in == 2 * TRANSPORT_GATE_NETWORKS &&
            gate.count == TRANSPORT_GATE_NETWORKS,
        "any number of networks come in, and few are remembered");
    ok(admitted("tcp://8.8.8.1:1", 1, SECOND_US) == 0,
        "among them the one that has spent most");
    ok(admitted("tcp://8.8.9.1:1", 1, 3600ull * SECOND_US) == 1 &&
            gate.count == 1,
        "what has been saved up again is forgotten");
}

int main(void)
{
    test_rate();
    test_networks();
    test_full();
    return tap_done();
}
