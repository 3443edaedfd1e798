/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/endpoint.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/random.h"
#include "tests/tap.h"

#define ONION "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwd.onion"

static struct endpoint_host host;

static enum endpoint_kind dial(const char *text)
{
    return endpoint_read(span_of_text(text), false, &host);
}

static enum endpoint_kind listen_on(const char *text)
{
    return endpoint_read(span_of_text(text), true, &host);
}

static void test_kinds(void)
{
    ok(dial("tcp://192.0.2.7:7311") == ENDPOINT_IPV4 && host.port == 7311 &&
            host.ip[11] == 0xff && host.ip[12] == 192 && host.ip[15] == 7,
        "an IPv4 address, kept in its mapped form");
    ok(dial("tcp://[fe80::1%eth0]:7311") == ENDPOINT_IPV6 &&
            strcmp(host.scope, "eth0") == 0 && host.ip[0] == 0xfe &&
            host.ip[15] == 1,
        "an IPv6 address with its scope");
    ok(dial("tcp://" ONION ":1") == ENDPOINT_ONION, "an .onion name");
    ok(dial("tcp://node.example:65535") == ENDPOINT_NAME, "another name");
    ok(listen_on("tcp://*:7311") == ENDPOINT_ANY &&
            listen_on("tcp://127.0.0.1:0") == ENDPOINT_IPV4 &&
            listen_on("tcp://[::]:*") == ENDPOINT_IPV6,
        "what can be listened on");
}

static void test_refused(void)
{
    static const char *const bad[] = {"", "tcp://", "tcp://:1", "192.0.2.7:1",
        "udp://192.0.2.7:1", "tcp://192.0.2.7", "tcp://*:1",
        "tcp://[fe80::1%]:1", "tcp://[fe80::1%a%b]:1", "tcp://[::1:1",
        "tcp://[]:1", "tcp://[1:2:3:4:5:6:7]:1", "tcp://[1:2:3:4:5:6:7:8:9]:1",
        "tcp://[1::2::3]:1", "tcp://[::12345]:1", "tcp://[:1:2:3:4:5:6:7]:1",
        "tcp://[1:2:3:4:5:6:7:]:1", "tcp://[1.2.3.4::]:1",
        "tcp://[::1.2.3.04]:1", "tcp://[1:2:3:4:5:6:7:1.2.3.4]:1",
        "tcp://a b:1", "tcp://a\tb:1", "tcp://a/b:1",
        "tcp://[fe80::1%a-name-that-is-too-long]:1"};
    bool all = true;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        all = all && dial(bad[i]) == ENDPOINT_BAD;
    ok(all, "what is none is refused");
    ok(dial("tcp://192.0.2.7:0") == ENDPOINT_BAD_PORT &&
            dial("tcp://192.0.2.7:65536") == ENDPOINT_BAD_PORT &&
            dial("tcp://192.0.2.7:") == ENDPOINT_BAD_PORT &&
            dial("tcp://192.0.2.7:+1") == ENDPOINT_BAD_PORT &&
            listen_on("tcp://*:99999") == ENDPOINT_BAD_PORT,
        "and a port that is none, as that");
    ok(dial("tcp://short.onion:1") == ENDPOINT_BAD_ONION &&
            dial("tcp://www." ONION ":1") == ENDPOINT_BAD_ONION &&
            dial("tcp://bbcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst"
                 "uvwx.onion:1") == ENDPOINT_BAD_ONION &&
            dial("tcp://1bcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst"
                 "uvwd.ONION:1") == ENDPOINT_BAD_ONION,
        "an .onion name of another length, alphabet or version too");
}

static bool complains(const char *complaint, const char *word)
{
    return word ? complaint && strstr(complaint, word) : complaint == NULL;
}

/* A link-local address alone is on no cable, or on each. */
static void test_link_local(void)
{
    static const char *const lacking[] = {
        "tcp://[fe80::1]:7311", "tcp://[febf::1]:7311"};
    bool all = true;
    for (size_t i = 0; i < 2; i++)
        all &= complains(endpoint_dial_complaint(lacking[i], false), "%eth0") &&
               complains(endpoint_dial_complaint(lacking[i], true), "%eth0") &&
               complains(endpoint_listen_complaint(lacking[i]), "%eth0");
    ok(all, "a link-local address without its interface is told to have one");
    ok(complains(endpoint_dial_complaint("tcp://[fe80::1%2]:1", false), NULL) &&
            complains(endpoint_listen_complaint("tcp://[fe80::1%a]:0"), NULL) &&
            complains(
                endpoint_dial_complaint("tcp://[fec0::1]:1", false), NULL) &&
            complains(endpoint_listen_complaint("tcp://[::]:0"), NULL) &&
            complains(
                endpoint_dial_complaint("tcp://169.254.0.1:1", false), NULL),
        "and what has one, or needs none, is not");
}

