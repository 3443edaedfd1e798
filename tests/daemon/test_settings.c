/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "daemon/listeners.h"
#include "daemon/settings.h"
#include "daemon/settings_example.h"
#include "daemon/settings_file.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/options.h"
#include "tests/tap.h"

#define ONION "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwd.onion"
#define KEY   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct settings settings;
static char why[SETTINGS_WHY_BYTES];

static enum status apply(const char *text)
{
    settings_init(&settings);
    why[0] = '\0';
    return settings_file_apply(
        &settings, "sotto.conf", span_of_text(text), why);
}

static void test_good(void)
{
    ok(apply("") == STATUS_OK &&
            settings_discovery(&settings) == DISCOVERY_OPEN &&
            settings.listen_count == 0 &&
            settings.shelf_bytes == LIMIT_SHELF_BYTES &&
            settings.sandbox == SANDBOX_ENFORCE && settings.card_renewal,
        "an empty file is a node with the defaults");
    ok(apply("[relay]\n"
             "listen = tcp://*:7311 ; all\nlisten = tcp://[::1]:0\n"
             "connect = tcp://192.0.2.1:7311#" KEY "\n"
             "discovery = listen\nsocks = 127.0.0.1:9050\nshelf = 64M\n"
             "link-maximum = 12\nnew-links = off\nnode-key = fresh\n"
             "[vault]\npassphrase-cost = interactive\nread-receipts = off\n"
             "card-renewal = off\n"
             "receipts = discreet\nwrong-tries = 5\nauto-lock = 15m\n"
             "[daemon]\nsandbox = log\n") == STATUS_OK,
        "every setting is read");
    ok(settings.listen_count == 2 &&
            strcmp(settings.listen[0], "tcp://*:7311") == 0 &&
            strcmp(settings.listen[1], "tcp://[::1]:0") == 0,
        "several addresses to listen on");
    ok(settings.connect_count == 1 && settings.connect[0].has_key &&
            settings.connect[0].key.bytes[1] == 0x11 &&
            strcmp(settings.connect[0].address, "tcp://192.0.2.1:7311") == 0,
        "a node to connect to, with its key");
    ok(settings.discovery == DISCOVERY_LISTEN &&
            settings.shelf_bytes == 64 * MIB && settings.link_maximum == 12 &&
            settings.new_links_s == 0 && settings.node_key_fresh &&
            !settings.read_receipts && !settings.card_renewal &&
            settings.passphrase_cost == KEYSLOT_INTERACTIVE &&
            settings.receipt_mean_ms == 1800 * 1000 &&
            settings.wrong_tries == 5 &&
            settings.auto_lock_ms == 15 * 60 * 1000 &&
            settings.sandbox == SANDBOX_LOG &&
            strcmp(settings.socks, "127.0.0.1:9050") == 0,
        "and all the rest");
    ok(apply("  [relay]\n  shelf = 4M\n\tlink-maximum = 12\n    # a\n") ==
                STATUS_OK &&
            settings.shelf_bytes == 4 * MIB && settings.link_maximum == 12,
        "lines may be indented");
}

static void test_example(void)
{
    char text[8192], *out = text;
    ok(apply(settings_example()) == STATUS_OK, "the example is right");
    /* Without its hashes, each line "# key = value" is a setting. */
    for (const char *line = settings_example(); *line;) {
        size_t size = strcspn(line, "\n");
        bool set = line[0] == '#' && memchr(line, '=', size) &&
                   memchr(line, '.', size) != line + size - 1;
        const char *from = set ? line + 2 : line;
        size_t part = size - (size_t)(from - line) + 1;
        memcpy(out, from, part);
        out += part;
        line += size + 1;
    }
    *out = '\0';
    ok(apply(text) == STATUS_OK && settings.connect_count == 1,
        "and so is each line that it comments out");
    if (why[0])
        printf("# %s\n", why);
}

static void wrong(const char *text, const char *at, const char *word)
{
    struct settings before;
    settings_init(&before);
    enum status status = apply(text);
    bool same = memcmp(&before, &settings, sizeof(before)) == 0;
    if (!ok(status == STATUS_INVALID && same &&
                strncmp(why, at, strlen(at)) == 0 && strstr(why, word),
            word))
        printf("# %s\n", why);
}

