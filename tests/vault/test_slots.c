/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other passphrases, the end of a vault, and locking by itself. */
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000 };

static struct world world;

static struct answer *ask_change(struct person *person,
    enum control_method method, const char *current, const char *fresh)
{
    struct control_request request = {.method = method,
        .passphrase = span_of_text(current),
        .new_passphrase = span_of_text(fresh)};
    return person_ask(person, &request);
}

static bool opens(struct person *person, const char *passphrase)
{
    ask_word(person, CONTROL_LOCK, "");
    return ask_word(person, CONTROL_UNLOCK, passphrase)->kind == CONTROL_DONE;
}

static bool has_nothing(struct person *person)
{
    struct control_request request = {.method = CONTROL_CONTACTS};
    return person_ask(person, &request)->count == 0 &&
           ask_read_all(person)->count == 0;
}

/* Two who have met and written; a's fingerprint. */
static struct person *begin(uint64_t seed, char *fingerprint)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    struct person *a = &world.people[0];
    ask_send(&world.people[1], "ann", "words for ann");
    world_run(&world, MINUTE_MS);
    need(ask_read_all(a)->count == 1);
    strcpy(fingerprint, ask_word(a, CONTROL_ID, "")->fingerprint);
    return a;
}

static bool is_same(struct person *person, const char *fingerprint)
{
    return strcmp(ask_word(person, CONTROL_ID, "")->fingerprint, fingerprint) ==
           0;
}

static void test_change(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    struct person *a = begin(1, was);
    uint8_t slots[KEYSLOT_FILE_BYTES];
    memcpy(slots, a->disk.slots, sizeof(slots));
    ok(ask_change(a, CONTROL_PASSPHRASE, "anna", "new")->status ==
                STATUS_REFUSED &&
            memcmp(slots, a->disk.slots, sizeof(slots)) == 0,
        "a passphrase is not changed without the current one");
    ok(ask_change(a, CONTROL_PASSPHRASE, "", "new")->status == STATUS_INVALID,
        "an empty one is no try");
    ok(ask_change(a, CONTROL_PASSPHRASE, "ann", "")->status == STATUS_INVALID,
        "nor to an empty one");
    ok(ask_change(a, CONTROL_PASSPHRASE, "ann", "ann")->status == STATUS_EXISTS,
        "nor to the same");
    ok(ask_change(a, CONTROL_PASSPHRASE, "ann", "new")->kind == CONTROL_DONE,
        "it is changed");
    ok(!opens(a, "ann"), "then the old one opens nothing");
    ok(opens(a, "new") && is_same(a, was), "and the new one the same vault");
    person_die(a);
    person_start(a);
    ok(ask_word(a, CONTROL_UNLOCK, "new")->kind == CONTROL_DONE,
        "also after a restart");
    ask_word(a, CONTROL_LOCK, "");
    ok(ask_change(a, CONTROL_PASSPHRASE, "new", "ann")->status == STATUS_LOCKED,
        "a locked vault's is not changed");
    world_free(&world);
}

static void test_recovery(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    char phrase[CONTROL_PHRASE_CHARS + 1], groups[48] = "";
    struct person *a = begin(2, was);
    ok(ask_change(a, CONTROL_RECOVERY, "anna", "")->status == STATUS_REFUSED,
        "a wrong passphrase makes no recovery phrase");
    struct answer *answer = ask_change(a, CONTROL_RECOVERY, "ann", "");
    ok(answer->kind == CONTROL_PHRASE && strlen(answer->phrase) == 32,
        "the right one does");
    strcpy(phrase, answer->phrase);
    for (size_t i = 0; i < strlen(phrase); i += 4) {
        size_t at = strlen(groups);
        snprintf(groups + at, sizeof(groups) - at, "%s%.4s", i ? "- " : "",
            phrase + i);
    }
    groups[0] = (char)(groups[0] >= 'a' ? groups[0] - 32 : groups[0]);
    ok(opens(a, groups) && is_same(a, was),
        "which opens the vault, in groups and capitals too");
    ok(opens(a, "ann"), "as the passphrase does");
    ok(ask_change(a, CONTROL_PASSPHRASE, phrase, "new")->kind == CONTROL_DONE &&
            opens(a, "new") && !opens(a, "ann") && opens(a, phrase),
        "with it a lost passphrase is replaced, and it stays");
    char second[CONTROL_PHRASE_CHARS + 1];
    strcpy(second, ask_change(a, CONTROL_RECOVERY, "new", "")->phrase);
    ok(opens(a, second) && !opens(a, phrase), "a second phrase ends the first");
    world_free(&world);
}

