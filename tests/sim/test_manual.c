/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page describes every setting and metric there is, and its default;
 * every scenario that comes with the program can be read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_file.h"
#include "sim/settings.h"
#include "tests/tap.h"

static char *read_page(const char *top)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/man/sotto-scenario.5", top);
    FILE *file = fopen(path, "r");
    need(file);
    char *page = calloc(1, 65536);
    need(page && fread(page, 1, 65535, file) > 0);
    fclose(file);
    return page;
}

/* Where an item stands within a section of the page, or NULL. */
static const char *find_item(
    const char *page, const char *section, const char *key)
{
    char heading[64], item[64];
    snprintf(heading, sizeof(heading), ".Ss Section [%s]\\&\n", section);
    snprintf(item, sizeof(item), "\n.It Cm %s\n", key);
    const char *at = strstr(page, heading);
    const char *end = at ? strstr(at + 1, "\n.S") : NULL;
    const char *found = at ? strstr(at, item) : NULL;
    return found && (!end || found < end) ? found + 1 : NULL;
}

static bool has_default(const char *item, const struct setting *setting)
{
    char value[64], words[96];
    if (setting->type == SETTING_TEXT)
        return true;
    settings_print(
        setting->type, setting->words, setting->fallback, value, sizeof(value));
    const char *form =
        setting->type == SETTING_WORD ? "Default:\n.Cm %s ." : "default %s.\n";
    snprintf(words, sizeof(words), form, value);
    const char *found = strstr(item, words);
    const char *next = strstr(item, "\n.It");
    return found && (!next || found < next);
}

static void test_page(const char *page)
{
    size_t count, described = 0, defaults = 0;
    const struct setting *settings = settings_all(&count);
    for (size_t i = 0; i < count; i++) {
        const char *item =
            find_item(page, settings[i].section, settings[i].key);
        described += item != NULL;
        defaults += item && has_default(item, &settings[i]);
        if (!item || !has_default(item, &settings[i]))
            printf("# [%s] %s\n", settings[i].section, settings[i].key);
    }
    ok(described == count, "every setting is in the manual");
    ok(defaults == count, "with its default");
    size_t metrics = 0;
    for (int i = 0; i < METRIC_COUNT; i++)
        metrics += find_item(page, "expect",
                       settings_metric((enum metric)i)->name) != NULL;
    ok(metrics == METRIC_COUNT, "and so is every metric");
    ok(!find_item(page, "mesh", "nonsense") && !find_item(page, "x", "nodes"),
        "this test can fail");
}

static void test_scenarios(const char *top)
{
    static const char *const names[] = {"churn", "churnmesh", "crowd", "join",
        "longsplit", "massfail", "demo", "droppers", "grid", "reconnect",
        "slowpeer", "storm", "street", "tree", "village", "walk"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[1024];
        struct scenario scenario;
        struct complaint complaint = {{0}};
        scenario_init(&scenario);
        snprintf(path, sizeof(path), "%s/sim/scenarios/%s.conf", top, names[i]);
        enum status status = scenario_read(&scenario, path, &complaint);
        if (!status)
            status = scenario_check(&scenario, &complaint);
        ok(status == STATUS_OK && scenario.expectation_count > 0, names[i]);
        if (status)
            printf("# %s\n", complaint.text);
    }
}

int main(void)
{
    const char *top = getenv("top_srcdir");
    char *page = read_page(top ? top : ".");
    test_page(page);
    free(page);
    test_scenarios(top ? top : ".");
    return tap_done();
}