static void test_wrong(void)
{
    wrong("listen = tcp://*:1\n[relay]\n", "sotto.conf:1: ",
        "before the first [section]; the nearest is \"listen\" in [relay]");
    wrong("[relay]\n\nlisen = tcp://*:1\n",
        "sotto.conf:3: ", "the nearest is \"listen\" in [relay]");
    wrong("[relay]\nmesh = perhaps\n", "sotto.conf:2: ", "none of: on off");
    wrong("[relay]\nreceipts = prompt\n",
        "sotto.conf:2: ", "the nearest is \"receipts\" in [vault]");
    wrong("[relai]\nshelf = 4M\n", "sotto.conf:2: ", "\"shelf\" in [relay]");
    wrong("[relay]\nmax-shelf = 4M\n", "sotto.conf:2: ",
        "there is no \"max-shelf\" in [relay]; the nearest is \"shelf\"");
    wrong("[relay]\nxyz = 1\n", "sotto.conf:2: ",
        "there is no \"xyz\" in [relay] (`sottod --example-config` has");
    wrong("xyz = 1\n", "sotto.conf:1: ",
        "before the first [section] (`sottod --example-config` has");
    wrong("[relay]\nshelf = 1K\n", "sotto.conf:2: ", "between 1M and 1024G");
    wrong("[relay]\nshelf = -5M\n", "sotto.conf:2: ", "\"-5M\"");
    wrong("[relay]\nshelf = 99999999999999999999G\n",
        "sotto.conf:2: ", "is not a size");
    wrong("[relay]\nlink-maximum = 0\n", "sotto.conf:2: ", "between 1 and");
    wrong("[relay]\ndiscovery = maybe\n",
        "sotto.conf:2: ", "none of: off listen open contacts");
    wrong("[relay]\nlisten = udp://*:1\n",
        "sotto.conf:2: ", "an address to listen on is tcp://");
    wrong("[relay]\nconnect = tcp://192.0.2.1:1\n",
        "sotto.conf:2: ", "lacks the node's key");
    wrong("[relay]\nconnect = " KEY "\n",
        "sotto.conf:2: ", "tcp://ADDRESS:PORT#NODEKEY");
    wrong("[relay]\nlisten = tcp://localhost:1\n",
        "sotto.conf:2: ", "a numeric IPv4 address or an IPv6 one in brackets");
    wrong("[relay]\nlisten = tcp://*:65536\n",
        "sotto.conf:2: ", "a number from 0 (any) to 65535");
    wrong("[relay]\nlisten = tcp://*:1#" KEY "\n",
        "sotto.conf:2: ", "the key is this node's own");
    wrong("[relay]\nadvertise = tcp://192.0.2.1:1#" KEY "\n",
        "sotto.conf:2: ", "the key is this node's own");
    wrong("[relay]\nadvertise = tcp://[fe80::1]:1\n",
        "sotto.conf:2: ", "with its interface");
    wrong("[relay]\nconnect = tcp://192.0.2.1:99999#" KEY "\n",
        "sotto.conf:2: ", "a number from 1 to 65535");
    wrong("[relay]\nconnect = tcp://192.0.2.1:0#" KEY "\n",
        "sotto.conf:2: ", "port to dial");
    wrong("[relay]\n# a\nshelf = 4M\n\nlisten = tcp://*:1\nshelf = 8M\n",
        "sotto.conf:6: ", "\"shelf\" is there already, in line 3");
    wrong("[relay\nshelf = 4M\n",
        "sotto.conf:1: ", "this is neither [section] nor key = value");
    wrong("[relay]\nsocks = 9050\n", "sotto.conf:2: ", "HOST:PORT");
    wrong("[relay]\nsocks = localhost:9050\n", "sotto.conf:2: ", "numeric");
    wrong("[relay]\nadvertise = tcp://*:1\n",
        "sotto.conf:2: ", "to dial is tcp://ADDRESS:PORT, the");
    wrong("[relay]\nadvertise = tcp://short.onion:1\n",
        "sotto.conf:2: ", "56 characters");
    wrong("[vault]\nwrong-tries = 2\n", "sotto.conf:2: ",
        "wrong-tries: \"2\" is neither off nor a number between 3 and 1000");
    wrong("[vault]\nauto-lock = 15\n", "sotto.conf:2: ", "as in 90s, 15m");
    wrong("[vault]\nauto-lock = 8d\n", "sotto.conf:2: ", "up to 7d");
    ok(apply("[vault]\nwrong-tries = off\nauto-lock = off\n") == STATUS_OK &&
            settings.wrong_tries == 0 && settings.auto_lock_ms == 0,
        "and both are turned off by a word");
    wrong("[relay]\nthis is nothing\n",
        "sotto.conf:2: ", "neither [section] nor key = value");
    char text[512] = "[relay]\n# ";
    memset(text + strlen(text), 'x', 300);
    wrong(text, "sotto.conf:2: ", "longer than");
    static const uint8_t zeros[4096];
    ok(settings_file_apply(&settings, "sotto.conf",
           (struct span){zeros, sizeof(zeros)}, why) == STATUS_INVALID &&
            strstr(why, "zero byte"),
        "a file of zeros is none without settings");
    static const char hidden[] = "[relay]\nshelf = 4M\0G\nmesh = on\n";
    ok(settings_file_apply(&settings, "sotto.conf",
           (struct span){(const uint8_t *)hidden, sizeof(hidden) - 1},
           why) == STATUS_INVALID &&
            strstr(why, "sotto.conf:2: the line has a zero byte"),
        "nor does a zero byte hide what is behind it");
    wrong("[relay]\nlink-maximum = 4\nshelf = no\nfoo = 1\n",
        "sotto.conf:3: ", "\"no\"");
}