static void test_duress(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1], now[CONTROL_FINGERPRINT_CHARS + 1];
    char phrase[CONTROL_PHRASE_CHARS + 1];
    struct person *a = begin(3, was);
    size_t records = a->disk.count;
    ok(ask_change(a, CONTROL_DURESS, "ann", "ann")->status == STATUS_EXISTS,
        "the duress passphrase is another than the real one");
    ok(ask_change(a, CONTROL_DURESS, "ann", "no")->kind == CONTROL_DONE,
        "it is set");
    ok(a->disk.count == records, "and leaves no record");
    ok(ask_change(a, CONTROL_PASSPHRASE, "ann", "no")->status == STATUS_EXISTS,
        "the real one is never changed to it");
    strcpy(phrase, ask_change(a, CONTROL_RECOVERY, "ann", "")->phrase);
    ok(opens(a, "ann") && is_same(a, was) && a->disk.erasures == 0,
        "the real one opens the real vault");
    ok(opens(a, "no"), "the duress passphrase opens");
    ok(!is_same(a, was) && has_nothing(a), "an empty vault of somebody else");
    ok(a->disk.erasures == 1 && disk_count(&a->disk, RECORD_INBOX) == 0 &&
            disk_count(&a->disk, RECORD_CONTACT) == 0,
        "nothing of the real one is left");
    ok(!opens(a, "ann") && !opens(a, phrase),
        "and nothing that opened it opens anything");
    strcpy(now, "");
    need(opens(a, "no"));
    strcpy(now, ask_word(a, CONTROL_ID, "")->fingerprint);
    ok(opens(a, "no") && is_same(a, now) && a->disk.erasures == 1,
        "which is from then on an ordinary vault");
    world_free(&world);

    a = begin(4, was);
    need(ask_change(a, CONTROL_DURESS, "ann", "no")->kind == CONTROL_DONE);
    ok(ask_change(a, CONTROL_PASSPHRASE, "no", "new")->kind == CONTROL_DONE &&
            !is_same(a, was) && has_nothing(a) && !opens(a, "ann"),
        "given as the current passphrase of an open vault it destroys too");
    world_free(&world);

    a = begin(10, was);
    need(ask_change(a, CONTROL_DURESS, "ann", "no")->kind == CONTROL_DONE);
    ok(ask_word(a, CONTROL_UNLOCK, "no")->kind == CONTROL_DONE &&
            a->disk.erasures == 1 && !is_same(a, was) && has_nothing(a),
        "and given to unlock a vault that is open");
    ok(!opens(a, "ann") && opens(a, "no") && a->disk.erasures == 1,
        "after which the decoy is all there is");
    world_free(&world);
}

/* Killed at every step of the way from the duress passphrase to the decoy. */
static void test_duress_crash(void)
{
    size_t runs = 0, real = 0, decoy = 0;
    for (uint64_t step = 1; step < 6; step++) {
        for (int late = 0; late < 2; late++) {
            char was[CONTROL_FINGERPRINT_CHARS + 1];
            struct person *a = begin(5, was);
            need(ask_change(a, CONTROL_DURESS, "ann", "no")->came);
            ask_word(a, CONTROL_LOCK, "");
            a->crash = late ? CRASH_AFTER_COMMIT : CRASH_BEFORE_COMMIT;
            a->crash_step = a->steps + step;
            ask_word(a, CONTROL_UNLOCK, "no");
            a->crash = CRASH_NONE;
            runs++;
            if (!a->vault)
                person_start(a);
            if (a->disk.erasures == 0 && opens(a, "ann") && is_same(a, was))
                real++;
            else if (!opens(a, "ann") && opens(a, "no") && has_nothing(a))
                decoy++;
            world_free(&world);
        }
    }
    ok(real + decoy == runs && real > 0 && decoy > 0,
        "a crash leaves the real vault, or the way to the decoy");
}

