/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every request, reply and notification goes out and comes back the same. */
#include "tests/proto/line.h"

/* Encode, decode and encode again; out borrows from the message. */
static bool reply_turns(
    const struct control_reply *reply, struct control_message *message)
{
    char *first = NULL, *second = NULL;
    size_t first_size = 0, second_size = 0;
    if (control_reply_encode(reply, &first, &first_size))
        return false;
    struct span line = {(const uint8_t *)first, first_size - 1};
    if (control_decode(line, message, &why)) {
        printf("# %s: %.*s\n", why, (int)line.size, first);
        return false;
    }
    bool same =
        control_reply_encode(&message->reply, &second, &second_size) == 0 &&
        first_size == second_size && memcmp(first, second, first_size) == 0;
    control_line_free(first, first_size);
    control_line_free(second, second_size);
    return same && message->is_reply && message->reply.kind == reply->kind &&
           message->reply.id == reply->id;
}

/* Whether the printed form of a reply is this text. */
static bool prints(const struct control_reply *reply, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    if (control_reply_print(reply, &text, &size))
        return false;
    bool same = size == strlen(expected) && memcmp(text, expected, size) == 0;
    if (!same)
        printf("# printed %.*s\n", (int)size, text);
    control_line_free(text, size);
    return same;
}

static void test_requests(void)
{
    struct control_request request = {
        .method = CONTROL_SEND,
        .id = 7,
        .name = span_of_text("bo"),
        .text = span_of_text("h\xc3\xa9llo \"\\\n"),
        .life_h = 24,
        .burn_s = 300,
        .urgent = true,
    };
    char *line = NULL;
    size_t size = 0;
    struct control_message message;
    need(control_request_encode(&request, &line, &size) == STATUS_OK);
    need(back(line, size, &message) == STATUS_OK);
    struct control_request *got = &message.request;
    ok(!message.is_reply && got->method == CONTROL_SEND && got->id == 7 &&
            span_equal(got->name, request.name) &&
            span_equal(got->text, request.text) && got->life_h == 24 &&
            got->burn_s == 300 && got->urgent && !got->all,
        "a send comes back as it was");
    ok(got->text.data[got->text.size] == 0, "text is terminated");
    control_message_clear(&message);

    bool all = true;
    for (int i = 0; i < CONTROL_METHOD_COUNT; i++) {
        request = (struct control_request){.method = (enum control_method)i};
        all = all && control_request_encode(&request, &line, &size) == 0 &&
              back(line, size, &message) == STATUS_OK &&
              message.request.method == (enum control_method)i;
        control_message_clear(&message);
    }
    ok(all, "each method comes back, with what it needs and nothing else");

    request = (struct control_request){.method = CONTROL_RECEIPTS,
        .name = span_of_text("bo"),
        .receipts = span_of_text("discreet")};
    ok(control_request_encode(&request, &line, &size) == 0 &&
            back(line, size, &message) == STATUS_OK &&
            span_equal(message.request.receipts, span_of_text("discreet")),
        "how soon to confirm comes back as it was");
    control_message_clear(&message);
    request.receipts = span_of_text("discreetly");
    ok(control_request_encode(&request, &line, &size) == STATUS_TOO_LARGE,
        "and no longer word");

    request = (struct control_request){
        .method = CONTROL_UNLOCK, .passphrase = span_of_text("a\xff")};
    ok(control_request_encode(&request, &line, &size) == STATUS_INVALID,
        "what is not UTF-8 does not go out");
}

static const struct control_letter letter = {
    .id = "00112233445566778899aabbccddeeff",
    .fingerprint =
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    .sent_at_s = 1,
    .received_at_s = 2,
    .state = "unread",
    .burn_s = 3,
    .burns_at_s = 4,
    .evidence = "evidential",
    .number = 5,
    .view = "",
};