static void test_together(void)
{
    need(apply("[relay]\nconnect = tcp://" ONION ":1#" KEY "\n") == STATUS_OK);
    ok(settings_check(&settings, why) == STATUS_INVALID &&
            strstr(
                why, "connect: tcp://" ONION ":1: a name can be dialled only"),
        "a name to dial is refused without a proxy");
    need(apply("[relay]\nconnect = tcp://" ONION ":1#" KEY "\n"
               "socks = 127.0.0.1:9050\n") == STATUS_OK);
    ok(settings_check(&settings, why) == STATUS_OK,
        "and not with one, wherever that stands");
    ok(settings_discovery(&settings) == DISCOVERY_OFF,
        "who dials through a proxy sends no beacons");
    need(apply("[relay]\nsocks = [::1]:9050\ndiscovery = open\n"
               "advertise = tcp://" ONION ":7311\n"
               "socks-isolation = off\n") == STATUS_OK);
    ok(settings_discovery(&settings) == DISCOVERY_OPEN &&
            settings.advertise_count == 1 && !settings.socks_isolation,
        "unless told to");
}

static enum status options(
    char *argv[], struct settings *into, struct options *out)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return options_read(argc, argv, into, out, why);
}

static bool is_member(const char *text)
{
    need(apply(text) == STATUS_OK);
    return settings_is_member(&settings);
}

static void test_mesh(void)
{
    ok(is_member("") && is_member("[relay]\ndiscovery = listen\n") &&
            is_member("[relay]\nsocks = 127.0.0.1:9050\n"),
        "a node takes part in the mesh");
    ok(!is_member("[relay]\ndiscovery = off\n") &&
            !is_member("[relay]\ndiscovery = contacts\n") &&
            !is_member("[relay]\nmesh = off\n"),
        "unless it is told not to, or wants nobody found");
    ok(is_member("[relay]\ndiscovery = off\nmesh = on\n"),
        "what mesh says counts for more");
}

