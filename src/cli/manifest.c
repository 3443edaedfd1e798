/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay lists in the order of ids, which is a digest's; a bundle may have
 * any, and is sorted, of two items with one id the cleared one staying. */
#include "cli/manifest.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/feed.h"
#include "cli/output.h"
#include "proto/bundle.h"
#include "proto/digest.h"

enum { FIRST_CAPACITY = 1024 };
static_assert((int)BUNDLE_MAGIC_BYTES == (int)DIGEST_MAGIC_BYTES,
    "both kinds are told apart by as many bytes");

static size_t bytes_of(size_t count)
{
    return DIGEST_HEAD_BYTES + count * DIGEST_ITEM_BYTES;
}

void manifest_clear(struct manifest *manifest)
{
    free(manifest->bytes);
    *manifest = (struct manifest){0};
}

struct span manifest_span(const struct manifest *manifest)
{
    return (struct span){
        manifest->bytes, manifest->bytes ? bytes_of(manifest->count) : 0};
}

static int grow(struct manifest *manifest, size_t more)
{
    size_t needed = manifest->count + more;
    if (needed > LIMIT_SHELF_IDS)
        return fail(EXIT_REFUSED, "more than %lu envelopes", LIMIT_SHELF_IDS);
    if (manifest->bytes && needed <= manifest->capacity)
        return EXIT_DONE;
    size_t capacity = manifest->capacity ? manifest->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *bytes = realloc(manifest->bytes, bytes_of(capacity));
    if (!bytes)
        return fail(EXIT_BUG, "no memory");
    manifest->bytes = bytes;
    manifest->capacity = capacity;
    digest_head_encode(manifest->count, bytes);
    return EXIT_DONE;
}

/* Add items as the relay gives them, in hexadecimal. */
static int add(struct manifest *manifest, struct span text)
{
    size_t count = text.size / (2 * DIGEST_ITEM_BYTES);
    int code = grow(manifest, count);
    if (code)
        return code;
    if (count > 0 && hex_decode((const char *)text.data,
                         manifest->bytes + bytes_of(manifest->count),
                         count * DIGEST_ITEM_BYTES))
        return fail(EXIT_BUG, "the node answered with no items");
    manifest->count += count;
    digest_head_encode(manifest->count, manifest->bytes);
    return EXIT_DONE;
}

int manifest_ask(struct manifest *manifest, struct client *client)
{
    char last[2 * sizeof(struct envelope_id) + 1];
    struct control_request request = {.method = CONTROL_BUNDLE_LIST};
    uint64_t more = 1;
    while (more) {
        struct control_message message;
        int code = ask_on(client, &request, CONTROL_PART, &message);
        if (code)
            return code;
        code = add(manifest, message.reply.part.data);
        more = message.reply.part.next;
        control_message_clear(&message);
        if (code)
            return code;
        if (more) {
            struct digest_item item =
                digest_at(manifest_span(manifest), manifest->count - 1);
            hex_encode(
                (struct span){item.id.bytes, sizeof(item.id.bytes)}, last);
            request.data = span_of_text(last);
        }
    }
    return EXIT_DONE;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_ITEM_BYTES);
}

static void sort(struct manifest *manifest)
{
    uint8_t *items = manifest->bytes + DIGEST_HEAD_BYTES;
    size_t kept = 0;
    qsort(items, manifest->count, DIGEST_ITEM_BYTES, compare);
    for (size_t i = 0; i < manifest->count; i++) {
        uint8_t *item = items + i * DIGEST_ITEM_BYTES;
        uint8_t *before = items + (kept ? kept - 1 : 0) * DIGEST_ITEM_BYTES;
        bool again =
            kept > 0 && memcmp(item, before, DIGEST_ITEM_BYTES - 1) == 0;
        memmove(again ? before : items + kept * DIGEST_ITEM_BYTES, item,
            DIGEST_ITEM_BYTES);
        kept += !again;
    }
    manifest->count = kept;
    digest_head_encode(kept, manifest->bytes);
}

static int on_piece(
    void *context, const struct feed *feed, const struct control_bundle *piece)
{
    (void)feed;
    return add(context, piece->data);
}

static int load_bundle(
    struct manifest *manifest, struct client *client, const char *path, int fd)
{
    struct feed feed = {
        .path = path,
        .fd = fd,
        .peek = true,
        .piece = on_piece,
        .context = manifest,
        .offset = BUNDLE_MAGIC_BYTES,
    };
    int code = feed_run(&feed, client);
    if (code)
        return code;
    if (feed.fault[0])
        return fail(EXIT_REFUSED, "%s, at byte %llu: %s", path,
            (unsigned long long)feed.offset, feed.fault);
    if (manifest->count > 0)
        sort(manifest);
    return EXIT_DONE;
}

static int refuse_foreign(const char *path)
{
    return fail(EXIT_REFUSED,
        "%s is neither a digest nor a bundle of Sotto's, or is cut short",
        path);
}

/* The file's bytes behind its first line, into an allocated digest. */
static int read_digest(
    struct manifest *manifest, const char *path, int fd, size_t size)
{
    size_t count = 0, done = DIGEST_MAGIC_BYTES;
    if (size < DIGEST_HEAD_BYTES || size > bytes_of(LIMIT_SHELF_IDS))
        return refuse_foreign(path);
    manifest->bytes = calloc(1, size);
    if (!manifest->bytes)
        return fail(EXIT_BUG, "no memory");
    memcpy(manifest->bytes, DIGEST_MAGIC, DIGEST_MAGIC_BYTES);
    while (done < size) {
        ssize_t got = read(fd, manifest->bytes + done, size - done);
        if (got == 0 || (got < 0 && errno != EINTR))
            return fail(EXIT_USAGE, "cannot read %s: %s", path,
                got < 0 ? strerror(errno) : "it has become shorter");
        done += got > 0 ? (size_t)got : 0;
    }
    if (digest_check((struct span){manifest->bytes, size}, &count))
        return refuse_foreign(path);
    manifest->count = manifest->capacity = count;
    return EXIT_DONE;
}

int manifest_load(
    struct manifest *manifest, struct client *client, const char *path)
{
    char magic[BUNDLE_MAGIC_BYTES] = "";
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(EXIT_USAGE, "cannot open %s: %s", path, strerror(errno));
    int code;
    bool is_whole = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
                    read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic);
    if (is_whole && memcmp(magic, BUNDLE_MAGIC, sizeof(magic)) == 0)
        code = load_bundle(manifest, client, path, fd);
    else if (is_whole && memcmp(magic, DIGEST_MAGIC, sizeof(magic)) == 0)
        code = read_digest(manifest, path, fd, (size_t)about.st_size);
    else
        code = refuse_foreign(path);
    close(fd);
    return code;
}
