/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key is kept by default, since others name a node by it when they
 * connect; a fresh one at each start makes a node's days unlinkable. */
#include "daemon/node_key.h"

#include "base/span.h"
#include "crypto/hash.h"
#include "platform/file.h"
#include "platform/transport.h"

enum { NODE_KEY_BYTES = 32 };

enum status node_key_load(const char *path, bool fresh,
    struct node_key *public_key, uint8_t secret[static 32])
{
    uint8_t bytes[NODE_KEY_BYTES];
    size_t size;
    enum status status =
        fresh ? STATUS_NOT_FOUND : file_read(path, bytes, sizeof(bytes), &size);
    if (status == STATUS_OK && size == sizeof(bytes)) {
        memcpy(secret, bytes, sizeof(bytes));
        transport_public(secret, public_key);
    } else if (status == STATUS_OK || status == STATUS_TOO_LARGE) {
        status = STATUS_INVALID;
    } else if (status == STATUS_NOT_FOUND) {
        transport_keypair(public_key, secret);
        status =
            fresh ? STATUS_OK
                  : file_replace(path, (struct span){secret, NODE_KEY_BYTES});
    }
    secret_wipe(bytes, sizeof(bytes));
    return status;
}
