/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is no line of the control socket, or over a limit, is refused, with
 * words. */
#include "tests/proto/line.h"

#define REQUEST(rest) "{\"jsonrpc\":\"2.0\",\"id\":1," rest "}"
#define SEND(rest)                                                             \
    REQUEST("\"method\":\"send\",\"params\":{\"name\":\"bo\"," rest "}")

/* A relay's status of which a part is given. */
#define RELAY(key, failed, envelopes, least)                                   \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":\"relay\",\"node\":"   \
    "{" key ",\"version\":\"0\",\"uptime\":5,\"endpoints\":[]},\"links\":[],"  \
    "\"proxy\":{\"address\":\"\",\"trouble\":\"\"," failed ","                 \
    "\"since\":0},\"shelf\":{" envelopes                                       \
    ",\"bytes\":512,\"quota_bytes\":1024,\"cleared\":2,"                       \
    "\"saved_bytes\":3,\"evicted\":4,\"hidden\":5},"                           \
    "\"stamps\":{" least ","                                                   \
    "\"asked\":0,\"making\":0,\"checked\":0},\"sandbox\":"                     \
    "\"none\",\"refused\":{},\"traffic\":{}}}"

static const struct {
    enum status status;
    const char *line;
} refusals[] = {
    {STATUS_INVALID, ""},
    {STATUS_INVALID, "x"},
    {STATUS_INVALID, "[]"},
    {STATUS_INVALID, "{}"},
    {STATUS_INVALID, "{\"id\":1,\"method\":\"status\"}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"status\"}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"method\":\"status\"}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"id\"}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":-1,\"method\":\"id\"}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"id\"}"},
    {STATUS_INVALID, REQUEST("\"method\":\"fly\"")},
    {STATUS_INVALID, REQUEST("\"method\":7")},
    {STATUS_INVALID, REQUEST("\"method\":\"status\",\"x\":1")},
    {STATUS_INVALID, REQUEST("\"method\":\"status\",\"params\":[]")},
    {STATUS_INVALID,
        REQUEST("\"method\":\"status\",\"params\":{\"all\":true}")},
    {STATUS_INVALID, REQUEST("\"method\":\"status\",\"method\":\"status\"")},
    {STATUS_INVALID, REQUEST("\"method\":\"status\"") " x"},
    {STATUS_INVALID, REQUEST("\"method\":\"send\"")},
    {STATUS_INVALID, SEND("\"urgent\":true")},
    {STATUS_INVALID, SEND("\"text\":1")},
    {STATUS_INVALID, SEND("\"text\":\"x\",\"urgent\":1")},
    {STATUS_INVALID, SEND("\"text\":\"x\",\"life_h\":\"1\"")},
    {STATUS_INVALID, SEND("\"text\":\"x\",\"life_h\":-1")},
    {STATUS_INVALID, SEND("\"text\":\"x\",\"text\":\"y\"")},
    {STATUS_INVALID, SEND("\"text\":\"x\",\"peek\":true")},
    {STATUS_INVALID, SEND("\"text\":\"a\\u0000b\"")},
    {STATUS_INVALID, SEND("\"text\":\"a\xff\"")},
    {STATUS_INVALID, SEND("\"text\":\"\\ud800\"")},
    {STATUS_TOO_LARGE, SEND("\"text\":\"x\",\"life_h\":337")},
    {STATUS_TOO_LARGE, SEND("\"text\":\"x\",\"burn_s\":31536001")},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"},
    {STATUS_INVALID,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":\"error\"}}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":"
                     "\"done\",\"x\":1}}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":"
                     "\"letters\",\"rows\":{},\"next\":0}}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":"
                     "\"sent\",\"id\":\"\x1b[2J\",\"state\":\"queued\"}}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":"
                     "\"sent\",\"id\":\"00\",\"state\":\"flown\"}}"},
    {STATUS_INVALID,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":\"letters\","
        "\"rows\":[{\"id\":\"00\",\"from\":7}],\"next\":0}}"},
    {STATUS_INVALID,
        RELAY("\"key\":7", "\"failed\":0", "\"envelopes\":1", "\"least\":0")},
    {STATUS_INVALID, RELAY("\"key\":\"ab\"", "\"failed\":\"0\"",
                         "\"envelopes\":1", "\"least\":0")},
    {STATUS_INVALID, RELAY("\"key\":\"ab\"", "\"failed\":0",
                         "\"envelopes\":\"1\"", "\"least\":0")},
    {STATUS_INVALID, RELAY("\"key\":\"ab\"", "\"failed\":0", "\"envelopes\":1",
                         "\"least\":\"0\"")},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":4,"
                     "\"message\":\"x\",\"data\":{\"status\":\"locked\"}}}"},
    {STATUS_INVALID, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":0,"
                     "\"message\":\"x\",\"data\":{\"status\":\"ok\"}}}"},
};

