/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What members try with the chains of others in a group: hand them over as
 * their own, write on them first, use up their keys. */
#include "crypto/group.h"
#include "crypto/roster.h"
#include "tests/vault/crowd.h"
#include "tests/vault/other.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

static struct world world;
static struct person *const ann = &world.people[0];

static const struct vault_group *first_group(const struct person *person)
{
    const struct rows *rows = &person->vault->opened->groups.rows;
    return rows->count ? rows_at(rows, 0) : NULL;
}

/* Let somebody into ann's group, under a key. */
static struct group_id let_in(struct other *other, const char *name)
{
    static struct letter heard;
    struct roster_key key;
    roster_key_generate(&key, &other->random.base);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", name)->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    need(other_hears(other, LETTER_GROUP_INVITE, &heard));
    struct letter join = {
        .type = LETTER_GROUP_JOIN, .group = heard.group, .card = other->card};
    memcpy(join.join_key, key.public_, 32);
    other_say(other, ann, join);
    return join.group;
}

/* Somebody's own chain in ann's group, and what they write on it. */
struct writer {
    struct other *by;
    struct group_id group;
    struct group_sender sender;
};

static void writer_begin(
    struct writer *writer, struct other *by, const struct group_id *group)
{
    *writer = (struct writer){.by = by, .group = *group};
    group_sender_begin(&writer->sender, &by->random.base);
}

/* Say that the chain, from where it is now, is somebody's. */
static void hand_over(const struct writer *writer, struct other *by)
{
    struct group_view view;
    struct letter key = {.type = LETTER_GROUP_KEY, .group = writer->group};
    roster_view(&first_group(ann)->roster, &view);
    memcpy(key.view, view.bytes, sizeof(key.view));
    group_sender_hand(&writer->sender, &key.key);
    other_say(by, ann, key);
}

/* What a writer's next letter is in; it says the same as all, and its id begins
 * as its writer's fingerprint does. */
static void write_next(struct writer *writer, struct sealed *out)
{
    uint8_t plain[64];
    size_t size = 0;
    struct group_view view;
    roster_view(&first_group(ann)->roster, &view);
    struct letter text = {.type = LETTER_TEXT,
        .sent_at_s = world.clock_s,
        .expires_h = world_now_h(&world) + 100,
        .text = span_of_text("words of eve")};
    random_fill(&writer->by->random.base, text.id.bytes, sizeof(text.id.bytes));
    text.id.bytes[0] = writer->by->fingerprint.bytes[0];
    need(!letter_encode(&text, plain, sizeof(plain), &size));
    const struct group_message message = {
        {&writer->group, &writer->by->fingerprint}, &view, {plain, size},
        world_now_h(&world) + 100};
    need(!group_seal(&writer->sender, &message, &writer->by->random.base, out));
}

/* How many letters ann is shown of one envelope. */
static size_t shown_of(const struct sealed *sealed)
{
    size_t before = ann->note_letters;
    hand(ann, sealed->encoding, sealed->size);
    return ann->note_letters - before;
}

/* What eve hands over opens nothing twice, and a damaged letter nothing. */
static void test_keys(void)
{
    static struct other eve;
    static struct sealed sealed;
    static struct writer writer;
    world_init(&world, 1, 76);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&eve, ann, "eve", 5);
    struct group_id group = let_in(&eve, "eve");
    writer_begin(&writer, &eve, &group);
    hand_over(&writer, &eve);
    hand_over(&writer, &eve);
    ok(disk_count(&ann->disk, RECORD_GROUP_KEY) == 1,
        "a key that is handed over twice is one");
    write_next(&writer, &sealed);
    size_t letters = 0, files = ann->disk.count;
    for (size_t at = ENVELOPE_AT_BODY; at < sealed.size; at += 7) {
        sealed.encoding[at] ^= 1;
        letters += shown_of(&sealed);
        sealed.encoding[at] ^= 1;
    }
    ok(letters == 0 && ann->disk.count == files,
        "a damaged letter to a group is shown to nobody");
    ok(shown_of(&sealed) == 1 && strcmp(ann->last_text, "words of eve") == 0,
        "and the whole one is");
    other_end(&eve);
    world_free(&world);
}

/* Mal, a member, hands over eve's chain as his own, and is there before her;
 * and does so again, from a later place. */