static void test_options(void)
{
    struct options out;
    char *all[] = {"sottod", "--home", "/h", "--listen", "tcp://127.0.0.1:0",
        "--no-discovery", "--relay-only", "--foreground", NULL};
    need(apply("[relay]\nlisten = tcp://*:1\nshelf = 4M\n") == STATUS_OK);
    ok(options(all, NULL, &out) == STATUS_OK &&
            options(all, &settings, &out) == STATUS_OK &&
            strcmp(out.home, "/h") == 0 && out.mode == MODE_RELAY_ONLY &&
            out.task == TASK_SUPERVISE,
        "the command line of the manual is read, twice");
    ok(settings.listen_count == 1 &&
            strcmp(settings.listen[0], "tcp://127.0.0.1:0") == 0 &&
            settings.discovery == DISCOVERY_OFF &&
            settings.shelf_bytes == 4 * MIB,
        "an option wins over the file, and leaves the rest of it");
    char *unknown[] = {"sottod", "--lissen", "x", NULL};
    ok(options(unknown, NULL, &out) == STATUS_INVALID &&
            strstr(why, "--lissen"),
        "an unknown option is named");
    char *missing[] = {"sottod", "--home", NULL};
    ok(options(missing, NULL, &out) == STATUS_INVALID &&
            strstr(why, "needs an argument"),
        "a missing argument is named");
    char *shape[] = {"sottod", "--link-shape", "latency_us=soon", NULL};
    ok(options(shape, NULL, &out) == STATUS_INVALID &&
            strstr(why, "--link-shape: "),
        "no build takes a shape of links that is none");
    char *word[] = {"sottod", "start", NULL};
    ok(options(word, NULL, &out) == STATUS_INVALID && strstr(why, "start"),
        "a word too many is named");
    char *both[] = {"sottod", "--relay-only", "--vault-only", NULL};
    ok(options(both, NULL, &out) == STATUS_INVALID,
        "a node of neither process is refused");
    char *empty[] = {"sottod", "--home", "", NULL};
    ok(options(empty, NULL, &out) == STATUS_INVALID &&
            strstr(why, "--home needs a value"),
        "an empty --home is not the usual one");
    char *idle[] = {"sottod", "--unlock-with", "f", "--relay-only", NULL};
    ok(options(idle, NULL, &out) == STATUS_INVALID &&
            strstr(why, "--unlock-with"),
        "nothing can be unlocked without a vault");
    char *value[] = {"sottod", "--sandbox", "perhaps", NULL};
    ok(options(value, &settings, &out) == STATUS_INVALID &&
            strstr(why, "--sandbox: "),
        "a wrong value is refused in the option's name");
}

static bool parses(const char *text)
{
    struct endpoint endpoint;
    return endpoint_parse(span_of_text(text), &endpoint) == STATUS_OK;
}

static void test_endpoints(void)
{
    struct endpoint endpoint;
    char text[ENDPOINT_TEXT_BYTES];
    ok(endpoint_parse(span_of_text("tcp://[fe80::1%eth0]:7311#" KEY),
           &endpoint) == STATUS_OK &&
            strcmp(endpoint.address, "tcp://[fe80::1%eth0]:7311") == 0,
        "an endpoint with its key is read");
    endpoint_print(endpoint.address, &endpoint.key, text);
    ok(strcmp(text, "tcp://[fe80::1%eth0]:7311#" KEY) == 0,
        "and written as it was");
    ok(endpoint_parse(span_of_text(KEY), &endpoint) == STATUS_OK &&
            endpoint.has_key && !endpoint.address[0],
        "a key alone names a node");
    ok(endpoint_port("tcp://127.0.0.1:7311") == 7311 &&
            endpoint_port("tcp://127.0.0.1:70000") == 0,
        "a port is read where it is one");
    ok(!parses("") && !parses("#") && !parses("tcp://") && !parses("tcp://a") &&
            !parses("tcp://a:1#") && !parses("tcp://a:1#00") &&
            !parses("#" KEY) && !parses("tcp://a b:1#" KEY) && !parses(KEY "0"),
        "what is neither is refused");
    char long_one[400];
    memset(long_one, 'a', sizeof(long_one));
    memcpy(long_one, "tcp://", 6);
    memcpy(long_one + 390, ":1", 3);
    ok(endpoint_parse(span_of_text(long_one), &endpoint) == STATUS_TOO_LARGE,
        "an endpoint over its limit is refused");
    char out[LIMIT_HELLO_ENDPOINTS][LIMIT_ENDPOINT_BYTES + 1];
    ok(listeners_expand("tcp://127.0.0.1:5", out, 8) == 1 &&
            strcmp(out[0], "tcp://127.0.0.1:5") == 0,
        "one address stands for itself");
    size_t count = listeners_expand("tcp://0.0.0.0:5", out, 8);
    ok(count >= 1 && !strstr(out[0], "0.0.0.0") && strstr(out[0], ":5"),
        "all addresses become those of this machine");
}

int main(void)
{
    test_good();
    test_example();
    test_wrong();
    test_together();
    test_mesh();
    test_options();
    test_endpoints();
    return tap_done();
}
