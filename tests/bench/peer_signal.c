/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signal's libsignal-protocol-c, through its session builder and cipher with
 * stores in memory, as its clients use it: each message loads and stores the
 * session's record.  Its cipher and hashes are what a client brings: OpenSSL's
 * AES, and libsodium's SHA-2. */
#include <openssl/evp.h>
#include <signal/curve.h>
#include <signal/key_helper.h>
#include <signal/protocol.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>
#include <signal/session_pre_key.h>
#include <signal/signal_protocol.h>
#include <sodium.h>
#include <string.h>

#include "tests/bench/peer.h"

/* The primitives. */

static int fill(uint8_t *data, size_t size, void *user)
{
    (void)user;
    randombytes_buf(data, size);
    return 0;
}

static int give(signal_buffer **out, const uint8_t *bytes, size_t size)
{
    *out = signal_buffer_create(bytes, size);
    return *out ? 0 : SG_ERR_NOMEM;
}

static int hmac_begin(
    void **context, const uint8_t *key, size_t size, void *user)
{
    (void)user;
    crypto_auth_hmacsha256_state *state = malloc(sizeof(*state));
    need_peer(state);
    crypto_auth_hmacsha256_init(state, key, size);
    *context = state;
    return 0;
}

static int hmac_add(void *context, const uint8_t *data, size_t size, void *user)
{
    (void)user;
    return crypto_auth_hmacsha256_update(context, data, size);
}

static int hmac_end(void *context, signal_buffer **out, void *user)
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    (void)user;
    crypto_auth_hmacsha256_final(context, mac);
    return give(out, mac, sizeof(mac));
}

static void context_free(void *context, void *user)
{
    (void)user;
    free(context);
}

static int sha_begin(void **context, void *user)
{
    (void)user;
    crypto_hash_sha512_state *state = malloc(sizeof(*state));
    need_peer(state);
    crypto_hash_sha512_init(state);
    *context = state;
    return 0;
}

static int sha_add(void *context, const uint8_t *data, size_t size, void *user)
{
    (void)user;
    return crypto_hash_sha512_update(context, data, size);
}

static int sha_end(void *context, signal_buffer **out, void *user)
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    (void)user;
    crypto_hash_sha512_final(context, hash);
    return give(out, hash, sizeof(hash));
}

/* One call either way; the library's two modes are CBC and CTR, and a session
 * uses the first. */
static int aes(signal_buffer **out, int encrypts, int cipher,
    const uint8_t *key, size_t key_size, const uint8_t *iv, const uint8_t *text,
    size_t size)
{
    need_peer(cipher == SG_CIPHER_AES_CBC_PKCS5 && key_size == 32);
    uint8_t bytes[2048];
    int done = 0, rest = 0;
    need_peer(size + 16 <= sizeof(bytes));
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int good = context &&
               EVP_CipherInit_ex(
                   context, EVP_aes_256_cbc(), NULL, key, iv, encrypts) &&
               EVP_CipherUpdate(context, bytes, &done, text, (int)size) &&
               EVP_CipherFinal_ex(context, bytes + done, &rest);
    EVP_CIPHER_CTX_free(context);
    return good ? give(out, bytes, (size_t)(done + rest)) : SG_ERR_UNKNOWN;
}

static int encrypt(signal_buffer **out, int cipher, const uint8_t *key,
    size_t key_size, const uint8_t *iv, size_t iv_size, const uint8_t *text,
    size_t size, void *user)
{
    (void)user, (void)iv_size;
    return aes(out, 1, cipher, key, key_size, iv, text, size);
}

static int decrypt(signal_buffer **out, int cipher, const uint8_t *key,
    size_t key_size, const uint8_t *iv, size_t iv_size, const uint8_t *text,
    size_t size, void *user)
{
    (void)user, (void)iv_size;
    return aes(out, 0, cipher, key, key_size, iv, text, size);
}

static const signal_crypto_provider provider = {
    .random_func = fill,
    .hmac_sha256_init_func = hmac_begin,
    .hmac_sha256_update_func = hmac_add,
    .hmac_sha256_final_func = hmac_end,
    .hmac_sha256_cleanup_func = context_free,
    .sha512_digest_init_func = sha_begin,
    .sha512_digest_update_func = sha_add,
    .sha512_digest_final_func = sha_end,
    .sha512_digest_cleanup_func = context_free,
    .encrypt_func = encrypt,
    .decrypt_func = decrypt,
};

/* The stores: one of each thing is all that two people need. */

struct party {
    signal_context *context;
    signal_protocol_store_context *store;
    ratchet_identity_key_pair *identity;
    session_signed_pre_key *signed_prekey;
    signal_buffer *record; /* of the session */
    signal_buffer *prekey;
    signal_buffer *signed_record;
    signal_protocol_address other;
    session_cipher *cipher;
};

