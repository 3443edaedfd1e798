/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/nearest.h"
#include "tests/tap.h"

#include <string.h>

static const char *const names[] = {"status", "send", "read", "recall",
    "connect", "disconnect", "contacts", "id", "lock", "unlock"};

static int means(const char *word, const char *expected)
{
    struct nearest nearest = {.word = word};
    const char *told = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (nearest_offer(&nearest, names[i]))
            told = names[i];
    if (told != nearest.name)
        return 0;
    return expected ? told && strcmp(told, expected) == 0 : !told;
}

int main(void)
{
    ok(means("statsu", "status") && means("sned", "send"),
        "swapped neighbours are one mistake");
    ok(means("unlok", "unlock") && means("reed", "read") &&
            means("conect", "connect") && means("recalll", "recall"),
        "one letter too few, too many or wrong");
    ok(means("stat", "status") && means("disc", "disconnect"),
        "the beginning of a name means the name");
    ok(means("con", "connect") && means("loch", "lock"),
        "of several the first, and of a near and a far one the near");
    ok(means("frobnicate", NULL) && means("x", NULL) && means("", NULL) &&
            means("q", NULL) && means("nope", NULL) && means("lend", "send"),
        "what is near nothing means nothing");
    ok(means("a word that is longer than any verb could ever be", NULL),
        "a long word means nothing");
    return tap_done();
}
