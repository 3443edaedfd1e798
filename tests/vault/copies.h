/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_COPIES_H
#define TESTS_VAULT_COPIES_H

/* Backups of the people of pair.h, as files, and what is restored from them. */
#include "base/hex.h"
#include "crypto/archive.h"
#include "tests/vault/pair.h"

struct copy {
    size_t size;
    uint8_t *bytes;
};

static void copy_add(struct copy *copy)
{
    size_t size = strlen(part_data) / 2;
    copy->bytes = realloc(copy->bytes, copy->size + size);
    need(copy->bytes);
    need(hex_decode(part_data, copy->bytes + copy->size, size) == STATUS_OK);
    copy->size += size;
}

static struct copy back_up(struct person *person, const char *passphrase)
{
    struct copy copy = {0};
    struct control_request request = {
        .method = CONTROL_BACKUP, .passphrase = span_of_text(passphrase)};
    struct answer *answer = person_ask(person, &request);
    need(answer->kind == CONTROL_PART);
    copy_add(&copy);
    while (answer->next) {
        request = (struct control_request){
            .method = CONTROL_BACKUP_MORE, .cursor = answer->next};
        answer = person_ask(person, &request);
        need(answer->kind == CONTROL_PART);
        copy_add(&copy);
    }
    need(archive_size_is_good(copy.size));
    return copy;
}

/* Hand over size bytes of a backup, as far as they are taken. */
static struct answer *copy_hand(struct person *home, const struct copy *copy,
    size_t at, size_t size, const char *passphrase)
{
    static char text[CONTROL_DATA_CHARS + 1];
    hex_encode((struct span){copy->bytes + at, size}, text);
    struct control_request request = {
        .method = at ? CONTROL_RESTORE_MORE : CONTROL_RESTORE,
        .data = span_of_text(text),
        .passphrase = span_of_text(at ? "" : passphrase)};
    return person_ask(home, &request);
}

static struct answer *copy_hand_all(
    struct person *home, const struct copy *copy, const char *passphrase)
{
    size_t at = 0, size = ARCHIVE_HEADER_BYTES + ARCHIVE_BLOCK_BYTES;
    struct answer *answer = &home->answer;
    while (at < copy->size && home->vault) {
        answer = copy_hand(home, copy, at, size, passphrase);
        if (answer->kind != CONTROL_PART)
            break;
        at += size;
        size = ARCHIVE_BLOCK_BYTES;
    }
    return answer;
}

static struct answer *copy_end(struct person *home, const char *fresh)
{
    struct control_request request = {
        .method = CONTROL_RESTORE_END, .passphrase = span_of_text(fresh)};
    return person_ask(home, &request);
}

#endif