static void test_panic(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    struct person *a = begin(6, was);
    ok(ask_word(a, CONTROL_PANIC, "")->kind == CONTROL_DONE, "panic is done");
    ok(a->disk.count == 0 && a->disk.slots_size == 0 && a->disk.erasures == 1,
        "slots and records are gone");
    ok(!a->listening && vault_get_state(a->vault) == VAULT_EMPTY,
        "the vault is empty, and listens no more");
    ok(ask_word(a, CONTROL_UNLOCK, "ann")->status == STATUS_NOT_FOUND,
        "there is nothing to unlock");
    ok(ask_word(a, CONTROL_INIT, "again")->kind == CONTROL_CARD &&
            !is_same(a, was),
        "a new identity can be made");
    ask_word(a, CONTROL_LOCK, "");
    ok(ask_word(a, CONTROL_PANIC, "")->kind == CONTROL_DONE &&
            a->disk.count == 0,
        "panic works on a locked vault");
    ok(ask_word(a, CONTROL_PANIC, "")->kind == CONTROL_DONE,
        "and where there is none");
    world_free(&world);
}

/* Half a copy of a vault: one of its two files. */
static void lose_slots(struct person *person)
{
    person_die(person);
    person->disk.slots_size = 0;
    person_start(person);
}

static struct answer *make_aside(struct person *person)
{
    struct control_request request = {.method = CONTROL_INIT,
        .passphrase = span_of_text("new"),
        .set_aside = true};
    return person_ask(person, &request);
}

static void test_lost_slots(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    uint8_t slots[KEYSLOT_FILE_BYTES];
    struct person *a = begin(12, was);
    size_t records = a->disk.count;
    memcpy(slots, a->disk.slots, sizeof(slots));
    lose_slots(a);
    struct answer *answer = ask_word(a, CONTROL_STATUS, "");
    ok(answer->status_of.state == VAULT_INCOMPLETE &&
            strcmp(answer->status_of.missing, "slots") == 0,
        "records without slots are no empty vault");
    answer = ask_word(a, CONTROL_INIT, "new");
    ok(answer->status == STATUS_EXISTS && strstr(answer->message, "`slots`") &&
            strstr(answer->message, "--set-aside") &&
            a->disk.count == records && a->disk.erasures == 0,
        "no identity is made over them, and it is said what is missing");
    answer = ask_word(a, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_NOT_FOUND &&
            strstr(answer->message, "`slots`") && a->disk.count == records,
        "nor are they unlocked");
    ok(ask_word(a, CONTROL_LOCK, "")->status == STATUS_NOT_FOUND &&
            ask_word(a, CONTROL_ID, "")->status == STATUS_NOT_FOUND,
        "and all else says so");
    person_die(a);
    memcpy(a->disk.slots, slots, sizeof(slots));
    a->disk.slots_size = sizeof(slots);
    person_start(a);
    ok(opens(a, "ann") && is_same(a, was), "with their slots they open");
    ask_word(a, CONTROL_LOCK, "");
    lose_slots(a);
    records = a->disk.count;
    ok(make_aside(a)->kind == CONTROL_CARD && a->disk.aside == records,
        "set aside, they make way for a new identity");
    ok(ask_word(a, CONTROL_PANIC, "")->kind == CONTROL_DONE &&
            a->disk.aside == 0,
        "and panic destroys them, too");
    world_free(&world);

    a = begin(13, was);
    lose_slots(a);
    ok(ask_word(a, CONTROL_PANIC, "")->kind == CONTROL_DONE &&
            a->disk.count == 0 && a->disk.slots_size == 0 &&
            vault_get_state(a->vault) == VAULT_EMPTY,
        "panic destroys records that have no slots");
    world_free(&world);
}

static void test_lost_records(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    struct person *a = begin(14, was);
    uint8_t slots[KEYSLOT_FILE_BYTES];
    person_die(a);
    memcpy(slots, a->disk.slots, sizeof(slots));
    disk_clear(&a->disk);
    memcpy(a->disk.slots, slots, sizeof(slots));
    a->disk.slots_size = sizeof(slots);
    person_start(a);
    struct answer *answer = ask_word(a, CONTROL_STATUS, "");
    ok(answer->status_of.state == VAULT_LOCKED &&
            strcmp(answer->status_of.missing, "records") == 0,
        "slots without records are seen");
    answer = ask_word(a, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "vault.db"),
        "to unlock them says what is missing");
    ok(ask_word(a, CONTROL_INIT, "new")->status == STATUS_EXISTS &&
            memcmp(a->disk.slots, slots, sizeof(slots)) == 0,
        "and no identity is made over them");
    world_free(&world);
}