static void test_third_party_key(void)
{
    static struct other eve, mal;
    static struct sealed sealed;
    static struct writer writer;
    world_init(&world, 1, 79);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&eve, ann, "eve", 5);
    other_meet(&mal, ann, "mal", 6);
    let_in(&mal, "mal");
    struct group_id group = let_in(&eve, "eve");
    writer_begin(&writer, &eve, &group);
    hand_over(&writer, &mal);
    need(disk_count(&ann->disk, RECORD_GROUP_KEY) == 1);
    write_next(&writer, &sealed);
    ok(shown_of(&sealed) == 0,
        "a third party's key puts nobody's words in another's mouth");
    hand_over(&writer, &mal);
    hand_over(&writer, &eve);
    ok(disk_count(&ann->disk, RECORD_GROUP_KEY) == 3,
        "nor keeps its owner's out");
    write_next(&writer, &sealed);
    ok(shown_of(&sealed) == 1, "nor her letters, however often he says it");
    write_next(&writer, &sealed);
    write_next(&writer, &sealed);
    ok(shown_of(&sealed) == 1, "also when one between has not come");
    need(ask_word(ann, CONTROL_BLOCK, "mal")->kind == CONTROL_CONTACT_ROWS);
    write_next(&writer, &sealed);
    ok(shown_of(&sealed) == 1, "nor when he is blocked");
    other_end(&eve);
    other_end(&mal);
    world_free(&world);
}

/* Mal writes on eve's chain before she does: as himself, under a key of his own
 * that he has said goes with it; and as her, under a key that is not hers. */
static void test_burned_tags(void)
{
    static struct other eve, mal;
    static struct sealed first, second, forged;
    static struct writer writer, as_himself, as_her;
    world_init(&world, 1, 82);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&eve, ann, "eve", 5);
    other_meet(&mal, ann, "mal", 6);
    let_in(&mal, "mal");
    struct group_id group = let_in(&eve, "eve");
    writer_begin(&writer, &eve, &group);
    writer_begin(&as_himself, &mal, &group);
    memcpy(as_himself.sender.chain_key, writer.sender.chain_key, 32);
    memcpy(as_himself.sender.tag_key, writer.sender.tag_key, 32);
    as_her = as_himself;
    as_her.by = &eve;
    hand_over(&as_himself, &mal);
    hand_over(&writer, &eve);
    for (int i = 0; i < 3; i++) {
        write_next(&as_himself, &forged);
        need(shown_of(&forged) == 1);
        write_next(&as_her, &forged);
        need(shown_of(&forged) == 0);
    }
    write_next(&writer, &first);
    ok(shown_of(&first) == 1,
        "who writes under another's keys first, in whosever name, keeps no "
        "letter of theirs from anybody");
    write_next(&writer, &first);
    write_next(&writer, &second);
    size_t overtaken = shown_of(&second);
    ok(overtaken == 1 && shown_of(&first) == 1,
        "nor one that another has overtaken");
    other_end(&eve);
    other_end(&mal);
    world_free(&world);
}

/* Mal is there with what goes for a letter of eve's that was overtaken. */
static void test_burned_skipped(void)
{
    static struct other eve, mal;
    static struct sealed first, second, forged;
    static struct writer writer, as_her;
    world_init(&world, 1, 83);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&eve, ann, "eve", 5);
    other_meet(&mal, ann, "mal", 6);
    let_in(&mal, "mal");
    struct group_id group = let_in(&eve, "eve");
    writer_begin(&writer, &eve, &group);
    writer_begin(&as_her, &eve, &group);
    memcpy(as_her.sender.chain_key, writer.sender.chain_key, 32);
    memcpy(as_her.sender.tag_key, writer.sender.tag_key, 32);
    hand_over(&writer, &eve);
    hand_over(&writer, &mal);
    write_next(&writer, &first);
    write_next(&writer, &second);
    write_next(&as_her, &forged);
    need(memcmp(forged.encoding + ENVELOPE_AT_TAG,
             first.encoding + ENVELOPE_AT_TAG, 16) == 0);
    need(shown_of(&second) == 1);
    size_t files = disk_count(&ann->disk, RECORD_GROUP_SKIPPED);
    ok(files == 1 && shown_of(&forged) == 0 &&
            disk_count(&ann->disk, RECORD_GROUP_SKIPPED) == files,
        "what is not signed uses up no key that was kept");
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    ok(shown_of(&first) == 1, "and what it was kept for comes");
    other_end(&eve);
    other_end(&mal);
    world_free(&world);
}

/* An envelope lies on the shelf that ann's relay has. */
static void put_on_shelf(const struct sealed *sealed)
{
    struct envelope envelope;
    struct port_message message = {.type = PORT_SUBMIT,
        .envelope = {.id = sealed->id, .envelope = &envelope}};
    need(!envelope_decode(
        (struct span){sealed->encoding, sealed->size}, &envelope));
    mesh_submit(&world, 0, &message);
    for (size_t i = 0; i < world.flight_count; i++)
        if (world.flights[i].type == PORT_ENVELOPE)
            world.flights[i] = world.flights[--world.flight_count];
}

