/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of settings: where a value stands in sotto.conf, and how it is
 * read.  An unknown section or key is an error that names the nearest known
 * one, since a setting that is silently ignored is worse than none.
 *
 * The file goes through inih, which cuts a line over its limit into two; such
 * lines are refused before it sees them. */
#include "config.h"

#include "daemon/settings.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/edit.h"
#include "proto/endpoint.h"

enum { SETTINGS_LINE_BYTES = 198 };

void settings_init(struct settings *out)
{
    *out = (struct settings){
        .socks_isolation = true,
        .shelf_bytes = LIMIT_SHELF_BYTES,
        .link_maximum = LIMIT_LINKS,
        .peer_rate_bytes_s = LIMIT_PEER_RATE_BYTES_S,
        .stamp_bits = LIMIT_STAMP_BITS,
        .passphrase_cost = KEYSLOT_MODERATE,
        .read_receipts = true,
        .card_renewal = true,
        .receipt_mean_ms = 1000,
        .sandbox = SANDBOX_ENFORCE,
    };
}

struct choice {
    const char *word;
    int value;
};

/* Read one of a few words; the last of choices has none. */
static enum status read_choice(
    const char *value, const struct choice *choices, int *out, char *why)
{
    for (const struct choice *at = choices; at->word; at++) {
        if (strcmp(value, at->word) == 0) {
            *out = at->value;
            return STATUS_OK;
        }
    }
    int used =
        snprintf(why, SETTINGS_WHY_BYTES, "\"%.64s\" is none of:", value);
    for (const struct choice *at = choices; at->word; at++)
        used += snprintf(
            why + used, SETTINGS_WHY_BYTES - (size_t)used, " %s", at->word);
    return STATUS_INVALID;
}

static enum status set_listen(
    struct settings *settings, const char *value, char *why)
{
    struct endpoint endpoint;
    const char *complaint = endpoint_listen_complaint(value);
    if (complaint || endpoint_parse(span_of_text(value), &endpoint)) {
        snprintf(why, SETTINGS_WHY_BYTES, "\"%.128s\": %s", value,
            complaint ? complaint : "it has no key here");
        return STATUS_INVALID;
    }
    if (settings->listen_count == LIMIT_HELLO_ENDPOINTS) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "more than %lu addresses to listen on", LIMIT_HELLO_ENDPOINTS);
        return STATUS_FULL;
    }
    strcpy(settings->listen[settings->listen_count++], endpoint.address);
    return STATUS_OK;
}

static enum status set_connect(
    struct settings *settings, const char *value, char *why)
{
    struct endpoint endpoint;
    if (endpoint_parse(span_of_text(value), &endpoint) == STATUS_OK &&
        !endpoint.has_key) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.128s\" lacks the node's key: put # and its 64 digits behind "
            "it (that node's `sotto status` prints both together)",
            value);
        return STATUS_INVALID;
    }
    if (endpoint_parse(span_of_text(value), &endpoint) ||
        !endpoint.address[0]) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.128s\" is not tcp://ADDRESS:PORT#NODEKEY (as in the "
            "node.endpoints of that node's `sotto status --json`)",
            value);
        return STATUS_INVALID;
    }
    /* Whether there is a proxy for names is known when all is read. */
    const char *complaint = endpoint_dial_complaint(endpoint.address, true);
    if (complaint) {
        snprintf(why, SETTINGS_WHY_BYTES, "\"%.128s\": %s", endpoint.address,
            complaint);
        return STATUS_INVALID;
    }
    if (settings->connect_count == SETTINGS_CONNECT_MAXIMUM) {
        snprintf(why, SETTINGS_WHY_BYTES, "more than %d nodes to connect to",
            SETTINGS_CONNECT_MAXIMUM);
        return STATUS_FULL;
    }
    settings->connect[settings->connect_count++] = endpoint;
    return STATUS_OK;
}

static enum status set_discovery(
    struct settings *settings, const char *value, char *why)
{
    static const struct choice choices[] = {{"off", DISCOVERY_OFF},
        {"listen", DISCOVERY_LISTEN}, {"open", DISCOVERY_OPEN},
        {"contacts", DISCOVERY_CONTACTS}, {NULL, 0}};
    int choice;
    enum status status = read_choice(value, choices, &choice, why);
    if (!status)
        settings->discovery = (enum discovery)choice;
    return status;
}

