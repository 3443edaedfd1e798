/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After a lock, no secret of the vault is anywhere in the process: all of its
 * writable memory is searched.  What is searched for is kept inverted, so that
 * the search does not find itself. */
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, SECRETS = 8, SECRET_BYTES = 32 };

struct secret {
    const char *what;
    size_t size;
    uint8_t inverted[SECRET_BYTES];
};

static struct world world;
static struct secret secrets[SECRETS];
static size_t secret_count;

static void remember(const char *what, const void *bytes, size_t size)
{
    struct secret *secret = &secrets[secret_count++];
    const uint8_t *at = bytes;
    secret->what = what;
    secret->size = size;
    for (size_t i = 0; i < size; i++)
        secret->inverted[i] = (uint8_t)~at[i];
}

static bool is_at(const struct secret *secret, const volatile uint8_t *at)
{
    for (size_t i = 0; i < secret->size; i++)
        if ((at[i] ^ secret->inverted[i]) != 0xff)
            return false;
    return true;
}

static size_t search(
    const struct secret *secret, const uint8_t *from, const uint8_t *to)
{
    size_t found = 0;
    for (const uint8_t *at = from; at + secret->size <= to; at++)
        found += is_at(secret, at);
    return found;
}

/* How often it is in the heap, in guarded memory and among the globals: all
 * that is writable but the stack. */
static size_t search_all(const struct secret *secret)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    need(maps);
    char line[512];
    size_t found = 0;
    while (fgets(line, sizeof(line), maps)) {
        unsigned long from;
        unsigned long to;
        char mode[8];
        need(sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3);
        if (strncmp(mode, "rw", 2) != 0 || strstr(line, "[stack]"))
            continue;
        found += search(secret, (const uint8_t *)from, (const uint8_t *)to);
    }
    fclose(maps);
    return found;
}

static void remember_all(const struct opened *opened)
{
    const struct session *session = rows_at(&opened->sessions.rows, 0);
    remember("signing key", opened->identity.sign_seed, 32);
    remember("agreement key", opened->identity.agree_secret, 32);
    remember("address", opened->identity.address, 32);
    remember("prekey", opened->prekeys.list[0].secret, 32);
    remember("record key", opened->records.keys[RECORD_SESSION], 32);
    remember("root key", session->ratchet.root, 32);
    need(session->ratchet.sent > 0); /* else its key is zeros */
    remember("chain key", session->ratchet.send_chain_key, 32);
}

/* A text that no literal in this program spells. */
static void make_text(char out[static 25])
{
    for (int i = 0; i < 24; i++)
        out[i] = (char)('a' + (i * 7 + 3) % 26);
    out[24] = 0;
}

int main(void)
{
#ifdef __SANITIZE_ADDRESS__
    tap_skip("no secret is left", "the sanitizer's own memory is in the way");
    return tap_done();
#endif
    world_init(&world, 2, 1);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    char text[25];
    make_text(text);
    ask_send(a, "bo", text);
    world_run(&world, MINUTE_MS);
    ask_send(b, "ann", text);
    world_run(&world, MINUTE_MS);
    ask_word(a, CONTROL_READ, "");
    ask_word(b, CONTROL_READ, "");
    world_run(&world, MINUTE_MS);
    ask_send(a, "bo", "so that a chain is begun");
    remember_all(a->vault->opened);
    remember("text", text, sizeof(text) - 1);
    secret_wipe(text, sizeof(text));
    secret_wipe(&a->answer, sizeof(a->answer));
    secret_wipe(&b->answer, sizeof(b->answer));
    secret_wipe(a->last_text, sizeof(a->last_text));
    secret_wipe(b->last_text, sizeof(b->last_text));
    size_t before = 0;
    for (size_t i = 0; i + 1 < secret_count; i++)
        before += search_all(&secrets[i]) > 0;
    ok(before == secret_count - 1, "the search finds every key while unlocked");
    ask_word(a, CONTROL_LOCK, "");
    ask_word(b, CONTROL_LOCK, "");
    for (size_t i = 0; i < secret_count; i++)
        ok(search_all(&secrets[i]) == 0, secrets[i].what);
    world_free(&world);
    return tap_done();
}
