/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records that verify, and hold what no vault of this version writes: they are
 * named, and nothing is opened with half of them. */
#include "crypto/intro.h"
#include "crypto/seal.h"
#include "proto/card.h"
#include "tests/vault/pair.h"
#include "vault/backup.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, PLAIN_BYTES = 8192 };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const cy = &world.people[2];
static struct records records;
static uint8_t plain[PLAIN_BYTES];

static struct span place_of(const struct disk_file *file, uint8_t out[static 9])
{
    out[0] = (uint8_t)file->kind;
    for (int i = 0; i < 8; i++)
        out[1 + i] = (uint8_t)(file->row >> (56 - 8 * i));
    return (struct span){out, 9};
}

/* Change the first byte of a part of a record. */
static void change(struct disk_file *file, struct span part, uint8_t by)
{
    uint8_t bytes[9];
    struct span place = place_of(file, bytes);
    size_t size;
    need(file->size <= PLAIN_BYTES);
    need(!record_open(records.keys[file->kind], place,
        (struct span){file->blob, file->size}, plain, &size));
    size_t at = 0;
    while (at + part.size <= size && memcmp(plain + at, part.data, part.size))
        at++;
    need(at + part.size <= size);
    plain[at] ^= by;
    record_seal(records.keys[file->kind], place, (struct span){plain, size},
        &ann->random.base, file->blob);
}

/* Whether a vault with that part of a record changed says which record it is,
 * and stays shut; the first of its kind that has the part. */
static bool is_named(
    enum record_kind kind, struct span part, uint8_t by, const char *word)
{
    struct disk_file *file = NULL;
    for (size_t i = 0; i < ann->disk.count && !file; i++)
        if (ann->disk.files[i].kind == kind)
            file = &ann->disk.files[i];
    need(file);
    records = ann->vault->opened->records;
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    uint8_t *was = malloc(file->size);
    need(was);
    memcpy(was, file->blob, file->size);
    change(file, part, by);
    struct answer *answer = ask_word(ann, CONTROL_UNLOCK, "ann");
    bool named =
        answer->status == STATUS_REFUSED && strstr(answer->message, word);
    memcpy(file->blob, was, file->size);
    free(was);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    return named;
}

static struct span card_bytes(
    const struct card *card, uint8_t out[static CARD_BYTES])
{
    card_encode(card, out);
    return (struct span){out, CARD_BYTES};
}

/* Ann knows bo, and another card came under his name. */
static void test_contacts(void)
{
    uint8_t bytes[CARD_BYTES];
    char card[CARD_TEXT_CHARS + 1];
    world_init(&world, 3, 61);
    world_meet(&world);
    strcpy(card, person_card(cy));
    need(ask_add(ann, "bo", card)->kind == CONTROL_ERROR);
    const struct contact *contact =
        rows_at(&ann->vault->opened->contacts.rows, 0);
    struct card known = contact->card, offered = contact->offered;
    ok(is_named(RECORD_CONTACT, card_bytes(&known, bytes), 8, "contact"),
        "a contact whose card is of a suite that is not known is named");
    ok(is_named(RECORD_CONTACT, card_bytes(&offered, bytes), 8, "contact"),
        "and so is one to whom such a card was offered");
    world_free(&world);
}

static void test_sessions(void)
{
    uint8_t ratchet[RATCHET_BYTES], intro[KEM_INTRO_BYTES];
    world_init(&world, 2, 62);
    world_meet(&world);
    world.loss_percent = 100;
    need(ask_send(ann, "bo", "hello")->kind == CONTROL_SENT);
    const struct session *session =
        rows_at(&ann->vault->opened->sessions.rows, 0);
    ratchet_encode(&session->ratchet, ratchet);
    size_t intro_bytes = intro_encode(&session->intro, intro);
    ok(is_named(RECORD_SESSION, (struct span){ratchet, sizeof(ratchet)}, 8,
           "session"),
        "a session of a format that is not known is named");
    ok(is_named(
           RECORD_SESSION, (struct span){intro, intro_bytes}, 8, "session"),
        "and so is one whose first contact is");
    world_free(&world);
}

static void test_requests(void)
{
    uint8_t bytes[CARD_BYTES];
    char card[CARD_TEXT_CHARS + 1];
    world_init(&world, 3, 63);
    world_meet(&world);
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(cy, "ann", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    const struct rows *rows = &ann->vault->opened->strangers.rows;
    need(rows->count == 1);
    struct card theirs =
        ((const struct stranger *)rows_at(rows, 0))->opened.card;
    ok(is_named(RECORD_REQUEST, card_bytes(&theirs, bytes), 8, "request"),
        "a request under a card of a suite that is not known is named");
    world_free(&world);
}

/* A group without its beginning, or under another id. */
static void test_groups(void)
{
    world_init(&world, 1, 64);
    need(ask_word(ann, CONTROL_INIT, "ann")->kind == CONTROL_CARD);
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    const struct vault_group *group =
        rows_at(&ann->vault->opened->groups.rows, 0);
    struct group_id id = group->id;
    ok(is_named(
           RECORD_GROUP, (struct span){id.bytes, sizeof(id.bytes)}, 1, "group"),
        "a group that began as another is named");
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_GROUP_OP) {
            disk_delete(&ann->disk, RECORD_GROUP_OP, ann->disk.files[i].row);
            break;
        }
    struct answer *answer = ask_word(ann, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "group"),
        "and one whose beginning is gone");
    world_free(&world);
}

/* Behind the last record in a backup are zeros. */
static void test_end(void)
{
    static struct backup_stream stream;
    struct backup_item item;
    stream.size = 100;
    ok(backup_peek(&stream, &item) == STATUS_NOT_FOUND,
        "zeros end what is in a backup");
    stream.bytes[99] = 1;
    ok(backup_peek(&stream, &item) == STATUS_INVALID, "and nothing else");
}

int main(void)
{
    test_contacts();
    test_sessions();
    test_requests();
    test_groups();
    test_end();
    return tap_done();
}