static enum status read_switch(const char *value, bool *out, char *why)
{
    static const struct choice choices[] = {{"on", 1}, {"off", 0}, {NULL, 0}};
    int choice;
    enum status status = read_choice(value, choices, &choice, why);
    if (!status)
        *out = choice == 1;
    return status;
}

static enum status set_mesh(
    struct settings *settings, const char *value, char *why)
{
    bool on;
    enum status status = read_switch(value, &on, why);
    if (!status)
        settings->mesh = on ? MESH_ON : MESH_OFF;
    return status;
}

bool settings_is_member(const struct settings *settings)
{
    if (settings->mesh == MESH_AS_DISCOVERY)
        return settings->discovery != DISCOVERY_OFF &&
               settings->discovery != DISCOVERY_CONTACTS;
    return settings->mesh == MESH_ON;
}

/* The sandbox keeps libzmq from looking a proxy's name up. */
static enum status set_socks(
    struct settings *settings, const char *value, char *why)
{
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    struct endpoint_host host;
    enum endpoint_kind kind = ENDPOINT_BAD;
    int size = snprintf(endpoint, sizeof(endpoint), "tcp://%s", value);
    if (size > 0 && (size_t)size < sizeof(endpoint))
        kind = endpoint_read(span_of_text(endpoint), false, &host);
    if (kind != ENDPOINT_IPV4 && kind != ENDPOINT_IPV6) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.128s\" is not HOST:PORT of a SOCKS5 proxy, the host a numeric "
            "address, as in 127.0.0.1:9050",
            value);
        return STATUS_INVALID;
    }
    strcpy(settings->socks, value);
    return STATUS_OK;
}

static enum status set_socks_isolation(
    struct settings *settings, const char *value, char *why)
{
    return read_switch(value, &settings->socks_isolation, why);
}

static enum status set_advertise(
    struct settings *settings, const char *value, char *why)
{
    const char *complaint = endpoint_dial_complaint(value, true);
    if (complaint) {
        snprintf(why, SETTINGS_WHY_BYTES, "\"%.128s\": %s", value, complaint);
        return STATUS_INVALID;
    }
    if (settings->advertise_count == LIMIT_HELLO_ENDPOINTS) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "more than %lu addresses to advertise", LIMIT_HELLO_ENDPOINTS);
        return STATUS_FULL;
    }
    strcpy(settings->advertise[settings->advertise_count++], value);
    return STATUS_OK;
}

enum discovery settings_discovery(const struct settings *settings)
{
    if (settings->discovery != DISCOVERY_UNSET)
        return settings->discovery;
    return settings->socks[0] ? DISCOVERY_OFF : DISCOVERY_OPEN;
}

/* A number of bytes with K, M or G behind it. */
static bool read_bytes(const char *value, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (errno || end == value || *value < '0' || *value > '9')
        return false;
    unsigned shift = 0;
    if (*end == 'K' || *end == 'M' || *end == 'G')
        shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 30, end++;
    if (*end || number > UINT64_MAX >> shift)
        return false;
    *out = (uint64_t)number << shift;
    return true;
}

static enum status set_shelf(
    struct settings *settings, const char *value, char *why)
{
    uint64_t bytes;
    uint64_t maximum = UINT64_C(1) << 40;
    if (!read_bytes(value, &bytes) || bytes < LIMIT_SHELF_MINIMUM_BYTES ||
        bytes > maximum) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is not a size between 1M and 1024G, as in 256M", value);
        return STATUS_INVALID;
    }
    settings->shelf_bytes = bytes;
    return STATUS_OK;
}

static enum status set_links(
    struct settings *settings, const char *value, char *why)
{
    uint64_t number;
    if (!read_bytes(value, &number) || number < 1 || number > LIMIT_LINKS) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is not a number between 1 and %lu", value, LIMIT_LINKS);
        return STATUS_INVALID;
    }
    settings->link_maximum = (uint32_t)number;
    return STATUS_OK;
}

static enum status set_peer_rate(
    struct settings *settings, const char *value, char *why)
{
    uint64_t bytes;
    if (!read_bytes(value, &bytes) || bytes < KIB || bytes > GIB) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is not a number of bytes a second between 1K and 1G, "
            "as in 64K",
            value);
        return STATUS_INVALID;
    }
    settings->peer_rate_bytes_s = (uint32_t)bytes;
    return STATUS_OK;
}

