/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One text, since the first mistake found is the one worth telling. */
#include "sim/complaint.h"

#include <stdarg.h>
#include <stdio.h>

void complain(struct complaint *complaint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint->text, sizeof(complaint->text), format, arguments);
    va_end(arguments);
}
