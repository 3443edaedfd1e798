/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_PROTO_LINE_H
#define TESTS_PROTO_LINE_H

/* Lines of the control socket, decoded; and why not. */
#include <string.h>

#include "proto/control.h"
#include "tests/tap.h"

static const char *why;

static inline enum status decode(const char *line, struct control_message *out)
{
    why = NULL;
    return control_decode(span_of_text(line), out, &why);
}

/* Decode what was encoded, without its newline. */
static inline enum status back(
    char *line, size_t size, struct control_message *message)
{
    need(size > 0 && line[size - 1] == '\n');
    enum status status = control_decode(
        (struct span){(const uint8_t *)line, size - 1}, message, &why);
    control_line_free(line, size);
    return status;
}

#endif
