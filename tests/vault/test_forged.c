/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes damaged, forged, again or from oneself leaves no mark in a vault:
 * no record, no word to the mesh, none to its person.  And proofs of delivery
 * that prove nothing. */
#include "tests/vault/other.h"

enum { MINUTE_MS = 60000 };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];

/* All that is seen of a vault from outside. */
struct mark {
    uint8_t disk[32];
    size_t files, submits, releases, letters, outbox, sessions;
};

static struct mark look(const struct person *person)
{
    struct mark mark = {.files = person->disk.count,
        .submits = person->submits,
        .releases = person->releases,
        .letters = person->note_letters,
        .outbox = person->note_outbox,
        .sessions = person->note_sessions};
    for (size_t i = 0; i < person->disk.count; i++) {
        const struct disk_file *file = &person->disk.files[i];
        uint8_t hash[32];
        hash_labelled(
            hash, 32, "test mark", (struct span){file->blob, file->size});
        for (size_t j = 0; j < 32; j++)
            mark.disk[j] ^= hash[j];
    }
    return mark;
}

static bool is_unmarked(const struct person *person, const struct mark *before)
{
    struct mark now = look(person);
    return memcmp(&now, before, sizeof(now)) == 0;
}

/* Whether a copy of an envelope with any one byte flipped, but of its stamp,
 * leaves no mark. */
static bool copies_leave_none(struct person *person, struct carried *carried)
{
    struct mark before = look(person);
    size_t size = carried->envelope.encoding.size;
    bool all = true;
    for (size_t at = 0; at < size; at++) {
        if (at >= ENVELOPE_AT_STAMP &&
            at < ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES)
            continue;
        carried->bytes[at] ^= 1;
        hand(person, carried->bytes, size);
        all &= is_unmarked(person, &before);
        carried->bytes[at] ^= 1;
    }
    return all;
}

/* Nothing that is sent now arrives by itself. */
static void lose_all(bool lose)
{
    world.loss_percent = lose ? 100 : 0;
}

static struct carried *last_carried(void)
{
    need(world.carried_count > 0);
    return &world.carried[world.carried_count - 1];
}

/* The last first contact that was made with a vault. */
static struct carried *last_intro(const struct person *to)
{
    for (size_t i = world.carried_count; i-- > 0;) {
        const struct tag_entry *entry =
            tags_find(to->vault->opened->tags, &world.carried[i].envelope.tag);
        if (entry && entry->kind == TAG_INTRO)
            return &world.carried[i];
    }
    need(!"a first contact was made");
    return NULL;
}

