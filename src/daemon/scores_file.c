/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file beside that of the peers, and apart from it: it is written at other
 * times, and one may be removed without the other.  What the numbers may be the
 * engine decides, which takes nobody for worse than it can be. */
#include "config.h"

#include "daemon/scores_file.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "platform/file.h"
#include "proto/limits.h"

enum {
    KEY_CHARS = 2 * sizeof(struct node_key),
    LINE_BYTES = KEY_CHARS + sizeof(" -2147483647 9007199254740991") +
                 sizeof(" 9007199254740991"),
};

_Static_assert(KEPT_FILE_BYTES > LIMIT_KEPT_SCORES * LINE_BYTES, "all fit");

enum status scores_file_write(
    const char *path, size_t count, const struct kept_score *scores)
{
    char text[KEPT_FILE_BYTES], key[KEY_CHARS + 1];
    size_t used = 0;
    for (size_t i = 0; i < count && i < LIMIT_KEPT_SCORES; i++) {
        const struct kept_score *kept = &scores[i];
        hex_encode((struct span){kept->key.bytes, sizeof(kept->key)}, key);
        used += (size_t)snprintf(text + used, sizeof(text) - used,
            "%s %" PRId32 " %" PRIu64 " %" PRIu64 "\n", key, kept->score_milli,
            kept->as_of_s, kept->gray_until_s);
    }
    return file_replace(path, (struct span){(const uint8_t *)text, used});
}

static void skip(struct span *line, size_t size)
{
    line->data += size;
    line->size -= size;
}

static bool take_key(struct span *line, struct node_key *out)
{
    char text[KEY_CHARS + 1];
    if (line->size < KEY_CHARS)
        return false;
    memcpy(text, line->data, KEY_CHARS);
    text[KEY_CHARS] = '\0';
    skip(line, KEY_CHARS);
    return hex_decode(text, out->bytes, sizeof(out->bytes)) == STATUS_OK;
}

static bool take(struct span *line, char byte)
{
    if (line->size == 0 || line->data[0] != (uint8_t)byte)
        return false;
    skip(line, 1);
    return true;
}

/* One digit or more; ten times most, and nine, is a number yet. */
static bool take_number(struct span *line, uint64_t most, uint64_t *out)
{
    size_t digits = 0;
    uint64_t number = 0;
    for (; digits < line->size; digits++) {
        uint8_t byte = line->data[digits];
        if (byte < '0' || byte > '9')
            break;
        number = number * 10 + (uint64_t)(byte - '0');
        if (number > most)
            return false;
    }
    skip(line, digits);
    *out = number;
    return digits > 0;
}

static bool take_score(struct span *line, int32_t *out)
{
    uint64_t below;
    bool is_below = take(line, '-');
    if (!take_number(line, is_below ? INT32_MAX : 0, &below))
        return false;
    *out = -(int32_t)below;
    return true;
}

static bool read_line(struct span line, void *record)
{
    struct kept_score *out = record;
    return take_key(&line, &out->key) && take(&line, ' ') &&
           take_score(&line, &out->score_milli) && take(&line, ' ') &&
           take_number(&line, LIMIT_TIME_S, &out->as_of_s) &&
           take(&line, ' ') &&
           take_number(&line, LIMIT_TIME_S, &out->gray_until_s) &&
           line.size == 0;
}

enum status scores_file_read(const char *path,
    struct kept_score out[static LIMIT_KEPT_SCORES], struct kept_count *count)
{
    static const struct kept_form form = {
        LIMIT_KEPT_SCORES, sizeof(struct kept_score), read_line};
    return kept_file_read(path, &form, out, count);
}
