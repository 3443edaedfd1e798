/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bundle: everybody's sealed mail in a file, for places that no link reaches.
 * The relay has the mail and no file, this program the file and no key; what
 * another has already is left out by comparing lists of ids here, so that the
 * relay is asked for no more than what is written. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/feed.h"
#include "cli/manifest.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/save.h"
#include "cli/verb.h"
#include "proto/bundle.h"
#include "proto/digest.h"

enum { BATCH_IDS = 512, ID_BYTES = sizeof(struct envelope_id) };

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static int print_fields(const struct control_field *fields, size_t count)
{
    char *line = NULL;
    size_t size = 0;
    enum status status = control_fields_print(fields, count, &line, &size);
    return output_line(status, line, size);
}

/* Out. */

struct export
{
    struct save save;
    struct client *client;
    struct draft *draft;
    struct bundle_check check; /* of the last record */
    uint64_t envelopes;
    uint64_t receipts;
    uint64_t bytes;
    struct envelope_id batch[BATCH_IDS]; /* to be asked for */
    size_t batch_count;
    uint8_t piece[CONTROL_DATA_CHARS / 2];
    char text[2 * (BUNDLE_CHECK_BYTES + BATCH_IDS * ID_BYTES) + 1];
    struct progress progress;
};

static int put(struct export *export, const void *data, size_t size)
{
    export->bytes += size;
    return draft_write(export->draft, (struct span){data, size})
               ? save_refuse(&export->save)
               : EXIT_DONE;
}

/* Count the records of a piece; false when it is none of whole ones. */
static bool count_records(struct export *export, struct span piece)
{
    while (piece.size > 0) {
        struct bundle_record record;
        if (bundle_decode(piece, &record))
            return false;
        export->envelopes += record.kind == BUNDLE_ENVELOPE;
        export->receipts += record.kind == BUNDLE_RECEIPT;
        export->check = record.check;
        piece.data += record.bytes;
        piece.size -= record.bytes;
    }
    return true;
}

static int put_piece(struct export *export, const struct control_part *part)
{
    size_t size = part->data.size / 2;
    if (size > sizeof(export->piece) || part->next > export->batch_count ||
        (size > 0 &&
            hex_decode((const char *)part->data.data, export->piece, size)) ||
        !count_records(export, (struct span){export->piece, size}))
        return fail(EXIT_BUG, "the node answered with no records of a bundle");
    return put(export, export->piece, size);
}

/* Ask for the batch, or as much of it as comes at once; an empty one asks for
 * the end. */
static int ask_batch(struct export *export)
{
    uint8_t bytes[BUNDLE_CHECK_BYTES + BATCH_IDS * ID_BYTES];
    struct control_message message;
    size_t size = export->batch_count * ID_BYTES;
    memcpy(bytes, export->check.bytes, BUNDLE_CHECK_BYTES);
    memcpy(bytes + BUNDLE_CHECK_BYTES, export->batch, size);
    hex_encode((struct span){bytes, BUNDLE_CHECK_BYTES + size}, export->text);
    struct control_request request = {
        .method = CONTROL_BUNDLE_GET,
        .data = span_of_text(export->text),
        .cursor = export->envelopes + export->receipts,
    };
    int code = ask_on(export->client, &request, CONTROL_PART, &message);
    if (code)
        return code;
    size_t used = (size_t)message.reply.part.next;
    code = put_piece(export, &message.reply.part);
    control_message_clear(&message);
    if (code || export->batch_count == 0)
        return code;
    if (used == 0)
        return fail(EXIT_BUG, "the node does not go on");
    export->batch_count -= used;
    memmove(
        export->batch, export->batch + used, export->batch_count * ID_BYTES);
    return EXIT_DONE;
}

static int flush_batch(struct export *export)
{
    int code = EXIT_DONE;
    while (!code && export->batch_count > 0)
        code = ask_batch(export);
    return code;
}

/* Whether who has what the digest says has no use for an item. */
static bool is_had(struct span digest, const struct digest_item *item)
{
    int state = digest_find(digest, &item->id);
    return state == ITEM_CLEARED || state == item->state;
}

static int put_all(struct export *export, struct span mine, struct span theirs)
{
    size_t count = 0;
    int code = put(export, BUNDLE_MAGIC, BUNDLE_MAGIC_BYTES);
    if (mine.size > 0 && digest_check(mine, &count))
        return fail(EXIT_BUG, "the node's list is out of order");
    for (size_t i = 0; i < count && !code; i++) {
        struct digest_item item = digest_at(mine, i);
        if (is_had(theirs, &item))
            continue;
        export->batch[export->batch_count++] = item.id;
        if (export->batch_count == BATCH_IDS)
            code = flush_batch(export);
        progress_set(&export->progress, i, count);
    }
    if (!code)
        code = flush_batch(export);
    return code ? code : ask_batch(export);
}

