/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people ask of real nodes, and what is made of the answers: groups and
 * files, and crashes that come before an answer.  The fleet and the clock are
 * this test's own, so that each answer comes when it is given. */
#include "sim/live/folk.h"

#include <string.h>

#include "base/hex.h"
#include "proto/limits.h"
#include "sim/live/course_state.h"
#include "sim/live/errand.h"
#include "sim/outside.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

enum { NODES = 8, SECOND_US = 1000000, WORD_CHARS = 64, PIECE_CHARS = 140000 };

/* What a node was asked last. */
struct heard {
    uint32_t node;
    enum control_method method;
    uint64_t id;
    uint64_t cursor;
    uint64_t size;
    char name[WORD_CHARS];
    char group[WORD_CHARS];
    char text[LIMIT_TEXT_BYTES + 1];
    char data[PIECE_CHARS];
};

static struct simulation simulation;
static struct course course;
static struct heard heard;
static uint64_t count; /* requests, of all */
static uint64_t time_us;

static void keep(struct span from, char *out, size_t capacity)
{
    need(from.size < capacity);
    if (from.size)
        memcpy(out, from.data, from.size);
    out[from.size] = '\0';
}

void fleet_ask(
    struct fleet *fleet, uint32_t node, struct control_request *request)
{
    need(fleet->nodes[node].stage == STAGE_UP);
    request->id = ++count;
    heard = (struct heard){.node = node,
        .method = request->method,
        .id = count,
        .cursor = request->cursor,
        .size = request->size};
    keep(request->name, heard.name, sizeof(heard.name));
    keep(request->group, heard.group, sizeof(heard.group));
    keep(request->text, heard.text, sizeof(heard.text));
    keep(request->data, heard.data, sizeof(heard.data));
}

uint64_t course_state_now_us(const struct course *of)
{
    (void)of;
    return time_us;
}

uint64_t outside_clock_s(void)
{
    return WORLD_START_S + time_us / SECOND_US;
}

static void begin(void)
{
    static const char *const settings[] = {"mesh.nodes=8", "mesh.degree=4",
        "workload.letters=2", "workload.pairs=1", "workload.groups=1",
        "workload.group_size=3", "workload.group_letters=3", "workload.files=2",
        "workload.file_size=100kB", NULL};
    struct scenario scenario;
    struct complaint complaint;
    setup_scenario(&scenario, settings);
    need(world_init(&simulation.world, &scenario,
             &(struct manner){.wire = false}, &complaint) == STATUS_OK);
    course = (struct course){.simulation = &simulation};
    course.fleet.nodes = calloc(NODES, sizeof(*course.fleet.nodes));
    need(course.fleet.nodes);
    for (uint32_t i = 0; i < NODES; i++)
        course.fleet.nodes[i] =
            (struct fleet_node){.stage = STAGE_UP, .has_vault = true};
    need(folk_init(&course.folk, &simulation.world) == STATUS_OK);
    time_us = SECOND_US;
    count = 0;
}

static void end(void)
{
    folk_clear(&course.folk);
    free(course.fleet.nodes);
    world_clear(&simulation.world);
}

static void write(enum write_kind kind, uint32_t node, uint32_t number)
{
    const struct queue_event event = {
        .to = node, .kind = EVENT_WRITE, .link = kind, .handle = number};
    folk_write(&course, &event);
}

/* The answer to what was asked last, or to an earlier one; of an id, where it
 * is that something was sent. */
static void answer_to(const struct heard *to, struct control_reply *reply)
{
    reply->id = to->id;
    need(folk_came(&course, to->node, reply));
}

static void answer(enum control_kind kind)
{
    const struct heard to = heard;
    answer_to(&to, &(struct control_reply){.kind = kind});
}

static void refuse(enum status status)
{
    const struct heard to = heard;
    answer_to(&to, &(struct control_reply){.kind = CONTROL_ERROR,
                       .error = {status, span_of_text("because")}});
}

static void say_sent(char digit)
{
    const struct heard to = heard;
    struct control_reply reply = {.kind = CONTROL_SENT};
    memset(reply.sent.id, digit, CONTROL_MESSAGE_ID_CHARS);
    answer_to(&to, &reply);
}

/* A node goes down and comes up, and those who write there do what they do
 * again. */