static void test_letters(void)
{
    struct control_letter rows[LIMIT_CONTROL_ROWS + 1];
    for (size_t i = 0; i < LIMIT_CONTROL_ROWS + 1; i++) {
        rows[i] = letter;
        rows[i].from = span_of_text("bo");
        rows[i].text = span_of_text("hi");
    }
    struct control_reply reply = {.kind = CONTROL_LETTER_ROWS,
        .id = 5,
        .next = 9,
        .count = LIMIT_CONTROL_ROWS,
        .letters = rows};
    struct control_message message;
    ok(reply_turns(&reply, &message), "a full page of letters comes back");
    ok(message.reply.count == LIMIT_CONTROL_ROWS && message.reply.next == 9 &&
            strcmp(message.reply.letters[255].id, letter.id) == 0 &&
            strcmp(message.reply.letters[255].state, "unread") == 0 &&
            message.reply.letters[255].burns_at_s == 4,
        "with every field");
    control_message_clear(&message);
    reply.count = 0;
    ok(reply_turns(&reply, &message) && message.reply.count == 0,
        "an empty page comes back and is still of letters");
    control_message_clear(&message);
    ok(prints(&reply, ""), "and prints nothing");

    char *line;
    size_t size;
    reply.count = LIMIT_CONTROL_ROWS + 1;
    ok(control_reply_encode(&reply, &line, &size) == STATUS_TOO_LARGE,
        "one row more is refused");
    static char text[LIMIT_TEXT_BYTES + 2];
    memset(text, 'x', sizeof(text) - 1);
    rows[0].text = span_of_text(text);
    reply.count = 1;
    ok(control_reply_encode(&reply, &line, &size) == STATUS_TOO_LARGE,
        "a text past its limit is refused");
    text[LIMIT_TEXT_BYTES] = 0;
    for (size_t i = 0; i < 60; i++)
        rows[i].text = span_of_text(text);
    reply.count = 60;
    ok(control_reply_encode(&reply, &line, &size) == STATUS_TOO_LARGE,
        "a line past its limit is refused");

    rows[0].text = span_of_text("\x1b[2J\xc2\x9b"
                                "2J\xc3\xa9\xc2\xa0");
    reply.count = 1;
    ok(prints(&reply,
           "{\"id\":\"00112233445566778899aabbccddeeff\",\"from\":\"bo\","
           "\"fingerprint\":\"000102030405060708090a0b0c0d0e0f1011121314151617"
           "18191a1b1c1d1e1f\",\"text\":\"\\u001B[2J\\u009B2J\xc3\xa9\xc2\xa0"
           "\",\"sent_at\":1,\"received_at\":2,\"state\":\"unread\","
           "\"burn\":3,\"burns_at\":4,\"evidence\":\"evidential\","
           "\"number\":5,\"group\":\"\",\"group_id\":"
           "\"\",\"view\":\"\",\"file\":\"\",\"file_bytes\":0,"
           "\"file_done\":0,\"file_state\":\"\",\"file_reason\":\"\"}\n"),
        "print escapes what a terminal would obey, and nothing else");
    ok(reply_turns(&reply, &message) &&
            span_equal(message.reply.letters[0].text, rows[0].text),
        "and those characters come back");
    control_message_clear(&message);
}

