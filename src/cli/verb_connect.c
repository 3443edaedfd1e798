/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connect and disconnect: whom the relay dials. */
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

int verb_disconnect(const struct cli *cli)
{
    const char *word = cli->arguments.words[0];
    if (strncmp(word, "tcp://", 6) != 0 && !is_node_key(word))
        return fail(EXIT_USAGE,
            "%s is neither an endpoint (tcp://…) nor a node's key (%d "
            "hexadecimal digits)",
            word, CONTROL_NODE_KEY_CHARS);
    struct control_request request = {
        .method = CONTROL_DISCONNECT, .endpoint = span_of_text(word)};
    return ask_done(cli, &request);
}
