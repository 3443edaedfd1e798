/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line is a time, a node and what happened there.  Frames are shown where
 * they are sent and where they come; of an envelope, the beginning of its id.
 */
#include "sim/watch.h"

#include <inttypes.h>
#include <string.h>

enum { ID_SHOWN = 4 };

static bool is_looking(const struct world *world, uint32_t node)
{
    const struct watch *watch = world->watch;
    return watch && world->now_us <= watch->until_us &&
           (watch->node == WORLD_ITSELF || watch->node == node);
}

static void begin_line(const struct world *world, uint32_t node)
{
    fprintf(world->watch->stream, "%8" PRIu64 ".%06" PRIu64 "  ",
        world->now_us / 1000000, world->now_us % 1000000);
    if (node == WORLD_ITSELF)
        fprintf(world->watch->stream, "mesh  ");
    else
        fprintf(world->watch->stream, "node %" PRIu32 "  ", node);
}

static void print_id(FILE *stream, const struct envelope_id *id)
{
    fprintf(stream, "  envelope ");
    for (size_t i = 0; i < ID_SHOWN; i++)
        fprintf(stream, "%02x", id->bytes[i]);
}

/* The one envelope that a frame is about, or NULL. */
static const struct envelope_id *single_id(const struct frame *frame)
{
    if (frame->type == FRAME_PUSH || frame->type == FRAME_STEM)
        return &frame->push.id;
    if (frame->type == FRAME_RECEIPT || frame->type == FRAME_STEM_RECEIPT)
        return &frame->receipt.id;
    return NULL;
}

static bool is_same(
    const struct envelope_id *one, const struct envelope_id *other)
{
    return memcmp(one->bytes, other->bytes, sizeof(one->bytes)) == 0;
}

/* Whether a frame names the envelope that carries the letter. */
static bool names_letter(const struct world *world, const struct frame *frame)
{
    uint32_t number = world->letters.list[world->watch->letter].envelope;
    if (number == SLAB_NONE)
        return false;
    const struct envelope_id *wanted = &slab_item(&world->slab, number)->id;
    const struct envelope_id *single = single_id(frame);
    if (single)
        return is_same(single, wanted);
    for (size_t i = 0; frame_has_ids(frame->type) && i < frame->ids.count; i++)
        if (is_same(&frame->ids.ids[i], wanted))
            return true;
    return false;
}

static const char *word_of(enum watch_way way)
{
    switch (way) {
    case WATCH_SENT:
        return "sends";
    case WATCH_LOST:
        return "sends, and it is lost,";
    case WATCH_DEMOTED:
        return "announces in place of";
    case WATCH_CAME:
        return "gets";
    case WATCH_STALE:
        return "gets, on a link that is over,";
    }
    return "";
}

void watch_frame(const struct world *world, enum watch_way way, uint32_t from,
    uint32_t to, const struct frame *frame)
{
    bool is_out = way != WATCH_CAME && way != WATCH_STALE;
    uint32_t node = is_out ? from : to;
    if (!is_looking(world, node))
        return;
    if (world->watch->letter != WATCH_ALL && !names_letter(world, frame))
        return;
    FILE *stream = world->watch->stream;
    begin_line(world, node);
    fprintf(stream, "%s %s %s %" PRIu32, word_of(way),
        frame_type_name(frame->type), is_out ? "to" : "from",
        is_out ? to : from);
    const struct envelope_id *id = single_id(frame);
    if (id)
        print_id(stream, id);
    else if (frame_has_ids(frame->type))
        fprintf(stream, "  %zu envelope%s", (size_t)frame->ids.count,
            frame->ids.count == 1 ? "" : "s");
    fputc('\n', stream);
}

void watch_link(
    const struct world *world, uint32_t node, const char *does, uint32_t other)
{
    if (!is_looking(world, node) || world->watch->letter != WATCH_ALL)
        return;
    begin_line(world, node);
    if (other == UINT32_MAX)
        fprintf(world->watch->stream, "%s nobody\n", does);
    else
        fprintf(world->watch->stream, "%s %" PRIu32 "\n", does, other);
}

