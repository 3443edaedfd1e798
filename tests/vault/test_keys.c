/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passphrases, lock and unlock, and disks that were damaged. */
#include "tests/vault/crowd.h"
#include "tests/vault/files.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static struct world world;

static void test_states(void)
{
    world_init(&world, 1, 1);
    struct person *a = &world.people[0];
    ok(ask_word(a, CONTROL_STATUS, "")->status_of.state == VAULT_EMPTY,
        "a new node's vault is empty");
    struct answer *answer = ask_send(a, "bo", "x");
    ok(answer->status == STATUS_NOT_FOUND && strstr(answer->message, "init"),
        "it says that it wants an init");
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->status == STATUS_NOT_FOUND,
        "it can't be unlocked");
    ok(ask_word(a, CONTROL_LOCK, "")->status == STATUS_NOT_FOUND, "or locked");
    ok(ask_word(a, CONTROL_INIT, "")->status == STATUS_INVALID,
        "an empty passphrase is refused");
    char long_one[LIMIT_PASSPHRASE_BYTES + 2];
    memset(long_one, 'p', sizeof(long_one));
    long_one[sizeof(long_one) - 1] = 0;
    answer = ask_word(a, CONTROL_INIT, long_one);
    ok(answer->status == STATUS_TOO_LARGE && strstr(answer->message, "1,025") &&
            strstr(answer->message, "1,024"),
        "one past the limit too, with the numbers");
    ok(ask_word(a, CONTROL_INIT, "ann")->kind == CONTROL_CARD &&
            vault_get_state(a->vault) == VAULT_UNLOCKED && a->note_vault == 1,
        "init makes an identity, and unlocks it");
    ok(ask_word(a, CONTROL_INIT, "ann")->status == STATUS_EXISTS, "once");
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE &&
            vault_get_state(a->vault) == VAULT_UNLOCKED && a->note_vault == 1,
        "unlocking the unlocked changes nothing");
    ok(ask_word(a, CONTROL_UNLOCK, "anna")->status == STATUS_REFUSED &&
            vault_get_state(a->vault) == VAULT_UNLOCKED,
        "a wrong passphrase is refused there, too, and does not lock");
    world_free(&world);
}

static void test_passphrase(void)
{
    world_init(&world, 1, 2);
    struct person *a = &world.people[0];
    ask_word(a, CONTROL_INIT, "ann");
    char fingerprint[CONTROL_FINGERPRINT_CHARS + 1];
    strcpy(fingerprint, ask_word(a, CONTROL_ID, "")->fingerprint);
    ok(ask_word(a, CONTROL_LOCK, "")->kind == CONTROL_DONE &&
            vault_get_state(a->vault) == VAULT_LOCKED,
        "it is locked");
    ok(!a->listening, "and no longer listens");
    ok(vault_deadline_ms(a->vault) == UINT64_MAX, "and never wakes by itself");
    struct answer *answer = ask_word(a, CONTROL_ID, "");
    ok(answer->status == STATUS_LOCKED && strstr(answer->message, "unlock"),
        "the locked say what opens them");
    ok(ask_word(a, CONTROL_STATUS, "")->status_of.state == VAULT_LOCKED,
        "and answer for their status");
    struct control_request request = {.method = CONTROL_SUBSCRIBE};
    ok(person_ask(a, &request)->kind == CONTROL_DONE, "and take subscribers");
    ok(ask_word(a, CONTROL_UNLOCK, "anna")->status == STATUS_REFUSED,
        "a wrong passphrase is refused");
    ok(ask_word(a, CONTROL_UNLOCK, "")->status == STATUS_INVALID,
        "an empty one is no try");
    ok(vault_get_state(a->vault) == VAULT_LOCKED, "and opens nothing");
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE,
        "the right one opens");
    ok(strcmp(ask_word(a, CONTROL_ID, "")->fingerprint, fingerprint) == 0,
        "the same identity");
    ask_word(a, CONTROL_LOCK, "");
    a->disk.slots_size = 100;
    person_die(a);
    person_start(a);
    answer = ask_word(a, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "100"),
        "a slot file cut short is named as damaged");
    world_free(&world);
}