static int copy(signal_buffer **out, signal_buffer *kept)
{
    return give(out, signal_buffer_data(kept), signal_buffer_len(kept));
}

static int session_load(signal_buffer **record, signal_buffer **user_record,
    const signal_protocol_address *address, void *user)
{
    struct party *party = user;
    (void)user_record, (void)address;
    if (!party->record)
        return 0;
    int failed = copy(record, party->record);
    return failed ? failed : 1;
}

static int session_store(const signal_protocol_address *address,
    uint8_t *record, size_t size, uint8_t *user_record, size_t user_size,
    void *user)
{
    struct party *party = user;
    (void)address, (void)user_record, (void)user_size;
    signal_buffer_free(party->record);
    return give(&party->record, record, size);
}

static int session_contains(const signal_protocol_address *address, void *user)
{
    struct party *party = user;
    (void)address;
    return party->record != NULL;
}

static int prekey_load(signal_buffer **record, uint32_t id, void *user)
{
    struct party *party = user;
    (void)id;
    int failed = copy(record, party->prekey);
    return failed ? failed : SG_SUCCESS;
}

static int prekey_contains(uint32_t id, void *user)
{
    (void)id, (void)user;
    return 1;
}

static int prekey_remove(uint32_t id, void *user)
{
    (void)id, (void)user;
    return 0;
}

static int signed_load(signal_buffer **record, uint32_t id, void *user)
{
    struct party *party = user;
    (void)id;
    return copy(record, party->signed_record);
}

static int identity_get(
    signal_buffer **public_, signal_buffer **private_, void *user)
{
    struct party *party = user;
    int failed = ec_public_key_serialize(
        public_, ratchet_identity_key_pair_get_public(party->identity));
    return failed ? failed
                  : ec_private_key_serialize(private_,
                        ratchet_identity_key_pair_get_private(party->identity));
}

static int registration_get(void *user, uint32_t *id)
{
    (void)user;
    *id = 1;
    return 0;
}

static int identity_save(const signal_protocol_address *address, uint8_t *key,
    size_t size, void *user)
{
    (void)address, (void)key, (void)size, (void)user;
    return 0;
}

static int identity_trusted(const signal_protocol_address *address,
    uint8_t *key, size_t size, void *user)
{
    (void)address, (void)key, (void)size, (void)user;
    return 1;
}

static void stores_set(struct party *party)
{
    signal_protocol_session_store sessions = {.load_session_func = session_load,
        .store_session_func = session_store,
        .contains_session_func = session_contains,
        .user_data = party};
    signal_protocol_pre_key_store prekeys = {.load_pre_key = prekey_load,
        .contains_pre_key = prekey_contains,
        .remove_pre_key = prekey_remove,
        .user_data = party};
    signal_protocol_signed_pre_key_store signeds = {
        .load_signed_pre_key = signed_load, .user_data = party};
    signal_protocol_identity_key_store identities = {
        .get_identity_key_pair = identity_get,
        .get_local_registration_id = registration_get,
        .save_identity = identity_save,
        .is_trusted_identity = identity_trusted,
        .user_data = party};
    signal_protocol_store_context *store = party->store;
    need_peer(
        !signal_protocol_store_context_set_session_store(store, &sessions) &&
        !signal_protocol_store_context_set_pre_key_store(store, &prekeys) &&
        !signal_protocol_store_context_set_signed_pre_key_store(
            store, &signeds) &&
        !signal_protocol_store_context_set_identity_key_store(
            store, &identities));
}

/* People. */

static void party_begin(struct party *party, signal_context *context)
{
    *party = (struct party){.context = context};
    party->other = (signal_protocol_address){"other", 5, 1};
    need_peer(!signal_protocol_store_context_create(&party->store, context));
    stores_set(party);
    need_peer(!signal_protocol_key_helper_generate_identity_key_pair(
        &party->identity, context));
    need_peer(!signal_protocol_key_helper_generate_signed_pre_key(
        &party->signed_prekey, party->identity, 1, 1, context));
    need_peer(!session_signed_pre_key_serialize(
        &party->signed_record, party->signed_prekey));
    need_peer(!session_cipher_create(
        &party->cipher, party->store, &party->other, context));
}

static void party_end(struct party *party)
{
    session_cipher_free(party->cipher);
    signal_protocol_store_context_destroy(party->store);
    signal_buffer_free(party->record);
    signal_buffer_free(party->prekey);
    signal_buffer_free(party->signed_record);
    SIGNAL_UNREF(party->signed_prekey);
    SIGNAL_UNREF(party->identity);
}