static void crash(uint32_t node)
{
    struct queue_event event;
    bool failed = false;
    simulation.world.now_us = time_us;
    course.fleet.nodes[node].stage = STAGE_DOWN;
    folk_forget_asked(&course, node);
    course.fleet.nodes[node].stage = STAGE_UP;
    time_us += 2 * SECOND_US;
    while (queue_pop(simulation.world.queue, time_us, &event, &failed))
        folk_write(&course, &event);
}

static uint64_t violations(void)
{
    return simulation.world.oracle.violation_count;
}

/* Letters. */

static void show_letter(uint32_t from, uint32_t to)
{
    char name[ERRAND_NAME_CHARS], text[LIMIT_TEXT_BYTES + 1];
    letters_text(&simulation.world.letters, 0, text);
    struct control_reply note = {.kind = CONTROL_NOTE_LETTER,
        .letter = {.text = span_of_text(text),
            .from = errand_name(from, name),
            .sent_at_s = outside_clock_s()}};
    memset(note.letter.id, 'a', CONTROL_MESSAGE_ID_CHARS);
    need(folk_came(&course, to, &note));
}

static void test_letters(void)
{
    begin();
    struct letters *letters = &simulation.world.letters;
    uint32_t from = letters->list[0].from, to = letters->list[0].to;
    write(WRITE_LETTER, from, 0);
    show_letter(from, to);
    ok(heard.method == CONTROL_SEND && letters->sent == 1 &&
            letters->shown == 1 && violations() == 0,
        "a letter is written, and shown before its writer has an answer");
    say_sent('a');
    show_letter(from, to);
    ok(letters->shown == 1 && violations() == 1, "but once");
    show_letter(to, from);
    ok(violations() == 2, "and to nobody else");
    end();
}

/* The machine stood still for longer than a writer waits for his node. */
static void test_late(void)
{
    begin();
    uint32_t from = simulation.world.letters.list[0].from;
    struct queue_event event;
    bool failed = false;
    time_us += 9 * SECOND_US;
    simulation.world.now_us = time_us;
    course.fleet.nodes[from].stage = STAGE_DOWN;
    write(WRITE_LETTER, from, 0);
    course.fleet.nodes[from].stage = STAGE_UP;
    ok(queue_pop(simulation.world.queue, time_us, &event, &failed) &&
            event.at_us == time_us && event.to == from,
        "what should have been done before is done now");
    end();
}

/* Groups. */

static bool is_asked_in(uint32_t place)
{
    const struct circles *circles = &simulation.world.circles;
    char name[ERRAND_NAME_CHARS];
    errand_name(circles_member(circles, 0, place), name);
    return heard.method == CONTROL_GROUP_ADD &&
           heard.node == circles_member(circles, 0, 0) &&
           strcmp(heard.group, "g0") == 0 && strcmp(heard.name, name) == 0;
}

static void test_gathering(void)
{
    begin();
    uint32_t first = circles_member(&simulation.world.circles, 0, 0);
    write(WRITE_GATHERING, first, 0);
    ok(heard.node == first && heard.method == CONTROL_GROUP_NEW &&
            strcmp(heard.name, "g0") == 0 && count == 1,
        "the first of a circle makes the group");
    crash(first);
    ok(heard.method == CONTROL_GROUP_NEW && count == 2,
        "again, where a crash came before the answer");
    refuse(STATUS_EXISTS);
    ok(is_asked_in(1) && !simulation.world.refusal.text[0],
        "that it is there already is no refusal; then the second is asked in");
    answer(CONTROL_GROUP_ROWS);
    ok(is_asked_in(2) && count == 4, "and the third after that");
    refuse(STATUS_FULL);
    ok(strcmp(simulation.world.refusal.text, "because") == 0 && count == 4,
        "what is refused is told of, and nobody else is asked");
    end();
}

/* Somebody hears that something happened, and sees so many members. */
static void look(uint32_t place, size_t members)
{
    struct control_member rows[3] = {
        {.role = "invited"}, {.role = "invited"}, {.role = "invited"}};
    for (size_t i = 0; i < members; i++)
        rows[i].role = "member";
    uint32_t node = circles_member(&simulation.world.circles, 0, place);
    const struct control_reply note = {.kind = CONTROL_NOTE_GROUP,
        .group_event = {.name = span_of_text("g0"), .what = "added"}};
    uint64_t before = count;
    need(folk_came(&course, node, &note));
    need(folk_came(&course, node, &note));
    need(count == before + 1); /* one look at a time */
    need(heard.method == CONTROL_GROUP_MEMBERS && heard.node == node);
    const struct heard to = heard;
    answer_to(
        &to, &(struct control_reply){
                 .kind = CONTROL_MEMBER_ROWS, .count = 3, .members = rows});
}

