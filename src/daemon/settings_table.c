/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every setting once: where it stands, and what its value may be.  A refusal
 * quotes the value and says what would be right, since whoever reads it has
 * the file before them and not this table; an unknown key names the nearest. */
#include "config.h"

#include "daemon/settings_table.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "daemon/setting_value.h"
#include "proto/endpoint.h"
#include "proto/limits.h"
#include "vault/config.h"

/* An endpoint of one's own, as it is copied from the node's status, has a key
 * that is not said here. */
static enum status refuse_own(
    const char *value, const char *complaint, char *why)
{
    snprintf(why, SETTINGS_WHY_BYTES, "\"%.128s\": %s", value,
        strchr(value, '#') ? "the key is this node's own: leave out the # and "
                             "what is behind it"
                           : complaint);
    return STATUS_INVALID;
}

static enum status set_listen(
    struct settings *settings, const char *value, char *why)
{
    const char *complaint = endpoint_listen_complaint(value);
    if (complaint)
        return refuse_own(value, complaint, why);
    if (settings->listen_count == LIMIT_HELLO_ENDPOINTS) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "more than %lu addresses to listen on", LIMIT_HELLO_ENDPOINTS);
        return STATUS_FULL;
    }
    strcpy(settings->listen[settings->listen_count++], value);
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
    static const struct setting_choice choices[] = {{"off", DISCOVERY_OFF},
        {"listen", DISCOVERY_LISTEN}, {"open", DISCOVERY_OPEN},
        {"contacts", DISCOVERY_CONTACTS}, {NULL, 0}};
    int choice;
    enum status status = setting_value_choice(value, choices, &choice, why);
    if (!status)
        settings->discovery = (enum discovery)choice;
    return status;
}

static enum status set_mesh(
    struct settings *settings, const char *value, char *why)
{
    bool on;
    enum status status = setting_value_switch(value, &on, why);
    if (!status)
        settings->mesh = on ? MESH_ON : MESH_OFF;
    return status;
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
    return setting_value_switch(value, &settings->socks_isolation, why);
}

static enum status set_advertise(
    struct settings *settings, const char *value, char *why)
{
    const char *complaint = endpoint_dial_complaint(value, true);
    if (complaint)
        return refuse_own(value, complaint, why);
    if (settings->advertise_count == LIMIT_HELLO_ENDPOINTS) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "more than %lu addresses to advertise", LIMIT_HELLO_ENDPOINTS);
        return STATUS_FULL;
    }
    strcpy(settings->advertise[settings->advertise_count++], value);
    return STATUS_OK;
}

static enum status set_shelf(
    struct settings *settings, const char *value, char *why)
{
    uint64_t bytes;
    uint64_t maximum = UINT64_C(1) << 40;
    if (!setting_value_bytes(value, &bytes) ||
        bytes < LIMIT_SHELF_MINIMUM_BYTES || bytes > maximum) {
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
    if (!setting_value_bytes(value, &number) || number < 1 ||
        number > LIMIT_LINKS) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is not a number between 1 and %lu", value, LIMIT_LINKS);
        return STATUS_INVALID;
    }
    settings->link_maximum = (uint32_t)number;
    return STATUS_OK;
}

static enum status set_new_links(
    struct settings *settings, const char *value, char *why)
{
    uint64_t number = 0;
    if (strcmp(value, "off") != 0 &&
        (!setting_value_bytes(value, &number) || number < 1 ||
            number > LIMIT_NEW_LINKS_MOST_S)) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is neither off nor a number between 1 and %lu", value,
            LIMIT_NEW_LINKS_MOST_S);
        return STATUS_INVALID;
    }
    settings->new_links_s = (uint32_t)number;
    return STATUS_OK;
}

