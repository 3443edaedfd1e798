/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records do not end where pieces do: what the relay did not read of a piece
 * begins the next.  A piece holds the largest record, so each is one further,
 * or there is something wrong with it. */
#include "cli/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/ask.h"
#include "cli/output.h"
#include "proto/bundle.h"

enum { PIECE_BYTES = CONTROL_DATA_CHARS / 2 - BUNDLE_CHECK_BYTES };

struct piece {
    struct bundle_check check; /* first, as the request has it */
    uint8_t bytes[PIECE_BYTES];
    size_t count;
    bool at_end; /* of the file */
    char text[CONTROL_DATA_CHARS + 1];
};

static int fill(struct piece *piece, const struct feed *feed)
{
    while (piece->count < PIECE_BYTES && !piece->at_end) {
        ssize_t got = read(
            feed->fd, piece->bytes + piece->count, PIECE_BYTES - piece->count);
        if (got < 0 && errno != EINTR)
            return fail(
                EXIT_USAGE, "cannot read %s: %s", feed->path, strerror(errno));
        piece->at_end = got == 0;
        piece->count += got > 0 ? (size_t)got : 0;
    }
    return EXIT_DONE;
}

static void blame(struct feed *feed, struct span words)
{
    snprintf(feed->fault, sizeof(feed->fault), "%.*s", (int)words.size,
        (const char *)words.data);
}

static void add_up(struct control_bundle *sum, const struct control_bundle *new)
{
    sum->records += new->records;
    sum->ended = new->ended;
    sum->envelopes += new->envelopes;
    sum->receipts += new->receipts;
    sum->known += new->known;
    sum->early += new->early;
    sum->expired += new->expired;
    sum->too_far_ahead += new->too_far_ahead;
    sum->no_room += new->no_room;
    sum->false_receipts += new->false_receipts;
    sum->false_stamps += new->false_stamps;
}

/* What the relay said of the piece that it was sent. */
static int take_reply(
    struct feed *feed, struct piece *piece, const struct control_bundle *reply)
{
    if (reply->bytes > piece->count ||
        hex_decode(reply->check, piece->check.bytes, BUNDLE_CHECK_BYTES))
        return fail(EXIT_BUG, "the node has read more than it was sent");
    add_up(&feed->sum, reply);
    feed->offset += reply->bytes;
    piece->count -= (size_t)reply->bytes;
    memmove(piece->bytes, piece->bytes + reply->bytes, piece->count);
    int code = reply->ended ? fill(piece, feed) : EXIT_DONE;
    if (code)
        return code;
    if (reply->fault.size > 0)
        blame(feed, reply->fault);
    else if (reply->ended && piece->count > 0)
        blame(feed, span_of_text("something stands behind the end"));
    else if (!reply->ended && piece->at_end && reply->bytes == 0)
        blame(feed, span_of_text("it is cut short here"));
    return feed->piece ? feed->piece(feed->context, feed, reply) : EXIT_DONE;
}

static int send_piece(
    struct feed *feed, struct piece *piece, struct client *client)
{
    uint8_t bytes[BUNDLE_CHECK_BYTES + PIECE_BYTES];
    struct control_message message;
    memcpy(bytes, piece->check.bytes, BUNDLE_CHECK_BYTES);
    memcpy(bytes + BUNDLE_CHECK_BYTES, piece->bytes, piece->count);
    hex_encode(
        (struct span){bytes, BUNDLE_CHECK_BYTES + piece->count}, piece->text);
    struct control_request request = {
        .method = CONTROL_BUNDLE_PUT,
        .data = span_of_text(piece->text),
        .cursor = feed->sum.records,
        .peek = feed->peek,
    };
    int code = ask_on(client, &request, CONTROL_BUNDLE, &message);
    if (code)
        return code;
    code = take_reply(feed, piece, &message.reply.bundle);
    control_message_clear(&message);
    return code;
}

int feed_run(struct feed *feed, struct client *client)
{
    struct piece *piece = calloc(1, sizeof(*piece));
    int code = EXIT_DONE;
    if (!piece)
        return fail(EXIT_BUG, "no memory");
    while (!code && !feed->sum.ended && !feed->fault[0]) {
        code = fill(piece, feed);
        if (!code)
            code = send_piece(feed, piece, client);
    }
    free(piece);
    return code;
}