static int export_all(const struct cli *cli, struct export *export)
{
    const char *since = cli->arguments.values[OPTION_SINCE];
    struct manifest mine = {0}, theirs = {0};
    int code = EXIT_DONE;
    if (since)
        code = manifest_load(&theirs, export->client, since);
    if (!code)
        code = manifest_ask(&mine, export->client);
    if (!code)
        code = put_all(export, manifest_span(&mine), manifest_span(&theirs));
    manifest_clear(&mine);
    manifest_clear(&theirs);
    return code;
}

static int print_exported(const struct cli *cli, const struct export *export)
{
    const struct control_field fields[] = {
        {.name = "file", .text = export->save.path},
        {.name = "envelopes", .number = export->envelopes},
        {.name = "receipts", .number = export->receipts},
        {.name = "bytes", .number = export->bytes}};
    if (cli->json)
        return print_fields(fields, sizeof(fields) / sizeof(fields[0]));
    printf("%" PRIu64 " envelope%s, %" PRIu64 " receipt%s, %" PRIu64 " bytes\n",
        export->envelopes, plural(export->envelopes), export->receipts,
        plural(export->receipts), export->bytes);
    hint(cli,
        "Whoever runs `sotto bundle import %s` has them then, and passes them "
        "on.",
        export->save.path);
    return EXIT_DONE;
}

static int write_bundle(const struct cli *cli, struct export *export)
{
    if (draft_open(export->save.path, &export->draft))
        return save_refuse(&export->save);
    progress_begin(&export->progress, cli, "written");
    int code = export_all(cli, export);
    progress_end(&export->progress);
    if (code) {
        draft_drop(export->draft);
        return code;
    }
    code = save_keep(&export->save, export->draft);
    return code ? code : print_exported(cli, export);
}

static int bundle_export(const struct cli *cli, const char *path)
{
    const struct save save = {.path = path};
    int code = save_check(&save);
    if (code)
        return code;
    struct export *export = calloc(1, sizeof(*export));
    if (!export)
        return fail(EXIT_BUG, "no memory");
    export->save = save;
    code = ask_open(cli, CONTROL_RELAY, &export->client);
    if (!code) {
        code = write_bundle(cli, export);
        client_close(export->client);
    }
    free(export);
    return code;
}

/* What is here. */

static int write_digest(const struct save *save, struct span digest)
{
    uint8_t empty[DIGEST_HEAD_BYTES];
    struct draft *draft;
    if (draft_open(save->path, &draft))
        return save_refuse(save);
    digest_head_encode(0, empty);
    if (digest.size == 0)
        digest = (struct span){empty, sizeof(empty)};
    if (draft_write(draft, digest)) {
        int code = save_refuse(save);
        draft_drop(draft);
        return code;
    }
    return save_keep(save, draft);
}

static int bundle_digest(const struct cli *cli, const char *path)
{
    const struct save save = {.path = path};
    struct manifest manifest = {0};
    struct client *client;
    int code = save_check(&save);
    if (!code)
        code = ask_open(cli, CONTROL_RELAY, &client);
    if (code)
        return code;
    code = manifest_ask(&manifest, client);
    client_close(client);
    if (!code)
        code = write_digest(&save, manifest_span(&manifest));
    const struct control_field fields[] = {{.name = "file", .text = path},
        {.name = "items", .number = manifest.count}};
    if (!code && cli->json)
        code = print_fields(fields, 2);
    else if (!code)
        printf("%zu item%s\n", manifest.count, plural(manifest.count));
    manifest_clear(&manifest);
    return code;
}

/* In. */

