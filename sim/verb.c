/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How every verb ends that cannot do what it was asked. */
#include "sim/verb.h"

#include <stdio.h>

int verb_refuse(const struct complaint *complaint, enum status status)
{
    fprintf(stderr, "sotto-sim: %s\n",
        complaint->text[0] ? complaint->text : status_name(status));
    return SIM_USAGE;
}
