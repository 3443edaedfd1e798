/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/nearest.h"
#include "tests/tap.h"

#include <string.h>

static const char *const names[] = {"status", "send", "read", "recall",
    "connect", "disconnect", "contacts", "id", "lock", "unlock"};

static int means(const char *word, const char *expected)
{
    const char *found = nearest(word, names, sizeof(names) / sizeof(names[0]));
    return expected ? found && strcmp(found, expected) == 0 : !found;
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
    ok(means("frobnicate", NULL) && means("x", NULL) && means("", NULL) &&
            means("q", NULL) && means("nope", NULL) && means("lend", "send"),
        "what is near nothing means nothing");
    ok(means("a word that is longer than any verb could ever be", NULL),
        "a long word means nothing");
    return tap_done();
}