static void show_at(
    uint32_t place, const char *text, char digit, uint64_t sent_at_s)
{
    struct control_reply note = {.kind = CONTROL_NOTE_LETTER,
        .letter = {.text = span_of_text(text),
            .group = span_of_text("g0"),
            .sent_at_s = sent_at_s}};
    memset(note.letter.id, digit, CONTROL_MESSAGE_ID_CHARS);
    need(folk_came(
        &course, circles_member(&simulation.world.circles, 0, place), &note));
}

static void test_circle_letters(void)
{
    begin();
    struct circles *circles = &simulation.world.circles;
    uint32_t writer = circles_member(circles, 0, circles->letters[0].writer);
    write(WRITE_CIRCLE_LETTER, writer, 0);
    ok(count == 0, "a letter waits for its writer to see all members");
    look(0, 2);
    ok(heard.method == CONTROL_GROUP_MEMBERS && count == 2,
        "who sees some looks again, if more has happened meanwhile");
    look(1, 3);
    ok(circles->seeing == 1 && count == 3, "one who sees all of them is whole");
    struct control_member rows[3] = {
        {.role = "admin"}, {.role = "member"}, {.role = "member"}};
    answer_to(&(struct heard){.node = writer, .id = 2},
        &(struct control_reply){
            .kind = CONTROL_MEMBER_ROWS, .count = 3, .members = rows});
    ok(heard.method == CONTROL_GROUP_SEND && heard.node == writer &&
            strcmp(heard.group, "g0") == 0 && count == 4,
        "and the letter is written once its writer does");
    char text[LIMIT_TEXT_BYTES + 1];
    memcpy(text, heard.text, sizeof(text));
    uint64_t now_s = outside_clock_s();
    show_at(1, text, 'a', now_s);
    ok(circles->sent == 1 && circles->shown == 1 && violations() == 0,
        "what is shown was sent, though its writer has no answer yet");
    say_sent('a');
    show_at(2, text, 'a', now_s);
    ok(circles->sent == 1 && circles->shown == 2 && violations() == 0,
        "to every member");
    show_at(2, text, 'a', now_s);
    ok(circles->shown == 2 && violations() == 1, "but once");
    show_at(0, text, 'a', now_s);
    ok(violations() == 2, "and not to its writer");
    end();
}

/* The first letter of the circle, whose members all see each other. */
static void write_first(char *text)
{
    begin();
    for (uint32_t place = 0; place < 3; place++)
        circles_became_whole(&simulation.world.circles, 0, place);
    write(WRITE_CIRCLE_LETTER, circles_member(&simulation.world.circles, 0, 0),
        0);
    need(heard.method == CONTROL_GROUP_SEND);
    memcpy(text, heard.text, LIMIT_TEXT_BYTES + 1);
}

static void test_written_twice(void)
{
    char text[LIMIT_TEXT_BYTES + 1];
    write_first(text);
    struct circles *circles = &simulation.world.circles;
    uint64_t asked_s = outside_clock_s();
    crash(circles_member(circles, 0, 0));
    ok(heard.method == CONTROL_GROUP_SEND && strcmp(heard.text, text) == 0 &&
            count == 2,
        "a letter whose writer's node crashed before it answered comes again");
    show_at(1, text, 'a', asked_s);
    say_sent('b');
    show_at(1, text, 'b', outside_clock_s());
    ok(circles->sent == 1 && circles->shown == 1 && violations() == 0,
        "and may rightly be shown twice");
    ok(circles->letters[0].sent_us == SECOND_US &&
            circles_copy(circles, 0, 1)->shown_us == time_us,
        "its time runs from when it was asked for first");
    end();
    write_first(text);
    show_at(1, text, 'a', outside_clock_s() - 60);
    ok(violations() == 1, "one with another time than its writer's is wrong");
    text[strlen(text) - 1] ^= 1;
    show_at(2, text, 'a', outside_clock_s());
    ok(violations() == 2, "and so is one with another text");
    end();
}