static enum status set_max_rate(
    struct settings *settings, const char *value, char *why)
{
    uint64_t bytes = 0;
    if (strcmp(value, "off") != 0 &&
        (!read_bytes(value, &bytes) || bytes < 4 * KIB || bytes > GIB)) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is neither off nor a number of bytes a second between "
            "4K and 1G, as in 128K",
            value);
        return STATUS_INVALID;
    }
    settings->rate_bytes_s = bytes;
    return STATUS_OK;
}

static enum status set_stamp_bits(
    struct settings *settings, const char *value, char *why)
{
    uint64_t number;
    if (!read_bytes(value, &number) || number < 1 ||
        number > LIMIT_STAMP_BITS_MOST) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is not a number between 1 and %lu", value,
            LIMIT_STAMP_BITS_MOST);
        return STATUS_INVALID;
    }
    settings->stamp_bits = (uint8_t)number;
    return STATUS_OK;
}

static enum status set_node_key(
    struct settings *settings, const char *value, char *why)
{
    static const struct choice choices[] = {
        {"keep", 0}, {"fresh", 1}, {NULL, 0}};
    int choice;
    enum status status = read_choice(value, choices, &choice, why);
    if (!status)
        settings->node_key_fresh = choice == 1;
    return status;
}

static enum status set_cost(
    struct settings *settings, const char *value, char *why)
{
    static const struct choice choices[] = {
        {"interactive", KEYSLOT_INTERACTIVE}, {"moderate", KEYSLOT_MODERATE},
        {"sensitive", KEYSLOT_SENSITIVE}, {NULL, 0}};
    int choice;
    enum status status = read_choice(value, choices, &choice, why);
    if (!status)
        settings->passphrase_cost = (enum keyslot_cost)choice;
    return status;
}

static enum status set_read_receipts(
    struct settings *settings, const char *value, char *why)
{
    return read_switch(value, &settings->read_receipts, why);
}

static enum status set_card_renewal(
    struct settings *settings, const char *value, char *why)
{
    return read_switch(value, &settings->card_renewal, why);
}

static enum status set_receipts(
    struct settings *settings, const char *value, char *why)
{
    /* The mean wait in seconds. */
    static const struct choice choices[] = {
        {"prompt", 1}, {"discreet", 30 * 60}, {NULL, 0}};
    int choice;
    enum status status = read_choice(value, choices, &choice, why);
    if (!status)
        settings->receipt_mean_ms = (uint64_t)choice * 1000;
    return status;
}

static enum status set_wrong_tries(
    struct settings *settings, const char *value, char *why)
{
    uint64_t number = 0;
    if (strcmp(value, "off") != 0 &&
        (!read_bytes(value, &number) || number < SETTINGS_TRIES_MINIMUM ||
            number > SETTINGS_TRIES_MAXIMUM)) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is neither off nor a number between %d and %d", value,
            SETTINGS_TRIES_MINIMUM, SETTINGS_TRIES_MAXIMUM);
        return STATUS_INVALID;
    }
    settings->wrong_tries = (uint32_t)number;
    return STATUS_OK;
}

/* A whole number and its unit: s, m, h or d. */
static bool read_duration_ms(const char *value, uint64_t *out)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {
        {'s', 1000}, {'m', 60000}, {'h', HOUR_S * 1000}, {'d', DAY_S * 1000}};
    char *end;
    if (*value < '0' || *value > '9')
        return false;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (end[0] != units[i].unit || end[1] || errno || number > UINT32_MAX)
            continue;
        *out = number * units[i].ms;
        return true;
    }
    return false;
}

static enum status set_auto_lock(
    struct settings *settings, const char *value, char *why)
{
    uint64_t wait_ms = 0;
    if (strcmp(value, "off") != 0 &&
        (!read_duration_ms(value, &wait_ms) || wait_ms == 0 ||
            wait_ms > 7 * DAY_S * 1000)) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is neither off nor a time up to 7d, as in 90s, 15m or "
            "2h",
            value);
        return STATUS_INVALID;
    }
    settings->auto_lock_ms = wait_ms;
    return STATUS_OK;
}

static enum status set_sandbox(
    struct settings *settings, const char *value, char *why)
{
    static const struct choice choices[] = {{"enforce", SANDBOX_ENFORCE},
        {"log", SANDBOX_LOG}, {"off", SANDBOX_OFF}, {NULL, 0}};
    int choice;
    enum status status = read_choice(value, choices, &choice, why);
    if (!status)
        settings->sandbox = (enum sandbox_mode)choice;
    return status;
}