static enum status set_peer_rate(
    struct settings *settings, const char *value, char *why)
{
    uint64_t bytes;
    if (!setting_value_bytes(value, &bytes) || bytes < KIB || bytes > GIB) {
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
    if (strcmp(value, "off") != 0 && (!setting_value_bytes(value, &bytes) ||
                                         bytes < 4 * KIB || bytes > GIB)) {
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
    if (!setting_value_bytes(value, &number) || number < 1 ||
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
    static const struct setting_choice choices[] = {
        {"keep", 0}, {"fresh", 1}, {NULL, 0}};
    int choice;
    enum status status = setting_value_choice(value, choices, &choice, why);
    if (!status)
        settings->node_key_fresh = choice == 1;
    return status;
}

static enum status set_cost(
    struct settings *settings, const char *value, char *why)
{
    static const struct setting_choice choices[] = {
        {"interactive", KEYSLOT_INTERACTIVE}, {"moderate", KEYSLOT_MODERATE},
        {"sensitive", KEYSLOT_SENSITIVE}, {NULL, 0}};
    int choice;
    enum status status = setting_value_choice(value, choices, &choice, why);
    if (!status)
        settings->passphrase_cost = (enum keyslot_cost)choice;
    return status;
}

static enum status set_read_receipts(
    struct settings *settings, const char *value, char *why)
{
    return setting_value_switch(value, &settings->read_receipts, why);
}

static enum status set_card_renewal(
    struct settings *settings, const char *value, char *why)
{
    return setting_value_switch(value, &settings->card_renewal, why);
}

static enum status set_receipts(
    struct settings *settings, const char *value, char *why)
{
    static const struct setting_choice choices[] = {
        {"prompt", RECEIPT_PROMPT_MEAN_MS},
        {"discreet", RECEIPT_DISCREET_MEAN_MS}, {NULL, 0}};
    int choice;
    enum status status = setting_value_choice(value, choices, &choice, why);
    if (!status)
        settings->receipt_mean_ms = (uint64_t)choice;
    return status;
}

static enum status set_wrong_tries(
    struct settings *settings, const char *value, char *why)
{
    uint64_t number = 0;
    if (strcmp(value, "off") != 0 && (!setting_value_bytes(value, &number) ||
                                         number < SETTINGS_TRIES_MINIMUM ||
                                         number > SETTINGS_TRIES_MAXIMUM)) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" is neither off nor a number between %d and %d", value,
            SETTINGS_TRIES_MINIMUM, SETTINGS_TRIES_MAXIMUM);
        return STATUS_INVALID;
    }
    settings->wrong_tries = (uint32_t)number;
    return STATUS_OK;
}

static enum status set_auto_lock(
    struct settings *settings, const char *value, char *why)
{
    uint64_t wait_ms = 0;
    if (strcmp(value, "off") != 0 &&
        (!setting_value_duration_ms(value, &wait_ms) || wait_ms == 0 ||
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
    static const struct setting_choice choices[] = {
        {"enforce", SANDBOX_ENFORCE}, {"log", SANDBOX_LOG},
        {"off", SANDBOX_OFF}, {NULL, 0}};
    int choice;
    enum status status = setting_value_choice(value, choices, &choice, why);
    if (!status)
        settings->sandbox = (enum sandbox_mode)choice;
    return status;
}

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
    {"relay", "new-links", set_new_links, false},
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
_Static_assert(
    sizeof(known_settings) / sizeof(known_settings[0]) == SETTINGS_TABLE_COUNT,
    "the header says how many there are");

const struct setting *settings_table_find(const char *section, const char *key)
{
    for (size_t i = 0; i < SETTINGS_TABLE_COUNT; i++) {
        const struct setting *at = &known_settings[i];
        if (strcmp(at->section, section) == 0 && strcmp(at->key, key) == 0)
            return at;
    }
    return NULL;
}

/* Keys of the section come first. */
const struct setting *settings_table_like(const char *section, const char *word)
{
    const struct setting *found = NULL;
    struct nearest nearest = {.word = word};
    for (size_t i = 0; i < 2 * SETTINGS_TABLE_COUNT; i++) {
        const struct setting *at = &known_settings[i % SETTINGS_TABLE_COUNT];
        bool is_own = strcmp(at->section, section) == 0;
        if (is_own == (i < SETTINGS_TABLE_COUNT) &&
            nearest_offer(&nearest, at->key))
            found = at;
    }
    for (size_t i = 0; i < SETTINGS_TABLE_COUNT && !found; i++)
        if (strstr(word, known_settings[i].key))
            found = &known_settings[i];
    return found;
}

size_t settings_table_index(const struct setting *setting)
{
    return (size_t)(setting - known_settings);
}

static enum status unknown_setting(
    const char *section, const char *key, char *why)
{
    const struct setting *like = settings_table_like(section, key);
    int size;
    if (!*section)
        size = snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.64s\" stands before the first [section]", key);
    else
        size = snprintf(why, SETTINGS_WHY_BYTES,
            "there is no \"%.64s\" in [%.32s]", key, section);
    if (like)
        snprintf(why + size, SETTINGS_WHY_BYTES - (size_t)size,
            "; the nearest is \"%s\" in [%s]", like->key, like->section);
    else
        snprintf(why + size, SETTINGS_WHY_BYTES - (size_t)size,
            " (`sottod --example-config` has all that there are)");
    return STATUS_NOT_FOUND;
}

enum status settings_table_set(struct settings *settings, const char *section,
    const char *key, const char *value, char *why)
{
    const struct setting *setting = settings_table_find(section, key);
    return setting ? setting->set(settings, value, why)
                   : unknown_setting(section, key, why);
}