static session_pre_key_bundle *bundle_new(struct party *party)
{
    signal_protocol_key_helper_pre_key_list_node *keys;
    session_pre_key_bundle *bundle;
    need_peer(!signal_protocol_key_helper_generate_pre_keys(
        &keys, 1, 1, party->context));
    session_pre_key *key = signal_protocol_key_helper_key_list_element(keys);
    signal_buffer_free(party->prekey);
    need_peer(!session_pre_key_serialize(&party->prekey, key));
    need_peer(!session_pre_key_bundle_create(&bundle, 1, 1,
        session_pre_key_get_id(key),
        ec_key_pair_get_public(session_pre_key_get_key_pair(key)), 1,
        ec_key_pair_get_public(
            session_signed_pre_key_get_key_pair(party->signed_prekey)),
        session_signed_pre_key_get_signature(party->signed_prekey),
        session_signed_pre_key_get_signature_len(party->signed_prekey),
        ratchet_identity_key_pair_get_public(party->identity)));
    signal_protocol_key_helper_key_list_free(keys);
    return bundle;
}

static ciphertext_message *seal(struct party *from)
{
    static const uint8_t letter[LETTER_BYTES];
    ciphertext_message *message;
    need_peer(!session_cipher_encrypt(
        from->cipher, letter, sizeof(letter), &message));
    return message;
}

static void open(struct party *to, ciphertext_message *message)
{
    signal_buffer *bytes = ciphertext_message_get_serialized(message);
    signal_buffer *plain = NULL;
    uint8_t *data = signal_buffer_data(bytes);
    size_t size = signal_buffer_len(bytes);
    if (ciphertext_message_get_type(message) == CIPHERTEXT_PREKEY_TYPE) {
        pre_key_signal_message *first;
        need_peer(!pre_key_signal_message_deserialize(
            &first, data, size, to->context));
        need_peer(!session_cipher_decrypt_pre_key_signal_message(
            to->cipher, first, NULL, &plain));
        SIGNAL_UNREF(first);
    } else {
        signal_message *next;
        need_peer(!signal_message_deserialize(&next, data, size, to->context));
        need_peer(!session_cipher_decrypt_signal_message(
            to->cipher, next, NULL, &plain));
        SIGNAL_UNREF(next);
    }
    need_peer(signal_buffer_len(plain) == LETTER_BYTES);
    signal_buffer_free(plain);
    SIGNAL_UNREF(message);
}

/* Measuring. */

static double measure_set_up(struct party *a, struct party *b)
{
    double blocks[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double spent = 0;
        for (int i = 0; i < SET_UPS; i++) {
            session_builder *builder;
            session_pre_key_bundle *bundle = bundle_new(b);
            signal_buffer_free(a->record);
            signal_buffer_free(b->record);
            a->record = b->record = NULL;
            double start = now_us();
            need_peer(!session_builder_create(
                &builder, a->store, &a->other, a->context));
            need_peer(!session_builder_process_pre_key_bundle(builder, bundle));
            open(b, seal(a));
            spent += now_us() - start;
            session_builder_free(builder);
            SIGNAL_UNREF(bundle);
        }
        blocks[block] = spent / SET_UPS;
    }
    return median(blocks);
}

static double measure_step(struct party *a, struct party *b)
{
    double blocks[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double spent = 0;
        for (int i = 0; i < TURNS; i++) {
            ciphertext_message *message = seal(i % 2 ? a : b);
            double start = now_us();
            open(i % 2 ? b : a, message);
            spent += now_us() - start;
        }
        blocks[block] = spent / TURNS;
    }
    return median(blocks);
}

static void measure_chain(
    struct party *a, struct party *b, struct figures *figures)
{
    static ciphertext_message *messages[CHAIN_LETTERS];
    double seals[BLOCKS], opens[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double start = now_us();
        for (int i = 0; i < CHAIN_LETTERS; i++)
            messages[i] = seal(a);
        double middle = now_us();
        for (int i = 0; i < CHAIN_LETTERS; i++)
            open(b, messages[i]);
        seals[block] = (middle - start) / CHAIN_LETTERS;
        opens[block] = (now_us() - middle) / CHAIN_LETTERS;
    }
    figures->seal = median(seals);
    figures->open = median(opens);
}

const char *peer_signal(struct figures *out)
{
    struct party a, b;
    signal_context *context;
    need_peer(!signal_context_create(&context, NULL));
    need_peer(!signal_context_set_crypto_provider(context, &provider));
    party_begin(&a, context);
    party_begin(&b, context);
    out->set_up = measure_set_up(&a, &b);
    out->step = measure_step(&a, &b);
    measure_chain(&a, &b, out);
    party_end(&a);
    party_end(&b);
    signal_context_destroy(context);
    return NULL;
}
