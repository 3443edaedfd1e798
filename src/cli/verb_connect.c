/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connect and disconnect: whom the relay dials.  The relay knows a link by the
 * whole key of its node; peers prints the first digits of one, so what begins
 * like one link's key alone is looked up there. */
#include <string.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "proto/endpoint.h"
#include "proto/ids.h"
#include "proto/limits.h"

static bool is_node_key(const char *text)
{
    struct node_key key;
    return hex_decode(text, key.bytes, sizeof(key.bytes)) == STATUS_OK;
}

int verb_connect(const struct cli *cli)
{
    const char *endpoint = cli->arguments.words[0];
    const char *hash = strchr(endpoint, '#');
    if (strncmp(endpoint, "tcp://", 6) != 0)
        return fail(EXIT_USAGE,
            "%s is no endpoint (such as tcp://192.0.2.7:7311#NODEKEY)",
            endpoint);
    if (!hash || !is_node_key(hash + 1))
        return fail(EXIT_USAGE,
            "the endpoint needs the node's key after a #, %d hexadecimal "
            "digits (its status prints both together)",
            CONTROL_NODE_KEY_CHARS);
    char address[LIMIT_ENDPOINT_BYTES + 1];
    if ((size_t)(hash - endpoint) >= sizeof(address))
        return fail(EXIT_REFUSED, "an endpoint has at most %lu bytes before #",
            LIMIT_ENDPOINT_BYTES);
    memcpy(address, endpoint, (size_t)(hash - endpoint));
    address[hash - endpoint] = '\0';
    /* Whether the node has a proxy for names, it knows itself. */
    const char *complaint = endpoint_dial_complaint(address, true);
    if (complaint)
        return fail(EXIT_USAGE, "%s: %s", address, complaint);
    struct control_request request = {
        .method = CONTROL_CONNECT, .endpoint = span_of_text(endpoint)};
    return ask_done(cli, &request);
}

enum { KEY_DIGITS = 8 }; /* at least, as of a contact's fingerprint */

static bool is_beginning(const char *text)
{
    size_t size = strlen(text);
    return size >= KEY_DIGITS && size < CONTROL_NODE_KEY_CHARS &&
           strspn(text, "0123456789abcdef") == size;
}

/* Take the key of a link into key, where it begins like that.  Several links
 * may lead to one node. */
static int take_key(const struct control_link *link, const char *digits,
    char key[static CONTROL_NODE_KEY_CHARS + 1])
{
    if (strncmp(link->key, digits, strlen(digits)) != 0)
        return EXIT_DONE;
    if (*key && strcmp(key, link->key) != 0)
        return fail(EXIT_NOT_FOUND,
            "the keys of two nodes begin with %s: more digits are needed",
            digits);
    memcpy(key, link->key, CONTROL_NODE_KEY_CHARS + 1);
    return EXIT_DONE;
}

static int find_key(const struct cli *cli, const char *digits,
    char key[static CONTROL_NODE_KEY_CHARS + 1])
{
    struct control_request request = {.method = CONTROL_PEERS};
    int code = EXIT_DONE;
    key[0] = '\0';
    do {
        struct control_message message;
        code = ask(cli, &request, CONTROL_LINK_ROWS, &message);
        if (code)
            return code;
        for (size_t i = 0; i < message.reply.count && !code; i++)
            code = take_key(&message.reply.links[i], digits, key);
        request.cursor = message.reply.next;
        control_message_clear(&message);
    } while (!code && request.cursor);
    if (!code && !*key)
        code = fail(EXIT_NOT_FOUND,
            "no link leads to a node whose key begins with %s (see sotto "
            "peers)",
            digits);
    return code;
}

int verb_disconnect(const struct cli *cli)
{
    const char *word = cli->arguments.words[0];
    char key[CONTROL_NODE_KEY_CHARS + 1];
    if (is_beginning(word)) {
        int code = find_key(cli, word, key);
        if (code)
            return code;
        word = key;
    } else if (strncmp(word, "tcp://", 6) != 0 && !is_node_key(word))
        return fail(EXIT_USAGE,
            "%s is neither an endpoint (tcp://…) nor a node's key (%d "
            "hexadecimal digits, or the first %d of them or more)",
            word, CONTROL_NODE_KEY_CHARS, KEY_DIGITS);
    struct control_request request = {
        .method = CONTROL_DISCONNECT, .endpoint = span_of_text(word)};
    return ask_done(cli, &request);
}