/* While one derivation is under way, and while records come in. */
static void test_midway(void)
{
    world_init(&world, 1, 3);
    struct person *a = &world.people[0];
    ask_word(a, CONTROL_INIT, "ann");
    ask_word(a, CONTROL_LOCK, "");
    struct control_request request = {
        .method = CONTROL_UNLOCK, .passphrase = span_of_text("ann")};
    struct vault_event event = {.kind = VAULT_REQUEST};
    event.request.request = &request;
    person_step(a, &event);
    a->answer.came = false;
    person_step(a, &event);
    ok(a->answer.status == STATUS_AGAIN, "a second unlock is told to wait");
    ask_word(a, CONTROL_LOCK, "");
    ok(vault_get_state(a->vault) == VAULT_LOCKED,
        "a lock while a passphrase is derived stops the unlock");
    event.request.request = &request;
    person_step(a, &event);
    a->answer.came = false;
    struct control_request lock = {.method = CONTROL_LOCK};
    struct errand_of derived = a->errands[0];
    a->errand_count = 0;
    event = (struct vault_event){.kind = VAULT_DERIVED};
    event.derived.ticket = derived.ticket;
    memcpy(event.derived.key, derived.key, sizeof(derived.key));
    person_step(a, &event);
    for (int i = 0; i < 2; i++) { /* the format, and the ring */
        need(a->errand_count == 1 && a->errands[0].kind == VAULT_FETCH);
        struct errand_of fetched = a->errands[0];
        a->errand_count = 0;
        run_fetch(a, &fetched);
    }
    need(a->errand_count == 1 && a->errands[0].kind == VAULT_LOAD);
    a->errand_count = 0;
    event = (struct vault_event){.kind = VAULT_LOADED};
    event.loaded.record = (struct vault_record){a->disk.files[0].kind,
        a->disk.files[0].row, {a->disk.files[0].blob, a->disk.files[0].size}};
    person_step(a, &event);
    event = (struct vault_event){.kind = VAULT_REQUEST};
    event.request.request = &lock;
    person_step(a, &event);
    ok(vault_get_state(a->vault) == VAULT_LOCKED &&
            a->answer.kind == CONTROL_DONE,
        "a lock while records come in stops the unlock");
    event = (struct vault_event){.kind = VAULT_LOADED};
    event.loaded.done = true;
    person_step(a, &event);
    ok(vault_get_state(a->vault) == VAULT_LOCKED,
        "what still comes in opens nothing");
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE,
        "and afterwards it can be unlocked");
    world_free(&world);
}

/* Asked without letting what is under way go on. */
static bool self_unlock_is(struct person *person, const char *word)
{
    struct control_request request = {.method = CONTROL_STATUS};
    struct vault_event event = {.kind = VAULT_REQUEST};
    event.request.client = 7;
    event.request.request = &request;
    person_step(person, &event);
    return strcmp(person->answer.status_of.self_unlock, word) == 0;
}

/* A program's start: nobody waits for the answer, but many for the vault. */
static void begin_unlock(struct person *person, const char *passphrase)
{
    struct control_request request = {
        .method = CONTROL_UNLOCK, .passphrase = span_of_text(passphrase)};
    struct vault_event event = {.kind = VAULT_REQUEST};
    event.request.request = &request;
    person_step(person, &event);
}

static void test_self_unlock(void)
{
    world_init(&world, 1, 3);
    struct person *a = &world.people[0];
    begin_unlock(a, "ann");
    run_errands(a);
    ok(self_unlock_is(a, "none"), "where there is no vault none is unlocked");
    ask_word(a, CONTROL_INIT, "ann");
    ask_word(a, CONTROL_LOCK, "");
    begin_unlock(a, "bo");
    ok(self_unlock_is(a, "trying"), "an unlocking at the start is seen");
    run_errands(a);
    ok(self_unlock_is(a, "failed"), "its wrong passphrase, too");
    ask_word(a, CONTROL_UNLOCK, "cy");
    ok(self_unlock_is(a, "failed"), "a person's wrong one changes nothing");
    ask_word(a, CONTROL_UNLOCK, "ann");
    ask_word(a, CONTROL_LOCK, "");
    ok(self_unlock_is(a, "none"), "once it was open that is forgotten");
    begin_unlock(a, "ann");
    ask_word(a, CONTROL_LOCK, "");
    ok(self_unlock_is(a, "failed"), "one that a lock stopped has failed");
    ask_word(a, CONTROL_PANIC, "");
    ok(self_unlock_is(a, "none"), "of a vault destroyed nothing is said");
    world_free(&world);
}

static const char *kind_word(enum record_kind kind)
{
    switch (kind) {
    case RECORD_IDENTITY:
        return "identity";
    case RECORD_PREKEY:
        return "prekey";
    case RECORD_CONTACT:
        return "contact";
    case RECORD_SESSION:
        return "session";
    case RECORD_OUTBOX:
        return "outbox";
    case RECORD_INBOX:
        return "inbox";
    case RECORD_SEEN:
        return "seen";
    case RECORD_RING:
        return "ring";
    case RECORD_FORMAT:
        return "format";
    case RECORD_NOTE:
        return "note";
    case RECORD_ACCORD:
        return "evidential conversation";
    case RECORD_PLACE:
        return "signed letter";
    case RECORD_FILE:
        return "file";
    case RECORD_GROUP:
        return "group";
    case RECORD_GROUP_OP:
        return "group's operation";
    case RECORD_GROUP_KEY:
        return "group's key";
    case RECORD_GROUP_COPIES:
        return "group's receipts";
    case RECORD_SKIPPED:
    case RECORD_GROUP_SKIPPED:
    case RECORD_OWED:
    case RECORD_OUTBOX_BODY:
    case RECORD_INBOX_BODY:
    case RECORD_RELEASE:
    case RECORD_REQUEST:
    case RECORD_DECLINED:
    case RECORD_REPLAY:
    case RECORD_PARTED:
    case RECORD_RENEWAL:
    case RECORD_KEM:
    case RECORD_BLIND:
    case RECORD_INVITE:
    case RECORD_TRIES:
    case RECORD_NOTE_BODY:
    case RECORD_PLACE_BODY:
    case RECORD_FILE_PART:
        break;
    }
    return NULL;
}