static void test_files(void)
{
    struct control_message message;
    struct control_file file = {.id = "00112233445566778899aabbccddeeff",
        .direction = "in",
        .who = span_of_text("bo"),
        .name = span_of_text("plan.pdf"),
        .state = "arriving",
        .reason = "",
        .bytes = LIMIT_FILE_BYTES,
        .done = LIMIT_FILE_PART_BYTES,
        .hash = "ab",
        .expires_at_s = 7};
    struct control_reply reply = {
        .kind = CONTROL_FILE_ROWS, .count = 1, .files = &file};
    ok(reply_turns(&reply, &message) &&
            message.reply.files[0].bytes == LIMIT_FILE_BYTES &&
            message.reply.files[0].done == LIMIT_FILE_PART_BYTES &&
            span_equal(message.reply.files[0].name, file.name) &&
            strcmp(message.reply.files[0].direction, "in") == 0,
        "a file comes back");
    control_message_clear(&message);
    reply = (struct control_reply){.kind = CONTROL_NOTE_FILE, .file = file};
    ok(reply_turns(&reply, &message) &&
            strcmp(message.reply.file.state, "arriving") == 0,
        "and as a notification");
    control_message_clear(&message);
    struct control_request request = {.method = CONTROL_FILE_SEND,
        .id = 4,
        .name = span_of_text("bo"),
        .file = file.name,
        .size = LIMIT_FILE_BYTES};
    char *line = NULL;
    size_t size = 0;
    need(control_request_encode(&request, &line, &size) == STATUS_OK);
    ok(back(line, size, &message) == STATUS_OK &&
            message.request.size == LIMIT_FILE_BYTES &&
            message.request.text.size == 0 &&
            span_equal(message.request.file, file.name),
        "a file is sent without a text");
    control_message_clear(&message);
}

static void test_groups(void)
{
    struct control_message message;
    const struct control_group group = {.id = "07",
        .name = span_of_text("lantern"),
        .state = "member",
        .admin = true,
        .members = 64};
    struct control_reply reply = {
        .kind = CONTROL_GROUP_ROWS, .count = 1, .groups = &group};
    ok(reply_turns(&reply, &message) && message.reply.groups[0].members == 64 &&
            message.reply.groups[0].admin,
        "groups come back");
    control_message_clear(&message);
    const struct control_member member = {.fingerprint = "01",
        .role = "invited",
        .state = "introduced",
        .called = span_of_text("cy"),
        .by = span_of_text("ann")};
    reply = (struct control_reply){
        .kind = CONTROL_MEMBER_ROWS, .count = 1, .members = &member};
    ok(reply_turns(&reply, &message) &&
            message.reply.members[0].name.size == 0 &&
            span_equal(message.reply.members[0].by, member.by),
        "members come back");
    control_message_clear(&message);
    const struct control_copy copy = {
        .fingerprint = "01", .state = "gone", .delivered_at_s = 9};
    reply = (struct control_reply){
        .kind = CONTROL_COPY_ROWS, .count = 1, .copies = &copy};
    ok(reply_turns(&reply, &message) &&
            message.reply.copies[0].delivered_at_s == 9,
        "who has a letter comes back");
    control_message_clear(&message);
    reply = (struct control_reply){.kind = CONTROL_NOTE_GROUP};
    reply.group_event = (struct control_group_event){
        .id = "07", .name = group.name, .what = "joined"};
    ok(reply_turns(&reply, &message) &&
            strcmp(message.reply.group_event.what, "joined") == 0,
        "what happens in a group comes back");
    control_message_clear(&message);
}

