/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which formats there are; each reader has a file of its own. */
#include "sim/import/formats.h"

#include <string.h>

static const struct import_format formats[] = {
    {"one", import_one, NULL},
    {"tij", import_tij, NULL},
    {"haggle", import_haggle, NULL},
    {"graphml", NULL, import_graphml},
    {"freifunk", NULL, import_freifunk},
};

const struct import_format *import_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    return NULL;
}