static void test_refusals(void)
{
    struct control_message message;
    need(decode(RELAY("\"key\":\"ab\"", "\"failed\":0", "\"envelopes\":1",
                    "\"least\":0"),
             &message) == STATUS_OK);
    control_message_clear(&message);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        ok(decode(refusals[i].line, &message) == refusals[i].status && why &&
                *why,
            "refused, with words");
    message.request.id = 0;
    ok(decode(SEND("\"text\":1"), &message) && message.request.id == 1,
        "a refused request's id is known");
    ok(decode(SEND("\"text\":\"x\""), &message) == STATUS_OK,
        "while the same with the right type is taken");
    control_message_clear(&message);
    ok(control_decode((struct span){(const uint8_t *)"{\0}", 3}, &message,
           &why) == STATUS_INVALID,
        "an embedded NUL is refused");
}

static void test_limits(void)
{
    static char line[LIMIT_CONTROL_LINE_BYTES + 2];
    struct control_message message;
    memset(line, '[', sizeof(line) - 1);
    ok(decode(line, &message) == STATUS_INVALID, "a line too long is refused");
    line[LIMIT_CONTROL_DEPTH + 1] = 0;
    ok(decode(line, &message) && strstr(why, "too deep"),
        "a line too deep is refused before it is parsed");
    size_t size = 0;
    line[size++] = '[';
    for (size_t i = 0; i < LIMIT_CONTROL_TOKENS + 1; i++, size += 2)
        memcpy(line + size, "1,", 2);
    memcpy(line + size, "1]", 3);
    ok(decode(line, &message) && strstr(why, "too many"),
        "a line of too many members is refused before it is parsed");

    static char text[LIMIT_TEXT_BYTES + 2];
    struct control_request request = {
        .method = CONTROL_SEND, .name = span_of_text("bo")};
    memset(text, 1, LIMIT_TEXT_BYTES);
    request.text = span_of_text(text);
    char *out = NULL;
    ok(control_request_encode(&request, &out, &size) == STATUS_OK &&
            back(out, size, &message) == STATUS_OK &&
            span_equal(message.request.text, request.text),
        "the longest text of controls comes back");
    control_message_clear(&message);
    text[LIMIT_TEXT_BYTES] = 1;
    request.text = span_of_text(text);
    ok(control_request_encode(&request, &out, &size) == STATUS_TOO_LARGE,
        "one byte more does not go out");
    size = (size_t)snprintf(line, sizeof(line), SEND("\"text\":\""));
    size -= 2;
    memset(line + size, 'x', LIMIT_TEXT_BYTES + 1);
    memcpy(line + size + LIMIT_TEXT_BYTES + 1, "\"}}", 4);
    ok(decode(line, &message) == STATUS_TOO_LARGE && strstr(why, "24576"),
        "nor does it come in, and the number is said");
    memcpy(line + size + LIMIT_TEXT_BYTES, "\"}}", 4);
    ok(decode(line, &message) == STATUS_OK, "while the longest does");
    control_message_clear(&message);
}

int main(void)
{
    control_init(1);
    test_refusals();
    test_limits();
    return tap_done();
}