static int print_json(const struct feed *feed)
{
    const struct control_bundle *sum = &feed->sum;
    const struct control_field fields[] = {
        {.name = "file", .text = feed->path},
        {.name = "records", .number = sum->records},
        {.name = "envelopes", .number = sum->envelopes},
        {.name = "receipts", .number = sum->receipts},
        {.name = "known", .number = sum->known},
        {.name = "early", .number = sum->early},
        {.name = "expired", .number = sum->expired},
        {.name = "too_far_ahead", .number = sum->too_far_ahead},
        {.name = "no_room", .number = sum->no_room},
        {.name = "false_receipts", .number = sum->false_receipts},
        {.name = "false_stamps", .number = sum->false_stamps},
        {.name = "fault", .text = feed->fault},
        {.name = "fault_at", .number = feed->fault[0] ? feed->offset : 0},
    };
    return print_fields(fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_refused(uint64_t count, const char *why)
{
    if (count)
        printf("not taken in: %" PRIu64 " %s\n", count, why);
}

static void print_refused_receipts(uint64_t count, const char *why)
{
    if (count)
        printf("not taken in: %" PRIu64 " receipt%s %s\n", count, plural(count),
            why);
}

static int print_imported(const struct cli *cli, const struct feed *feed)
{
    const struct control_bundle *sum = &feed->sum;
    if (cli->json)
        return print_json(feed);
    printf("taken in: %" PRIu64 " envelope%s, %" PRIu64
           " receipt%s; known before: %" PRIu64 "\n",
        sum->envelopes, plural(sum->envelopes), sum->receipts,
        plural(sum->receipts), sum->known);
    print_refused_receipts(
        sum->early, "without an envelope here, kept for a while");
    print_refused(sum->expired, "that had expired");
    print_refused(sum->too_far_ahead, "that expire too far ahead");
    print_refused(sum->no_room,
        "that there is no room for: bundles may fill a quarter of the "
        "shelf");
    print_refused_receipts(sum->false_receipts, "with a false proof");
    print_refused(sum->false_stamps, "whose stamps are false");
    return EXIT_DONE;
}

struct watch {
    struct progress progress;
    uint64_t bytes; /* of the whole file */
};

static int on_piece(
    void *context, const struct feed *feed, const struct control_bundle *piece)
{
    struct watch *watch = context;
    (void)piece;
    progress_set(&watch->progress, feed->offset, watch->bytes);
    return EXIT_DONE;
}

static int refuse_foreign(const char *path, const char *magic)
{
    if (memcmp(magic, DIGEST_MAGIC, DIGEST_MAGIC_BYTES) == 0)
        return fail(EXIT_REFUSED,
            "%s is a digest: it is for `sotto bundle export --since`", path);
    return fail(
        EXIT_REFUSED, "%s is no bundle of Sotto's; nothing was taken in", path);
}

static int open_bundle(const char *path, int *out, uint64_t *bytes)
{
    char magic[BUNDLE_MAGIC_BYTES] = "";
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(EXIT_USAGE, "cannot open %s: %s", path, strerror(errno));
    if (read(fd, magic, sizeof(magic)) < 0 || fstat(fd, &about)) {
        int saved = errno;
        close(fd);
        return fail(EXIT_USAGE, "cannot read %s: %s", path, strerror(saved));
    }
    if (memcmp(magic, BUNDLE_MAGIC, sizeof(magic)) != 0) {
        close(fd);
        return refuse_foreign(path, magic);
    }
    *out = fd;
    *bytes = (uint64_t)about.st_size;
    return EXIT_DONE;
}

static int import(const struct cli *cli, struct feed *feed, struct watch *watch)
{
    struct client *client;
    int code = ask_open(cli, CONTROL_RELAY, &client);
    if (code)
        return code;
    progress_begin(&watch->progress, cli, "read");
    code = feed_run(feed, client);
    progress_end(&watch->progress);
    client_close(client);
    if (code)
        return code;
    code = print_imported(cli, feed);
    if (!code && feed->fault[0])
        return fail(EXIT_REFUSED,
            "%s, at byte %" PRIu64 ": %s; what stands before it was taken in",
            feed->path, feed->offset, feed->fault);
    return code;
}

static int bundle_import(const struct cli *cli, const char *path)
{
    struct watch watch = {.bytes = 0};
    struct feed feed = {.path = path,
        .piece = on_piece,
        .context = &watch,
        .offset = BUNDLE_MAGIC_BYTES};
    int code = open_bundle(path, &feed.fd, &watch.bytes);
    if (code)
        return code;
    code = import(cli, &feed, &watch);
    close(feed.fd);
    return code;
}

int verb_bundle(const struct cli *cli)
{
    const char *what = cli->arguments.words[0];
    const char *path = cli->arguments.words[1];
    bool is_export = strcmp(what, "export") == 0;
    if (!is_export && arguments_has(&cli->arguments, OPTION_SINCE))
        return fail(EXIT_USAGE, "--since is for sotto bundle export");
    if (is_export)
        return bundle_export(cli, path);
    if (strcmp(what, "import") == 0)
        return bundle_import(cli, path);
    return bundle_digest(cli, path);
}
