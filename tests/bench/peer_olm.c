/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix's libolm.  Its interface takes and gives base64 and JSON, which a
 * client of it pays for, too; copying a message, because opening destroys it,
 * is measured with it. */
#include <olm/olm.h>
#include <string.h>

#include <sodium.h>

#include "tests/bench/peer.h"

enum { KEY_CHARS = 43, MESSAGE_BYTES = 2048, RANDOM_BYTES = 256 };

struct party {
    OlmAccount *account;
    OlmSession *session;
    char identity[KEY_CHARS];
};

struct message {
    size_t type;
    size_t size;
    char bytes[MESSAGE_BYTES];
};

static uint8_t *fresh(void)
{
    static uint8_t bytes[RANDOM_BYTES];
    randombytes_buf(bytes, sizeof(bytes));
    return bytes;
}

static void party_begin(struct party *party)
{
    char json[512] = {0};
    party->account = olm_account(malloc(olm_account_size()));
    party->session = olm_session(malloc(olm_session_size()));
    need_peer(
        olm_create_account(party->account, fresh(),
            olm_create_account_random_length(party->account)) != olm_error());
    need_peer(olm_account_identity_keys(
                  party->account, json, sizeof(json) - 1) != olm_error());
    const char *key = strstr(json, "\"curve25519\":\"");
    need_peer(key);
    memcpy(party->identity, key + strlen("\"curve25519\":\""), KEY_CHARS);
}

static void party_end(struct party *party)
{
    olm_clear_session(party->session);
    olm_clear_account(party->account);
    free(party->session);
    free(party->account);
}

static void new_prekey(struct party *party, char out[KEY_CHARS])
{
    char json[1024] = {0};
    need_peer(olm_account_generate_one_time_keys(party->account, 1, fresh(),
                  olm_account_generate_one_time_keys_random_length(
                      party->account, 1)) != olm_error());
    need_peer(olm_account_one_time_keys(
                  party->account, json, sizeof(json) - 1) != olm_error());
    olm_account_mark_keys_as_published(party->account);
    const char *key = strstr(json, "{\"curve25519\":{\"");
    key = key ? strstr(key + strlen("{\"curve25519\":{\""), "\":\"") : NULL;
    need_peer(key);
    memcpy(out, key + 3, KEY_CHARS);
}

static void seal(struct party *from, struct message *out)
{
    static const char letter[LETTER_BYTES];
    out->type = olm_encrypt_message_type(from->session);
    out->size = olm_encrypt(from->session, letter, sizeof(letter), fresh(),
        olm_encrypt_random_length(from->session), out->bytes,
        sizeof(out->bytes));
    need_peer(out->size != olm_error());
}

static void open(struct party *to, const struct message *message)
{
    char bytes[MESSAGE_BYTES], plain[MESSAGE_BYTES];
    memcpy(bytes, message->bytes, message->size);
    need_peer(olm_decrypt(to->session, message->type, bytes, message->size,
                  plain, sizeof(plain)) == LETTER_BYTES);
}

static void meet(struct party *a, struct party *b, const char prekey[KEY_CHARS])
{
    static struct message first;
    char bytes[MESSAGE_BYTES];
    need_peer(olm_create_outbound_session(a->session, a->account, b->identity,
                  KEY_CHARS, prekey, KEY_CHARS, fresh(),
                  olm_create_outbound_session_random_length(a->session)) !=
              olm_error());
    seal(a, &first);
    memcpy(bytes, first.bytes, first.size);
    need_peer(olm_create_inbound_session(
                  b->session, b->account, bytes, first.size) != olm_error());
    open(b, &first);
    need_peer(olm_remove_one_time_keys(b->account, b->session) != olm_error());
}

static double measure_set_up(struct party *a, struct party *b)
{
    double blocks[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double spent = 0;
        for (int i = 0; i < SET_UPS; i++) {
            char prekey[KEY_CHARS];
            new_prekey(b, prekey);
            double start = now_us();
            meet(a, b, prekey);
            spent += now_us() - start;
        }
        blocks[block] = spent / SET_UPS;
    }
    return median(blocks);
}

static double measure_step(struct party *a, struct party *b)
{
    static struct message message;
    double blocks[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double spent = 0;
        for (int i = 0; i < TURNS; i++) {
            seal(i % 2 ? a : b, &message);
            double start = now_us();
            open(i % 2 ? b : a, &message);
            spent += now_us() - start;
        }
        blocks[block] = spent / TURNS;
    }
    return median(blocks);
}

static void measure_chain(
    struct party *a, struct party *b, struct figures *figures)
{
    static struct message messages[CHAIN_LETTERS];
    double seals[BLOCKS], opens[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double start = now_us();
        for (int i = 0; i < CHAIN_LETTERS; i++)
            seal(a, &messages[i]);
        double middle = now_us();
        for (int i = 0; i < CHAIN_LETTERS; i++)
            open(b, &messages[i]);
        seals[block] = (middle - start) / CHAIN_LETTERS;
        opens[block] = (now_us() - middle) / CHAIN_LETTERS;
    }
    figures->seal = median(seals);
    figures->open = median(opens);
}

const char *peer_olm(struct figures *out)
{
    struct party a, b;
    party_begin(&a);
    party_begin(&b);
    out->set_up = measure_set_up(&a, &b);
    out->step = measure_step(&a, &b);
    measure_chain(&a, &b, out);
    party_end(&a);
    party_end(&b);
    return NULL;
}