struct setting {
    const char *section;
    const char *key;
    enum status (*set)(struct settings *settings, const char *value, char *why);
    bool is_list; /* may stand there several times */
};

static const struct setting known_settings[] = {
    {"relay", "listen", set_listen, true},
    {"relay", "connect", set_connect, true},
    {"relay", "discovery", set_discovery, false},
    {"relay", "advertise", set_advertise, true},
    {"relay", "mesh", set_mesh, false},
    {"relay", "socks", set_socks, false},
    {"relay", "socks-isolation", set_socks_isolation, false},
    {"relay", "shelf", set_shelf, false},
    {"relay", "link-maximum", set_links, false},
    {"relay", "peer-rate", set_peer_rate, false},
    {"relay", "max-rate", set_max_rate, false},
    {"relay", "stamp-bits", set_stamp_bits, false},
    {"relay", "node-key", set_node_key, false},
    {"vault", "passphrase-cost", set_cost, false},
    {"vault", "read-receipts", set_read_receipts, false},
    {"vault", "card-renewal", set_card_renewal, false},
    {"vault", "receipts", set_receipts, false},
    {"vault", "wrong-tries", set_wrong_tries, false},
    {"vault", "auto-lock", set_auto_lock, false},
    {"daemon", "sandbox", set_sandbox, false},
};
enum { SETTING_COUNT = sizeof(known_settings) / sizeof(known_settings[0]) };

static enum status unknown_setting(
    const char *section, const char *key, char *why)
{
    const struct setting *best = &known_settings[0];
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *at = &known_settings[i];
        size_t other = strcmp(at->section, section) != 0;
        size_t score = 2 * edit_distance(key, at->key) + other;
        if (score < least) {
            least = score;
            best = at;
        }
    }
    snprintf(why, SETTINGS_WHY_BYTES,
        "there is no \"%.64s\" in [%.32s]; the nearest is \"%s\" in [%s]", key,
        section, best->key, best->section);
    return STATUS_NOT_FOUND;
}

static const struct setting *find_setting(const char *section, const char *key)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *at = &known_settings[i];
        if (strcmp(at->section, section) == 0 && strcmp(at->key, key) == 0)
            return at;
    }
    return NULL;
}

