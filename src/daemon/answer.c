/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between typed replies and lines.  A line may hold a text or a name: it is
 * wiped when it has been sent. */
#include "daemon/answer.h"

#include <stdlib.h>

static void send_line(struct ipc *ipc, uint64_t client,
    const struct control_reply *reply, enum status *status)
{
    char *line;
    size_t size;
    *status = control_reply_encode(reply, &line, &size);
    if (*status)
        return;
    ipc_send(ipc, client, (struct span){(const uint8_t *)line, size});
    control_line_free(line, size);
}

void answer_error(struct ipc *ipc, uint64_t client, uint64_t id,
    enum status status, const char *text)
{
    const struct control_reply reply = {
        .kind = CONTROL_ERROR,
        .id = id,
        .error = {.status = status, .message = span_of_text(text)},
    };
    enum status sent;
    send_line(ipc, client, &reply, &sent);
}

void answer(struct ipc *ipc, uint64_t client, const struct control_reply *reply)
{
    enum status status;
    send_line(ipc, client, reply, &status);
    if (status)
        answer_error(ipc, client, reply->id, status,
            "the answer does not fit a line; ask for fewer rows");
}

void answer_notify(struct ipc *ipc, const struct control_reply *note)
{
    char *line;
    size_t size;
    if (!ipc_has_subscribers(ipc) || control_reply_encode(note, &line, &size))
        return;
    ipc_notify(ipc, (struct span){(const uint8_t *)line, size});
    control_line_free(line, size);
}

enum status answer_decode(struct ipc *ipc, uint64_t client, struct span line,
    struct control_message *out)
{
    struct control_message message = {.request = {.id = 0}};
    const char *why = "out of memory";
    enum status status = control_decode(line, &message, &why);
    if (!status && message.is_reply) {
        control_message_clear(&message);
        why = "a request has a method";
        status = STATUS_INVALID;
    }
    if (status) {
        answer_error(ipc, client, message.request.id, status, why);
        return status;
    }
    *out = message;
    return STATUS_OK;
}

enum status answer_lagged(char **out, size_t *size)
{
    const struct control_reply note = {.kind = CONTROL_NOTE_LAGGED};
    return control_reply_encode(&note, out, size);
}
