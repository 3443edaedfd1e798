/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line may be spelt in many ways, so it is what was encoded that must come
 * back: decode, encode, decode, encode gives the same line twice. */
#include "proto/control.h"
#include "tests/fuzz/fuzz.h"

static enum status encode(
    const struct control_message *message, char **line, size_t *size)
{
    return message->is_reply
               ? control_reply_encode(&message->reply, line, size)
               : control_request_encode(&message->request, line, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    struct control_message first, second;
    char *lines[2] = {0};
    size_t sizes[2] = {0};
    control_init(1);
    if (control_decode((struct span){data, size}, &first, &why)) {
        fuzz_claim(why && *why);
        return 0;
    }
    fuzz_claim(encode(&first, &lines[0], &sizes[0]) == STATUS_OK);
    control_message_clear(&first);
    struct span line = {(const uint8_t *)lines[0], sizes[0] - 1};
    fuzz_claim(control_decode(line, &second, &why) == STATUS_OK);
    fuzz_claim(encode(&second, &lines[1], &sizes[1]) == STATUS_OK);
    control_message_clear(&second);
    fuzz_claim(
        sizes[0] == sizes[1] && memcmp(lines[0], lines[1], sizes[0]) == 0);
    control_line_free(lines[0], sizes[0]);
    control_line_free(lines[1], sizes[1]);
    return 0;
}