enum status settings_set(struct settings *settings, const char *section,
    const char *key, const char *value, char *why)
{
    const struct setting *setting = find_setting(section, key);
    return setting ? setting->set(settings, value, why)
                   : unknown_setting(section, key, why);
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

/* What inih's callback and reader carry along: the first error stays.  inih
 * tells its handler no line number, so the reader that feeds it counts. */
struct reading {
    struct settings *settings;
    const char *rest; /* not yet read */
    int line;
    int seen[SETTING_COUNT]; /* the line of each; 0: not there */
    char why[SETTINGS_WHY_BYTES];
    bool failed;
};

/* A second value would silently win over the first. */
static bool is_again(
    struct reading *reading, const char *section, const char *key)
{
    const struct setting *setting = find_setting(section, key);
    if (!setting || setting->is_list)
        return false;
    int *seen = &reading->seen[setting - known_settings];
    if (*seen)
        snprintf(reading->why, sizeof(reading->why),
            "\"%s\" is there already, in line %d; it has one value", key,
            *seen);
    bool again = *seen != 0;
    *seen = reading->line;
    return again;
}

static int on_value(
    void *context, const char *section, const char *key, const char *value)
{
    struct reading *reading = context;
    if (reading->failed)
        return 0;
    reading->failed = is_again(reading, section, key) ||
                      settings_set(reading->settings, section, key, value,
                          reading->why) != STATUS_OK;
    return !reading->failed;
}

/* As fgets: the next line with its end.  A line over inih's limit, which it
 * would cut in two, is a failure, and the last one read. */
static char *read_line(char *out, int capacity, void *stream)
{
    struct reading *reading = stream;
    size_t size = strcspn(reading->rest, "\n");
    if (reading->failed || !*reading->rest)
        return NULL;
    reading->line++;
    if (size + 1 >= (size_t)capacity || size > SETTINGS_LINE_BYTES) {
        snprintf(reading->why, sizeof(reading->why),
            "the line is longer than %d bytes", SETTINGS_LINE_BYTES);
        reading->failed = true;
        return NULL;
    }
    size += reading->rest[size] == '\n';
    memcpy(out, reading->rest, size);
    out[size] = '\0';
    reading->rest += size;
    return out;
}

enum status settings_apply(
    struct settings *settings, const char *name, const char *text, char *why)
{
    struct settings changed = *settings;
    struct reading reading = {.settings = &changed, .rest = text};
    int line = ini_parse_stream(read_line, &reading, on_value, &reading);
    /* A section that is not closed shows in what follows, too. */
    if (reading.failed && (line == 0 || line >= reading.line))
        line = reading.line;
    else if (line != 0)
        snprintf(reading.why, sizeof(reading.why),
            "this is neither [section] nor key = value");
    if (line != 0) {
        snprintf(why, SETTINGS_WHY_BYTES, "%.160s:%d: %.200s", name, line,
            reading.why);
        return STATUS_INVALID;
    }
    *settings = changed;
    return STATUS_OK;
}

const char *settings_example(void)
{
    return "# sotto.conf: what a node is told to do; see sotto.conf(5).\n"
           "# Every line here is a comment that shows a default, or an\n"
           "# example where there is none.\n"
           "\n"
           "[relay]\n"
           "# Where other nodes reach this one; may be given several times.\n"
           "# listen = tcp://*:7311\n"
           "# Nodes to stay connected to: tcp://ADDRESS:PORT#NODEKEY; may be\n"
           "# given several times.\n"
           "# connect = tcp://192.0.2.1:7311#00112233445566778899aabbccddeef"
           "f00112233445566778899aabbccddeeff\n"
           "# Find neighbours on the local network: open; contacts (only they\n"
           "# can tell who it is); listen (say nothing); or off, which is the\n"
           "# default where there is a proxy.\n"
           "# discovery = open\n"
           "# What to tell other nodes to dial, in place of the addresses "
           "that\n"
           "# this one listens on; may be given several times.\n"
           "# advertise = tcp://192.0.2.1:7311\n"
           "# Find more neighbours through those that there are, and be "
           "found:\n"
           "# on or off; on, unless discovery is contacts or off.\n"
           "# mesh = on\n"
           "# A SOCKS5 proxy (Tor's, say) through which to dial.\n"
           "# socks = 127.0.0.1:9050\n"
           "# Be another user of the proxy for each peer; off for one that "
           "knows\n"
           "# no users.\n"
           "# socks-isolation = on\n"
           "# Room for everybody's sealed mail.\n"
           "# shelf = 256M\n"
           "# Links at most, inbound and outbound together.\n"
           "# link-maximum = 64\n"
           "# New mail that one peer may push at this node, in bytes a "
           "second.\n"
           "# peer-rate = 64K\n"
           "# What this node sends at most, over all links together, in bytes\n"
           "# a second: off, or a number.  A quarter is kept for urgent "
           "letters.\n"
           "# max-rate = off\n"
           "# Proof of work on own letters, at most, where the mesh is under\n"
           "# a flood and asks for it: each bit doubles it; 16 takes a minute\n"
           "# or two.\n"
           "# stamp-bits = 16\n"
           "# keep: the node has the same key after a restart, so that others\n"
           "# can name it; fresh: a new one each time.\n"
           "# node-key = keep\n"
           "\n"
           "[vault]\n"
           "# What one try of a new vault's passphrase costs: interactive,\n"
           "# moderate (256 MiB of memory) or sensitive (1 GiB).\n"
           "# passphrase-cost = moderate\n"
           "# Tell senders when their letters were read.\n"
           "# read-receipts = on\n"
           "# Give out a newer card each week, to those who have one of mine.\n"
           "# card-renewal = on\n"
           "# When to let the receipt of a delivered letter go: prompt (about\n"
           "# a second), or discreet (about half an hour, so that who watches\n"
           "# the mesh cannot guess who received it).\n"
           "# receipts = prompt\n"
           "# Destroy the vault when a wrong passphrase was tried so often:\n"
           "# off, or a number from 3 to 1000.\n"
           "# wrong-tries = off\n"
           "# Lock when nobody has asked for anything for so long: off, or a\n"
           "# time such as 15m.\n"
           "# auto-lock = off\n"
           "\n"
           "[daemon]\n"
           "# enforce; log (allow, and let the kernel log); off.\n"
           "# sandbox = enforce\n";
}