/* Cut short after the slots were overwritten. */
static void test_panic_crash(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    struct person *a = begin(15, was);
    person_die(a);
    keyslot_make_void(a->disk.slots, KEYSLOT_DESTROYED, &a->random.base);
    person_start(a);
    ok(a->disk.count == 0 && a->disk.slots_size == 0 &&
            vault_get_state(a->vault) == VAULT_EMPTY,
        "a destruction that was cut short is brought to its end");
    ok(ask_word(a, CONTROL_INIT, "new")->kind == CONTROL_CARD,
        "and a new identity can be made");
    world_free(&world);
}

static void test_tries(void)
{
    char was[CONTROL_FINGERPRINT_CHARS + 1];
    struct person *a = begin(7, was);
    world.config.wrong_tries = 3;
    person_die(a);
    person_start(a);
    ok(!opens(a, "x") && !opens(a, "y") && opens(a, "ann"),
        "two wrong tries of three, and then the right one");
    ok(disk_count(&a->disk, RECORD_TRIES) == 0 && !opens(a, "x") &&
            !opens(a, "y") && opens(a, "ann"),
        "which forgets them");
    ok(!opens(a, "x"), "a wrong try");
    person_die(a);
    person_start(a);
    ok(ask_change(a, CONTROL_PASSPHRASE, "y", "z")->status == STATUS_LOCKED &&
            !opens(a, "y"),
        "and one after a restart");
    a->crash = CRASH_BEFORE_COMMIT;
    a->crash_step = a->steps + 2;
    ask_word(a, CONTROL_UNLOCK, "z");
    need(!a->vault);
    a->crash = CRASH_NONE;
    ok(a->disk.slots_size > 0, "a third, cut off while it is derived");
    person_start(a);
    struct answer *answer = ask_word(a, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "destroyed"),
        "has counted: there is no fourth");
    ok(a->disk.slots_size == 0 && a->disk.count == 0 &&
            vault_get_state(a->vault) == VAULT_EMPTY,
        "and the vault is gone");
    world_free(&world);

    a = begin(8, was);
    world.config.wrong_tries = 3;
    person_die(a);
    person_start(a);
    need(opens(a, "ann"));
    ask_change(a, CONTROL_RECOVERY, "x", "");
    ask_change(a, CONTROL_PASSPHRASE, "y", "z");
    answer = ask_change(a, CONTROL_DURESS, "x", "z");
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "3 times") &&
            a->disk.slots_size == 0 && a->disk.count == 0 && !a->listening,
        "tries to change a passphrase count alike, and end an open vault");
    world_free(&world);

    a = begin(11, was);
    world.config.wrong_tries = 2;
    person_die(a);
    person_start(a);
    need(opens(a, "ann"));
    ask_word(a, CONTROL_UNLOCK, "x");
    ask_word(a, CONTROL_UNLOCK, "ann");
    ok(ask_word(a, CONTROL_UNLOCK, "x")->status == STATUS_REFUSED &&
            a->disk.slots_size > 0,
        "tries to unlock an open vault are forgotten after a right one");
    ok(ask_word(a, CONTROL_UNLOCK, "x")->status == STATUS_REFUSED &&
            a->disk.slots_size == 0 && a->disk.count == 0 && !a->listening,
        "and end it after the last");
    world_free(&world);
}

static void test_auto_lock(void)
{
    world_init(&world, 1, 9);
    world.config.auto_lock_ms = 15 * MINUTE_MS;
    struct person *a = &world.people[0];
    person_die(a);
    person_start(a);
    ask_word(a, CONTROL_INIT, "ann");
    world_run(&world, 14 * MINUTE_MS);
    ok(vault_get_state(a->vault) == VAULT_UNLOCKED,
        "a vault in use stays open");
    ask_word(a, CONTROL_ID, "");
    world_run(&world, 14 * MINUTE_MS);
    ok(vault_get_state(a->vault) == VAULT_UNLOCKED,
        "also when the use began anew");
    for (int i = 0; i < 4; i++) {
        ask_word(a, CONTROL_STATUS, "");
        world_run(&world, MINUTE_MS / 2);
    }
    ok(vault_get_state(a->vault) == VAULT_LOCKED && !a->listening,
        "then it locks; who asks for its status is no user");
    ok(opens(a, "ann"), "and opens again");
    world_run(&world, 16 * MINUTE_MS);
    ok(vault_get_state(a->vault) == VAULT_LOCKED, "for as long");
    world_free(&world);
}

int main(void)
{
    test_change();
    test_recovery();
    test_duress();
    test_duress_crash();
    test_panic();
    test_lost_slots();
    test_lost_records();
    test_panic_crash();
    test_tries();
    test_auto_lock();
    return tap_done();
}