static void test_damage(void)
{
    world_init(&world, 2, 4);
    world_meet(&world);
    struct person *a = &world.people[0];
    ask_send(a, "bo", "x");
    ask_send(&world.people[1], "ann", "y");
    send_file(a, "bo", "f", span_of_text("content"));
    ask_word(a, CONTROL_EVIDENCE_ON, "bo");
    world_run(&world, MINUTE_MS);
    ask_word(&world.people[1], CONTROL_EVIDENCE_ON, "ann");
    ask_send(&world.people[1], "ann", "z");
    crowd_gather(&world, "lantern");
    ask_group_send(a, "lantern", "x");
    ask_group_send(&world.people[1], "lantern", "y");
    world_run(&world, MINUTE_MS);
    ask_word(a, CONTROL_LOCK, "");
    size_t kinds = 0;
    size_t named = 0;
    size_t kept = 0;
    size_t before = a->disk.count;
    for (size_t i = 0; i < a->disk.count; i++) {
        struct disk_file *file = &a->disk.files[i];
        const char *word = kind_word(file->kind);
        if (!word)
            continue;
        kinds++;
        file->blob[40] ^= 1;
        struct answer *answer = ask_word(a, CONTROL_UNLOCK, "ann");
        named += answer->status == STATUS_REFUSED &&
                 strstr(answer->message, word) != NULL;
        kept += a->disk.count == before;
        a->disk.files[i].blob[40] ^= 1;
    }
    ok(kinds >= 14 && named == kinds,
        "a damaged record of each kind is named, and stops the unlock");
    ok(kept == kinds, "and nothing is deleted");
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE,
        "mended, the vault opens");
    ask_word(a, CONTROL_LOCK, "");
    for (size_t i = 0; i < a->disk.count; i++)
        if (a->disk.files[i].kind == RECORD_CONTACT)
            a->disk.files[i].row = 77;
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->status == STATUS_REFUSED,
        "a record that was moved to another row does not open");
    world_free(&world);
}

static bool memory_has(
    const uint8_t *memory, size_t size, const void *what, size_t what_size)
{
    for (size_t i = 0; i + what_size <= size; i++)
        if (memcmp(memory + i, what, what_size) == 0)
            return true;
    return false;
}

/* Texts leave no copy in the records, in the effects once they are reset, or
 * in the words to the mesh. */
static void test_nothing_clear(void)
{
    static const char text[] = "the-words-of-a-letter";
    world_init(&world, 2, 5);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    struct vault_effects effects;
    vault_effects_init(&effects);
    struct control_request request = {.method = CONTROL_SEND,
        .name = span_of_text("bo"),
        .text = span_of_text(text)};
    struct vault_event event = {.kind = VAULT_REQUEST,
        .now_ms = world.now_ms,
        .clock_s = world.clock_s};
    event.request.request = &request;
    need(vault_step(a->vault, &event, &effects) == STATUS_OK);
    size_t clear = 0;
    for (size_t i = 0; i < effects.count; i++) {
        struct vault_effect *effect = &effects.list[i];
        if (effect->kind == VAULT_PUT)
            clear += memory_has(effect->record.blob.data,
                effect->record.blob.size, text, strlen(text));
        perform(a, effect);
    }
    ok(effects.count > 3 && clear == 0, "no record holds a text in the clear");
    vault_effects_free(&effects);
    world_run(&world, MINUTE_MS);
    need(b->note_letters == 1);
    for (size_t i = 0; i < world.carried_count; i++)
        clear += memory_has(world.carried[i].bytes,
            world.carried[i].envelope.encoding.size, text, strlen(text));
    for (size_t i = 0; i < b->disk.count; i++)
        clear += memory_has(
            b->disk.files[i].blob, b->disk.files[i].size, text, strlen(text));
    ok(clear == 0, "nor the mesh, nor the other disk");
    world_free(&world);
}

static void test_stop(void)
{
    world_init(&world, 1, 6);
    struct person *a = &world.people[0];
    ask_word(a, CONTROL_INIT, "ann");
    struct vault_event event = {.kind = VAULT_STOP};
    person_step(a, &event);
    ok(vault_get_state(a->vault) == VAULT_LOCKED, "a stop locks");
    world_free(&world);
}

int main(void)
{
    test_states();
    test_passphrase();
    test_midway();
    test_self_unlock();
    test_damage();
    test_nothing_clear();
    test_stop();
    return tap_done();
}
