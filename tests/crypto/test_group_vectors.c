/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups as another implementation plays them: proto/vectors/groups.txt was
 * written by tests/interop/group_vectors.py, which was written from the
 * protocol's text. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/roster.h"
#include "tests/tap.h"

enum { LINE_BYTES = 8192, NOW_H = 500000, LETTERS = 3 };

struct line {
    char name[64];
    size_t size;
    uint8_t bytes[LINE_BYTES / 2];
};

static FILE *vectors_open(void)
{
    char path[4096];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof(path), "%s/proto/vectors/groups.txt",
        srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    need(file);
    return file;
}

/* The next line that is no comment; 0 at the end. */
static int line_read(FILE *file, struct line *line)
{
    static char text[LINE_BYTES + 64], hex[LINE_BYTES + 1];
    do
        if (!fgets(text, sizeof(text), file))
            return 0;
    while (text[0] == '#');
    need(sscanf(text, "%63s %8192s", line->name, hex) == 2);
    line->size = strlen(hex) / 2; /* of "-", none */
    need(!line->size || !hex_decode(hex, line->bytes, line->size));
    return 1;
}

static const char *part(const struct line *line)
{
    return strrchr(line->name, '.') + 1;
}

/* Memberships. */

static void take(struct roster *roster, const struct line *line)
{
    bool added;
    need(roster_take(roster, (struct span){line->bytes, line->size}, &added) ==
         STATUS_OK);
    need(added);
}

static void expect_view(const struct roster *roster, const struct line *line)
{
    struct group_view view;
    roster_view(roster, &view);
    ok(line->size == sizeof(view) && memcmp(&view, line->bytes, 32) == 0,
        line->name);
}

/* Each that is named is in, admin or not as it says, and nobody else is. */
static void expect_members(const struct roster *roster, const struct line *line)
{
    size_t count = line->size / 33, right = 0;
    for (size_t i = 0; i < count; i++) {
        struct fingerprint who;
        memcpy(who.bytes, line->bytes + 33 * i, 32);
        right += roster_has(roster, &who) &&
                 roster_has_admin(roster, &who) == line->bytes[33 * i + 32];
    }
    ok(right == count && roster_member_count(roster) == count, line->name);
}

static void test_rosters(FILE *file, struct line *line)
{
    struct roster roster;
    roster_init(&roster);
    size_t rosters = 0;
    while (line_read(file, line) && strncmp(line->name, "roster.", 7) == 0) {
        if (strcmp(part(line), "op") == 0) {
            take(&roster, line);
        } else if (strcmp(part(line), "view") == 0) {
            expect_view(&roster, line);
        } else {
            expect_members(&roster, line);
            roster_clear(&roster);
            roster_init(&roster);
            rosters++;
        }
    }
    roster_clear(&roster);
    ok(rosters == 6, "six groups were played");
}

/* Letters. */

struct letters {
    struct group_id group;
    struct fingerprint author;
    struct group_view view;
    struct group_key key;
    struct line plain[LETTERS];
    struct line envelope[LETTERS];
};

static void value(
    FILE *file, struct line *line, const char *name, uint8_t out[static 32])
{
    need(line_read(file, line) && strcmp(part(line), name) == 0);
    need(line->size == 32);
    memcpy(out, line->bytes, 32);
}

/* From `letter.group` on, which is the line that ended the rosters. */
static void letters_read(FILE *file, struct line *line, struct letters *out)
{
    need(strcmp(line->name, "letter.group") == 0 && line->size == 32);
    memcpy(out->group.bytes, line->bytes, 32);
    value(file, line, "author", out->author.bytes);
    value(file, line, "view", out->view.bytes);
    need(line_read(file, line) && line->size == 4);
    out->key.number = line->bytes[3];
    value(file, line, "chain", out->key.chain_key);
    value(file, line, "tag", out->key.tag_key);
    value(file, line, "sign", out->key.sign_public);
    for (size_t i = 0; i < LETTERS; i++)
        need(line_read(file, &out->plain[i]) &&
             line_read(file, &out->envelope[i]));
}

static enum status open_letter(struct group_receiver *receiver,
    struct tags *tags, const struct letters *letters, size_t i)
{
    static struct ratchet_opened opened;
    struct group_view view;
    struct envelope envelope;
    need(!envelope_decode(
        (struct span){letters->envelope[i].bytes, letters->envelope[i].size},
        &envelope));
    const struct tag_entry *entry = tags_find(tags, &envelope.tag);
    if (!entry)
        return STATUS_NOT_FOUND;
    enum status status = group_open(receiver, tags, entry, &envelope,
        &letters->group, NOW_H, &opened, &view);
    if (status)
        return status;
    need(opened.plain_size == letters->plain[i].size);
    need(memcmp(opened.plain, letters->plain[i].bytes, opened.plain_size) == 0);
    need(memcmp(&view, &letters->view, sizeof(view)) == 0);
    return STATUS_OK;
}

static void test_letters(FILE *file, struct line *line)
{
    static struct letters letters;
    struct group_receiver receiver;
    struct tags *tags = tags_new(4096, 1);
    need(tags);
    letters_read(file, line, &letters);
    group_receiver_begin(&receiver, 1, &letters.author, &letters.key);
    need(group_register(&receiver, tags) == STATUS_OK);
    ok(open_letter(&receiver, tags, &letters, 0) == STATUS_NOT_FOUND,
        "a letter from before the key was handed over is nobody's");
    ok(open_letter(&receiver, tags, &letters, 2) == STATUS_OK,
        "the last one opens first");
    ok(open_letter(&receiver, tags, &letters, 1) == STATUS_OK,
        "then the one that was passed over");
    ok(open_letter(&receiver, tags, &letters, 2) == STATUS_NOT_FOUND &&
            open_letter(&receiver, tags, &letters, 1) == STATUS_NOT_FOUND,
        "neither opens again");
    tags_free(tags);
}

int main(void)
{
    static struct line line;
    need(!crypto_start());
    FILE *file = vectors_open();
    test_rosters(file, &line);
    test_letters(file, &line);
    ok(!line_read(file, &line), "every line was used");
    fclose(file);
    return tap_done();
}