/* Whether this reads a random address as the system does. */
static bool agrees(struct random *random, int *addresses)
{
    static const char letters[] = ":::::::11..25afA%z";
    char text[64] = "tcp://[", *at = text + 7;
    uint8_t expected[16];
    size_t size = random_below(random, 16);
    for (size_t i = 0; i < size; i++)
        *at++ = letters[random_below(random, sizeof(letters) - 1)];
    *at = '\0';
    bool is_address = inet_pton(AF_INET6, text + 7, expected) == 1;
    strcpy(at, "]:1");
    *addresses += is_address;
    bool read = dial(text) == ENDPOINT_IPV6 && host.scope[0] == '\0';
    return read == is_address && (!read || !memcmp(host.ip, expected, 16));
}

static void test_against_system(void)
{
    struct random_seeded random;
    random_seeded_init(&random, 7, 0);
    bool same = true;
    int addresses = 0;
    for (int i = 0; i < 500000 && same; i++)
        same = agrees(&random.base, &addresses);
    ok(same && addresses > 1000, "addresses are read as the system reads them");
}

static enum endpoint_reach reach(const char *text)
{
    dial(text);
    return endpoint_reach_of(&host);
}

static void test_reach(void)
{
    ok(reach("tcp://127.1.2.3:1") == REACH_MACHINE &&
            reach("tcp://[::1]:1") == REACH_MACHINE &&
            reach("tcp://[::ffff:127.0.0.1]:1") == REACH_MACHINE,
        "loopback reaches this machine, however it is written");
    ok(reach("tcp://169.254.1.1:1") == REACH_LINK &&
            reach("tcp://[febf::1]:1") == REACH_LINK &&
            reach("tcp://172.31.0.1:1") == REACH_SITE &&
            reach("tcp://100.64.0.1:1") == REACH_SITE &&
            reach("tcp://[fd00::1]:1") == REACH_SITE &&
            reach("tcp://172.32.0.1:1") == REACH_WORLD &&
            reach("tcp://[2001:db8::1]:1") == REACH_WORLD,
        "link, site and world are told apart");
    ok(reach("tcp://[2001:db8::ffff:7f00:1]:1") == REACH_WORLD,
        "what only ends like an IPv4 address in an IPv6 one is none");
    ok(reach("tcp://0.0.0.0:1") == REACH_NOWHERE &&
            reach("tcp://224.0.0.1:1") == REACH_NOWHERE &&
            reach("tcp://[::]:1") == REACH_NOWHERE &&
            reach("tcp://[ff02::1]:1") == REACH_NOWHERE,
        "nobody is at a group's address or at none");
}

static void test_parse(void)
{
    char text[ENDPOINT_TEXT_BYTES], longer[256];
    struct endpoint endpoint;
    struct node_key key;
    memset(key.bytes, 0xab, sizeof(key.bytes));
    endpoint_print("tcp://[::1]:7", &key, text);
    ok(endpoint_parse(span_of_text(text), &endpoint) == STATUS_OK &&
            endpoint.has_key && node_key_equal(&endpoint.key, &key) &&
            strcmp(endpoint.address, "tcp://[::1]:7") == 0,
        "an endpoint with its key comes back");
    ok(endpoint_parse(span_of_text(text + 14), &endpoint) == STATUS_OK &&
            endpoint.has_key && !endpoint.address[0],
        "a key alone is one");
    ok(endpoint_parse(span_of_text("tcp://a:1"), &endpoint) == STATUS_OK &&
            !endpoint.has_key,
        "so is an address alone");
    text[strlen(text) - 1] = 'g';
    ok(endpoint_parse(span_of_text(text), &endpoint) == STATUS_INVALID,
        "a key is hexadecimal");
    memset(strchr(text, '#') + 1, '0', 64);
    ok(endpoint_parse(span_of_text(text), &endpoint) == STATUS_INVALID,
        "and nobody's is all zeros");
    ok(endpoint_parse(span_of_text("udp://192.0.2.7:1"), &endpoint) ==
            STATUS_INVALID,
        "and an address of tcp's");
    text[strlen(text) - 1] = '\0';
    memset(longer, 'a', sizeof(longer));
    memcpy(longer, "tcp://", 6);
    strcpy(longer + 200, ":1");
    ok(endpoint_parse(span_of_text(text), &endpoint) == STATUS_INVALID &&
            endpoint_parse(span_of_text("#"), &endpoint) == STATUS_INVALID &&
            endpoint_parse(span_of_text(""), &endpoint) == STATUS_INVALID &&
            endpoint_parse(span_of_text(longer), &endpoint) == STATUS_TOO_LARGE,
        "a key cut short, nothing, and too much are none");
    ok(endpoint_port("tcp://*:7311") == 7311 && endpoint_port("tcp://*") == 0 &&
            endpoint_port("127.0.0.1:99999") == 0,
        "the port of an endpoint, where it has one");
}

int main(void)
{
    test_kinds();
    test_refused();
    test_link_local();
    test_against_system();
    test_reach();
    test_parse();
    return tap_done();
}