/* Eve's letters are there before her chain is: mal's word that it is his comes
 * between, and with each letter goes one of his in her name. */
static void test_shelf_first(void)
{
    enum { LETTERS = 5 };
    static struct other eve, mal;
    static struct sealed sealed[LETTERS], forged;
    static struct writer writer, as_her, handed;
    world_init(&world, 1, 84);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&eve, ann, "eve", 5);
    other_meet(&mal, ann, "mal", 6);
    let_in(&mal, "mal");
    struct group_id group = let_in(&eve, "eve");
    writer_begin(&writer, &eve, &group);
    writer_begin(&as_her, &eve, &group);
    memcpy(as_her.sender.chain_key, writer.sender.chain_key, 32);
    memcpy(as_her.sender.tag_key, writer.sender.tag_key, 32);
    handed = writer;
    hand_over(&handed, &mal);
    for (size_t i = 0; i < LETTERS; i++) {
        write_next(&as_her, &forged);
        put_on_shelf(&forged);
        write_next(&writer, &sealed[i]);
    }
    for (size_t i = LETTERS; i-- > 0;) /* the last is the first there */
        put_on_shelf(&sealed[i]);
    world_run(&world, MINUTE_MS);
    size_t before = ann->note_letters;
    hand_over(&handed, &eve);
    world_run(&world, MINUTE_MS);
    ok(ann->note_letters == before + LETTERS,
        "all that lies on the shelf comes when its chain is handed over, in "
        "whatever order it was written");
    other_end(&eve);
    other_end(&mal);
    world_free(&world);
}

/* Eve hands her chain over again from where it is, as who is not confirmed
 * does. */
static void test_again(void)
{
    static struct other eve;
    static struct sealed sealed;
    static struct writer writer;
    world_init(&world, 1, 81);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&eve, ann, "eve", 5);
    struct group_id group = let_in(&eve, "eve");
    writer_begin(&writer, &eve, &group);
    hand_over(&writer, &eve);
    write_next(&writer, &sealed);
    hand_over(&writer, &eve);
    const struct rows *chains = &ann->vault->opened->chains.rows;
    need(chains->count == 2);
    const struct groups_chain *first = rows_at(chains, 0);
    const struct groups_chain *second = rows_at(chains, 1);
    write_next(&writer, &sealed);
    ok(shown_of(&sealed) == 1 && first->receiver.head == 2 &&
            second->receiver.head == 1,
        "a letter that opens on one chain moves no other");
    other_end(&eve);
    world_free(&world);
}

/* Eve and mal write to the group, and ann's receipts tell each of their own. */
static void test_receipts(void)
{
    static struct other people[2];
    static struct sealed sealed;
    static struct letter heard;
    static struct writer writers[2];
    world_init(&world, 1, 80);
    world.config.receipt_mean_ms = 30000;
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&people[0], ann, "eve", 5);
    other_meet(&people[1], ann, "mal", 6);
    struct group_id group = let_in(&people[0], "eve");
    let_in(&people[1], "mal");
    world_run(&world, MINUTE_MS);
    for (size_t i = 0; i < 2; i++) {
        writer_begin(&writers[i], &people[i], &group);
        hand_over(&writers[i], &people[i]);
    }
    for (size_t i = 0; i < 6; i++) { /* in turn */
        write_next(&writers[i % 2], &sealed);
        need(shown_of(&sealed) == 1);
    }
    need(people[0].fingerprint.bytes[0] != people[1].fingerprint.bytes[0]);
    world_run(&world, 24ull * HOUR_MS);
    bool own = true;
    size_t receipts = 0, told = 0;
    for (size_t i = 0; i < 2; i++)
        while (other_hears(&people[i], LETTER_GROUP_RECEIPT, &heard)) {
            receipts++;
            told += heard.read_count;
            for (size_t j = 0; j < heard.read_count; j++)
                own &= heard.read[j].bytes[0] == people[i].fingerprint.bytes[0];
        }
    ok(own && told == 6, "nobody is told which letters of another's came");
    ok(receipts == 2, "and what has come by then is told in one");
    other_end(&people[0]);
    other_end(&people[1]);
    world_free(&world);
}

int main(void)
{
    test_keys();
    test_third_party_key();
    test_burned_tags();
    test_burned_skipped();
    test_shelf_first();
    test_again();
    test_receipts();
    return tap_done();
}