/* Files. */

/* One that comes out at its recipient's: so many bytes from there. */
static void come_out(uint32_t index, size_t from, bool is_changed)
{
    const struct shipments *shipments = &simulation.world.shipments;
    static uint8_t bytes[LIMIT_FILE_PART_BYTES];
    static char text[2 * LIMIT_FILE_PART_BYTES + 1];
    size_t left = shipments->list[index].bytes - from;
    size_t size = left < sizeof(bytes) ? left : sizeof(bytes);
    shipments_content(shipments, index, from, bytes, size);
    bytes[size / 2] ^= is_changed;
    hex_encode((struct span){bytes, size}, text);
    const struct heard to = heard;
    answer_to(
        &to, &(struct control_reply){.kind = CONTROL_PART,
                 .part = {.data = span_of_text(text),
                     .next = size < left ? from / sizeof(bytes) + 1 : 0}});
}

static void say_whole(uint32_t index)
{
    char name[SHIPMENTS_NAME_CHARS];
    const struct control_reply note = {.kind = CONTROL_NOTE_FILE,
        .file = {.name = shipments_name(index, name), .state = "whole"}};
    need(folk_came(&course, simulation.world.shipments.list[index].to, &note));
}

/* Hand over what is asked for next; whether it is that file's next piece. */
static bool hand_over(uint32_t index, size_t done)
{
    static uint8_t bytes[CONTROL_DATA_CHARS / 2];
    static char text[CONTROL_DATA_CHARS + 1];
    answer(CONTROL_DONE);
    size_t size = strlen(heard.data) / 2;
    shipments_content(&simulation.world.shipments, index, done, bytes, size);
    hex_encode((struct span){bytes, size}, text);
    return heard.method == CONTROL_FILE_MORE && heard.cursor == done &&
           size > 0 && strcmp(heard.data, text) == 0;
}

static void test_sending(void)
{
    enum { PIECE = CONTROL_DATA_CHARS / 2 };
    begin();
    struct shipments *shipments = &simulation.world.shipments;
    uint32_t node = shipments->list[0].from;
    shipments->list[1].from = node;
    write(WRITE_SHIPMENT, node, 0);
    write(WRITE_SHIPMENT, node, 1);
    ok(heard.method == CONTROL_FILE_SEND && heard.node == node &&
            heard.size == 100000 && count == 1,
        "one file is begun, and the next waits");
    ok(hand_over(0, 0) && hand_over(0, PIECE) && count == 3,
        "its pieces are handed over, each after the last");
    crash(node);
    ok(heard.method == CONTROL_FILE_SEND && count == 4,
        "it is begun anew, where a crash came in between");
    ok(hand_over(0, 0) && hand_over(0, PIECE), "with all of its pieces");
    say_sent('a');
    ok(shipments->sent == 1 && heard.method == CONTROL_FILE_SEND && count == 7,
        "once it is taken the next begins");
    refuse(STATUS_FULL);
    ok(shipments->refused == 1 && count == 7 && violations() == 0,
        "a file that is refused is, and that is all");
    end();
}

static void test_taking_out(void)
{
    begin();
    struct shipments *shipments = &simulation.world.shipments;
    uint32_t node = shipments->list[0].to;
    say_whole(0);
    ok(heard.method == CONTROL_FILE_GET && heard.node == node && count == 1,
        "a file that is whole is taken out");
    say_whole(0);
    ok(count == 1, "once");
    come_out(0, 0, false);
    ok(heard.method == CONTROL_FILE_GET && heard.cursor == 1 && count == 2,
        "part by part");
    crash(node);
    folk_catch_up(&course, node);
    say_whole(0);
    ok(heard.method == CONTROL_FILE_GET && heard.cursor == 1,
        "after a crash it goes on where it was");
    for (size_t part = 1; part < 4; part++)
        come_out(0, part * LIMIT_FILE_PART_BYTES, false);
    ok(shipments->whole == 1 && violations() == 0, "to its end");
    say_whole(1);
    come_out(1, 0, true);
    ok(shipments->whole == 1 && violations() == 1,
        "one byte that is another is a violation");
    end();
}

int main(void)
{
    test_letters();
    test_late();
    test_gathering();
    test_circle_letters();
    test_written_twice();
    test_sending();
    test_taking_out();
    return tap_done();
}