static void test_rows(void)
{
    struct control_message message;
    struct control_contact contact = {.name = span_of_text("bo"),
        .state = "unverified",
        .session = "open",
        .receipts = "discreet",
        .added_at_s = 8};
    struct control_reply reply = {
        .kind = CONTROL_CONTACT_ROWS, .count = 1, .contacts = &contact};
    ok(reply_turns(&reply, &message) &&
            strcmp(message.reply.contacts[0].session, "open") == 0 &&
            strcmp(message.reply.contacts[0].receipts, "discreet") == 0,
        "contacts come back");
    control_message_clear(&message);
    reply = (struct control_reply){
        .kind = CONTROL_NOTE_SESSION, .contact = contact};
    ok(reply_turns(&reply, &message), "a session's notification comes back");
    control_message_clear(&message);

    reply = (struct control_reply){
        .kind = CONTROL_PHRASE, .phrase = {"abcdefghijklmnopqrstuvwxyz234567"}};
    ok(reply_turns(&reply, &message) &&
            strcmp(message.reply.phrase.phrase, reply.phrase.phrase) == 0,
        "a recovery phrase comes back");
    control_message_clear(&message);

    struct control_outbox_item item = {.to = span_of_text("bo"),
        .state = OUTBOX_HANDED,
        .handed_to = 2,
        .stamp_bits = 7,
        .expires_at_s = 10};
    reply = (struct control_reply){
        .kind = CONTROL_OUTBOX_ROWS, .count = 1, .outbox = &item};
    ok(reply_turns(&reply, &message) &&
            message.reply.outbox[0].state == OUTBOX_HANDED &&
            message.reply.outbox[0].handed_to == 2 &&
            message.reply.outbox[0].stamp_bits == 7,
        "an outbox comes back");
    control_message_clear(&message);
    reply = (struct control_reply){
        .kind = CONTROL_NOTE_OUTBOX, .outbox_item = item};
    ok(reply_turns(&reply, &message), "a letter's new state comes back");
    control_message_clear(&message);
    reply = (struct control_reply){.kind = CONTROL_NOTE_LETTER};
    reply.letter = letter;
    ok(reply_turns(&reply, &message) && message.reply.letter.sent_at_s == 1,
        "a letter's notification comes back");
    control_message_clear(&message);

    reply = (struct control_reply){.kind = CONTROL_EVIDENCE_STATE,
        .evidence = {.name = span_of_text("bo"),
            .state = "proposed-by-them",
            .change = "proposed",
            .by_them = true,
            .missing = 3}};
    ok(reply_turns(&reply, &message) &&
            strcmp(message.reply.evidence.state, "proposed-by-them") == 0 &&
            message.reply.evidence.by_them &&
            message.reply.evidence.missing == 3,
        "how two people write comes back");
    control_message_clear(&message);
    reply.kind = CONTROL_NOTE_ACCORD;
    ok(reply_turns(&reply, &message), "and what has changed in it");
    control_message_clear(&message);

    struct control_link link = {.state = "up",
        .why = "found",
        .standing = "graylisted",
        .demerits = 70,
        .sent_bytes = LIMIT_NUMBER};
    reply = (struct control_reply){
        .kind = CONTROL_LINK_ROWS, .count = 1, .links = &link};
    ok(reply_turns(&reply, &message) && message.reply.links[0].demerits == 70 &&
            strcmp(message.reply.links[0].standing, "graylisted") == 0 &&
            message.reply.links[0].sent_bytes == LIMIT_NUMBER,
        "links come back, with the largest number");
    control_message_clear(&message);
    char *line;
    size_t size;
    link.sent_bytes++;
    ok(control_reply_encode(&reply, &line, &size) == STATUS_TOO_LARGE,
        "a larger one is refused");
}

static void test_short_replies(void)
{
    struct control_message message;
    struct control_reply reply = {.kind = CONTROL_DONE, .id = LIMIT_NUMBER};
    ok(reply_turns(&reply, &message), "done comes back");
    control_message_clear(&message);
    ok(prints(&reply, "{}\n"), "and prints as an empty object");
    reply = (struct control_reply){.kind = CONTROL_NOTE_LAGGED};
    ok(reply_turns(&reply, &message), "lagged comes back");
    control_message_clear(&message);
    ok(prints(&reply, "{\"event\":\"lagged\"}\n"), "and prints as an event");

    reply = (struct control_reply){.kind = CONTROL_SENT, .id = 3};
    strcpy(reply.sent.id, letter.id);
    reply.sent.state = OUTBOX_DELIVERED;
    reply.sent.evidence = "deniable";
    ok(reply_turns(&reply, &message) &&
            message.reply.sent.state == OUTBOX_DELIVERED,
        "sent comes back");
    control_message_clear(&message);
    ok(prints(&reply, "{\"id\":\"00112233445566778899aabbccddeeff\","
                      "\"state\":\"delivered\","
                      "\"evidence\":\"deniable\"}\n"),
        "and prints as scripts rely on");
    reply = (struct control_reply){.kind = CONTROL_CARD};
    memset(reply.card.card, 'a', CARD_TEXT_CHARS);
    ok(reply_turns(&reply, &message) &&
            strcmp(message.reply.card.card, reply.card.card) == 0,
        "a card comes back");
    control_message_clear(&message);

    bool all = true;
    for (int i = STATUS_OK + 1; i <= STATUS_IO; i++) {
        reply = (struct control_reply){.kind = CONTROL_ERROR, .id = 4};
        reply.error.status = (enum status)i;
        reply.error.message = span_of_text("no such contact");
        all = all && reply_turns(&reply, &message) &&
              message.reply.error.status == (enum status)i &&
              span_equal(message.reply.error.message, reply.error.message);
        control_message_clear(&message);
    }
    ok(all, "each error comes back");
}