/* What happens to a node but for frames; NULL: nothing that is shown. */
static const char *happening(const struct queue_event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_DIAL:
        return "is dialled by";
    case EVENT_ACCEPT:
        return "is answered by";
    case EVENT_CLOSE:
        return "loses its link with";
    case EVENT_BOOT:
        return "boots";
    case EVENT_LEAVE:
        return "leaves";
    case EVENT_CRASH:
        return event->handle == CRASH_FOR_GOOD ? "dies" : "crashes";
    case EVENT_SPLIT:
        return "is split";
    case EVENT_HEAL:
        return "is whole again";
    case EVENT_FRAME:
    case EVENT_PUSH:
    case EVENT_STEM:
    case EVENT_RECEIPT:
    case EVENT_DIAL_FAILED:
    case EVENT_TIMER:
    case EVENT_STAMP:
    case EVENT_WRITE:
    case EVENT_ACT:
    case EVENT_LATE:
    case EVENT_LATE_PUSH:
    case EVENT_LATE_STEM:
    case EVENT_TAKEN:
    case EVENT_CONFIRM:
    case EVENT_PIPE:
    case EVENT_MEETING:
    case EVENT_SAMPLE:
        return NULL;
    }
    return NULL;
}

/* Whether what was planned for a node befalls it: nobody boots who is up or
 * dead, and nobody leaves who is down. */
static bool comes_about(
    const struct world *world, const struct queue_event *event)
{
    if (event->to == WORLD_ITSELF)
        return true;
    const struct node *node = &world->nodes[event->to];
    if (event->kind == EVENT_BOOT)
        return !node->relay && !node->is_dead;
    if (event->kind == EVENT_LEAVE)
        return node->relay && node->boots == event->link;
    return event->kind != EVENT_CRASH || node->relay ||
           event->handle == CRASH_FOR_GOOD;
}

/* Of a letter: that its time to be written has come. */
static const char *news(
    const struct watch *watch, const struct queue_event *event)
{
    if (watch->letter == WATCH_ALL)
        return happening(event);
    bool is_due = event->kind == EVENT_WRITE && event->link == WRITE_LETTER &&
                  event->handle == watch->letter;
    return is_due ? "is to write the letter" : NULL;
}

void watch_event(const struct world *world, const struct queue_event *event)
{
    uint32_t node = event->to == WORLD_ITSELF ? world->watch->node : event->to;
    const char *what = news(world->watch, event);
    if (!what || !is_looking(world, node) || !comes_about(world, event))
        return;
    begin_line(world, event->to);
    fputs(what, world->watch->stream);
    if (event->from != WORLD_ITSELF && event->from != event->to)
        fprintf(world->watch->stream, " %" PRIu32, event->from);
    fputc('\n', world->watch->stream);
}

/* One step of the letter's way, the first time that it is seen. */
static void tell(
    const struct world *world, uint64_t *told, uint64_t at_us, const char *what)
{
    if (*told == at_us)
        return;
    *told = at_us;
    const struct watch *watch = world->watch;
    const struct letter_fate *fate = &world->letters.list[watch->letter];
    uint32_t node = told == &watch->shown_us ? fate->to : fate->from;
    if (!is_looking(world, node))
        return;
    begin_line(world, node);
    fprintf(watch->stream, "%s\n", what);
}

void watch_letter(const struct world *world)
{
    struct watch *watch = world->watch;
    if (watch->letter == WATCH_ALL)
        return;
    const struct letter_fate *fate = &world->letters.list[watch->letter];
    tell(world, &watch->sent_us, fate->sent_us, "has written the letter");
    tell(world, &watch->shown_us, fate->shown_us, "shows the letter");
    tell(world, &watch->receipt_us, fate->receipt_us,
        "knows that the letter has come");
}