static void test_letters(void)
{
    world_init(&world, 2, 51);
    world_meet(&world);
    need(ask_send(ann, "bo", "first")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    lose_all(true);
    need(ask_send(ann, "bo", "whole")->kind == CONTROL_SENT);
    struct carried *letter = last_carried();
    ok(copies_leave_none(bo, letter), "no damaged letter leaves a mark");
    hand(bo, letter->bytes, letter->envelope.encoding.size);
    ok(bo->note_letters == 2 && strcmp(bo->last_text, "whole") == 0,
        "and the whole one comes");
    world_free(&world);
}

static void test_intros(void)
{
    char card[INVITE_TEXT_CHARS + 1];
    world_init(&world, 3, 52);
    world_meet(&world);
    strcpy(card, person_card(ann));
    lose_all(true);
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(cy, "ann", "hello")->kind == CONTROL_SENT);
    struct carried *intro = last_intro(ann);
    ok(copies_leave_none(ann, intro), "no damaged first contact does");
    hand(ann, intro->bytes, intro->envelope.encoding.size);
    ok(disk_count(&ann->disk, RECORD_REQUEST) == 1, "a whole one is a request");

    struct control_request request = {.method = CONTROL_ID, .invite = true};
    need(person_ask(ann, &request)->kind == CONTROL_CARD);
    strcpy(card, ann->answer.card);
    need(ask_add(bo, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    intro = last_intro(ann);
    ok(copies_leave_none(ann, intro), "nor does one through an invite");
    hand(ann, intro->bytes, intro->envelope.encoding.size);
    ok(disk_count(&ann->disk, RECORD_INVITE) == 0, "which a whole one uses up");
    world_free(&world);
}

static void test_again(void)
{
    static struct other eve;
    struct card card;
    world_init(&world, 2, 53);
    world_meet(&world);
    card_of(ann, &card);
    other_begin(&eve, &world, 77, &card);
    other_hand_intro(&eve, ann);
    need(disk_count(&ann->disk, RECORD_REQUEST) == 1);
    struct mark before = look(ann);
    other_hand_intro(&eve, ann);
    ok(is_unmarked(ann, &before), "a stranger's repeat leaves no mark");
    other_contact(&eve, &card);
    other_hand_intro(&eve, ann);
    ok(!is_unmarked(ann, &before) &&
            disk_count(&ann->disk, RECORD_REQUEST) == 1,
        "what they begin anew takes the place of it");

    char text[CARD_TEXT_CHARS + 1];
    card_to_text(&eve.card, text);
    need(ask_add(ann, "eve", text)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    size_t releases = ann->releases;
    other_hand_intro(&eve, ann);
    world_run(&world, MINUTE_MS);
    ok(ann->releases == releases + 1 &&
            disk_count(&ann->disk, RECORD_SESSION) == 1,
        "a contact's repeat is confirmed, and begins nothing");

    size_t letters = ann->note_letters;
    static const uint8_t noise[40] = {0xc1};
    other_say_bytes(&eve, ann, (struct span){noise, sizeof(noise)});
    ok(ann->note_letters == letters &&
            disk_count(&ann->disk, RECORD_INBOX) == 0,
        "what opens and is no letter is shown to nobody");
    other_end(&eve);
    world_free(&world);
}

/* Who has one's identity, such as a home of before, is not oneself a
 * stranger. */
static void test_own(void)
{
    static struct other self;
    struct card card;
    world_init(&world, 2, 54);
    world_meet(&world);
    card_of(ann, &card);
    other_begin(&self, &world, 78, &card);
    self.identity = ann->vault->opened->identity;
    self.card = card;
    other_contact(&self, &card);
    struct mark before = look(ann);
    other_hand_intro(&self, ann);
    ok(is_unmarked(ann, &before), "one's own first contact is no request");
    other_end(&self);
    world_free(&world);
}

static void clear(struct person *person, const struct envelope_id *id,
    const struct opening *opening)
{
    struct port_message message = {.type = PORT_CLEARED};
    message.receipt.id = *id;
    message.receipt.opening = *opening;
    struct vault_event event = {.kind = VAULT_PORT, .port = &message};
    person_step(person, &event);
    run_errands(person);
}

static void test_receipts(void)
{
    world_init(&world, 2, 55);
    world_meet(&world);
    need(ask_send(ann, "bo", "first")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    lose_all(true);
    need(ask_send(ann, "bo", "second")->kind == CONTROL_SENT);
    size_t at = world.carried_count - 1;
    hand(bo, world.carried[at].bytes, world.carried[at].envelope.encoding.size);
    world_run(&world, MINUTE_MS);
    need(world.carried[at].cleared);
    struct envelope_id id = world.carried[at].id;
    struct opening opening = world.carried[at].opening;
    struct mark before = look(ann);
    opening.bytes[31] ^= 1;
    clear(ann, &id, &opening);
    ok(is_unmarked(ann, &before), "a forged receipt delivers nothing");
    opening.bytes[31] ^= 1;
    id.bytes[15] ^= 1;
    clear(ann, &id, &opening);
    ok(is_unmarked(ann, &before), "nor does one of an id that begins alike");
    id.bytes[15] ^= 1;
    clear(ann, &id, &opening);
    ok(!is_unmarked(ann, &before) && ann->last_outbox == OUTBOX_DELIVERED,
        "the true one does");
    world_free(&world);
}

int main(void)
{
    test_letters();
    test_intros();
    test_again();
    test_own();
    test_receipts();
    return tap_done();
}