static void test_status(void)
{
    struct span endpoint = span_of_text("tcp://127.0.0.1:7311#00");
    struct control_link link = {.state = "up",
        .why = "inbound",
        .standing = "poor",
        .demerits = 5,
        .answered = true};
    struct control_count refused = {"malformed", 3}, traffic = {"push-in", 4};
    struct control_reply reply = {.kind = CONTROL_RELAY_STATUS,
        .relay = {.key = "ab",
            .version = "0.1.0",
            .uptime_s = 5,
            .sandbox = "landlock+seccomp",
            .endpoint_count = 1,
            .endpoints = &endpoint,
            .link_count = 1,
            .links = &link,
            .proxy_address = span_of_text("127.0.0.1:9050"),
            .proxy_trouble = span_of_text("it hangs up"),
            .proxy_failed = 2,
            .proxy_since_s = 7,
            .shelf_envelopes = 1,
            .shelf_bytes = 512,
            .shelf_quota_bytes = 1024,
            .shelf_cleared = 2,
            .shelf_saved_bytes = 1536,
            .shelf_evicted = 3,
            .shelf_hidden = 4,
            .stamp_least = 4,
            .stamp_asked = 7,
            .refused_count = 1,
            .refused = &refused,
            .traffic_count = 1,
            .traffic = &traffic}};
    struct control_vault_status vault = {.state = VAULT_UNLOCKED,
        .self_unlock = "none",
        .missing = "none",
        .sandbox = "seccomp",
        .unread = 6};
    struct control_message message;
    ok(reply_turns(&reply, &message) &&
            span_equal(message.reply.relay.endpoints[0], endpoint) &&
            strcmp(message.reply.relay.refused[0].name, "malformed") == 0 &&
            message.reply.relay.shelf_cleared == 2 &&
            message.reply.relay.shelf_saved_bytes == 1536 &&
            message.reply.relay.shelf_evicted == 3 &&
            message.reply.relay.shelf_hidden == 4 &&
            message.reply.relay.stamp_asked == 7 &&
            message.reply.relay.uptime_s == 5,
        "a relay's status comes back");
    char *text = NULL;
    size_t size = 0;
    need(control_status_print(&message.reply.relay, &vault, &text, &size) ==
         STATUS_OK);
    control_message_clear(&message);
    static const char expected[] =
        "{\"node\":{\"key\":\"ab\",\"version\":\"0.1.0\",\"uptime\":5,"
        "\"endpoints\":[\"tcp://127.0.0.1:7311#00\"]},\"links\":[{\"key\":\"\","
        "\"state\":\"up\",\"why\":\"inbound\",\"standing\":\"poor\","
        "\"demerits\":5,\"outbound\":false,\"answered\":true,\"endpoint\":"
        "\"\",\"since\":0,"
        "\"rtt_ms\":0,\"received_bytes\":0,\"sent_bytes\":0}],"
        "\"proxy\":{\"address\":\"127.0.0.1:9050\",\"trouble\":"
        "\"it hangs up\",\"failed\":2,\"since\":7},\"shelf\":{"
        "\"envelopes\":1,\"bytes\":512,\"quota_bytes\":1024,\"cleared\":2,"
        "\"saved_bytes\":1536,\"evicted\":3,\"hidden\":4},"
        "\"stamps\":{\"least\":4,\"asked\":7,\"making\":0,\"checked\":0},"
        "\"sandbox\":{\"relay\":\"landlock+seccomp\",\"vault\":\"seccomp\"},"
        "\"refused\":{\"malformed\":3},\"traffic\":{\"push-in\":4},"
        "\"vault\":{\"state\":\"unlocked\",\"self_unlock\":\"none\","
        "\"missing\":\"none\","
        "\"contacts\":0,\"requests\":0,"
        "\"unread\":6,\"outbox\":0,\"arriving\":0,\"refused_letters\":0,"
        "\"refused_file_names\":0,\"refused_file_sizes\":0,"
        "\"refused_file_room\":0,\"refused_file_counts\":0,"
        "\"refused_file_strangers\":0,\"refused_parts_unknown\":0,"
        "\"refused_parts_false\":0}}\n";
    ok(size == strlen(expected) && memcmp(text, expected, size) == 0,
        "both services' status print as one object");
    control_line_free(text, size);
    need(control_status_print(NULL, NULL, &text, &size) == STATUS_OK);
    static const char nobody[] =
        "{\"vault\":{\"state\":\"not-running\"},\"sandbox\":{}}\n";
    ok(size == strlen(nobody) && memcmp(text, nobody, size) == 0,
        "a service that did not answer is said not to run");
    control_line_free(text, size);

    reply = (struct control_reply){.kind = CONTROL_VAULT_STATUS};
    reply.vault = vault;
    ok(reply_turns(&reply, &message) && message.reply.vault.unread == 6,
        "a vault's status comes back");
    control_message_clear(&message);
    reply.kind = CONTROL_NOTE_VAULT;
    ok(reply_turns(&reply, &message), "and as a notification");
    control_message_clear(&message);
}

static void test_words(void)
{
    const struct span body = {(const uint8_t *)"borrowed", 6},
                      empty = {NULL, 0};
    const struct span list[] = {body, empty};
    const struct control_field fields[] = {
        {.name = "text_bytes", .number = 24576},
        {.name = "version", .text = "0.1.0"}, {.name = "body", .body = &body},
        {.name = "empty", .body = &empty},
        {.name = "list", .list = list, .number = 2},
        {.name = "none", .list = list}};
    char *text = NULL;
    size_t size = 0;
    need(control_fields_print(fields, 6, &text, &size) == STATUS_OK);
    static const char expected[] =
        "{\"text_bytes\":24576,\"version\":\"0.1.0\","
        "\"body\":\"borrow\",\"empty\":\"\",\"list\":[\"borrow\",\"\"],"
        "\"none\":[]}\n";
    ok(size == strlen(expected) && memcmp(text, expected, size) == 0,
        "named numbers, texts and lists print as one object");
    control_line_free(text, size);
    ok(control_exit_code(STATUS_OK) == 0 &&
            control_exit_code(STATUS_LOCKED) == 3 &&
            control_exit_code(STATUS_NOT_FOUND) == 4 &&
            control_exit_code(STATUS_AMBIGUOUS) == 4 &&
            control_exit_code(STATUS_TOO_LARGE) == 5 &&
            control_exit_code(STATUS_EXPIRED) == 6,
        "a status has the exit code that sotto(1) says");
    ok(control_method_service(CONTROL_PEERS) == CONTROL_RELAY &&
            control_method_service(CONTROL_SEND) == CONTROL_VAULT,
        "each method has its service");
}

int main(void)
{
    control_init(1);
    test_requests();
    test_letters();
    test_rows();
    test_files();
    test_groups();
    test_short_replies();
    test_status();
    test_words();
    return tap_done();
}
