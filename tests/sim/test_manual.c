/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page describes every setting and metric there is, and its default;
 * every scenario that comes with the program can be read. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/settings.h"
#include "tests/tap.h"

enum { PAGE_BYTES = 1 << 18 };

static char *read_page(const char *top, const char *name)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/man/%s", top, name);
    FILE *file = fopen(path, "r");
    need(file);
    char *page = calloc(1, PAGE_BYTES);
    need(page);
    size_t size = fread(page, 1, PAGE_BYTES - 1, file);
    need(size > 0 && size < PAGE_BYTES - 1);
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

/* Where it says how a metric is worked out, among several or alone. */
static bool is_defined(const char *page, const char *metric)
{
    const char *at = strstr(page, "\n.Sh WHAT IS MEASURED\n");
    const char *end = at ? strstr(at + 1, "\n.Sh ") : NULL;
    size_t size = strlen(metric);
    for (at = at ? strstr(at, "\n.It Cm ") : NULL; at && at < end;
         at = strstr(at + 1, "\n.It Cm ")) {
        const char *word = at + strlen("\n.It Cm ");
        const char *behind = word + strcspn(word, "\n");
        for (; word < behind; word += strspn(word, " ,")) {
            size_t length = strcspn(word, " \n");
            if (length == size && strncmp(word, metric, size) == 0)
                return true;
            word += length;
        }
    }
    return false;
}

static void test_definitions(const char *page)
{
    size_t defined = 0;
    for (int i = 0; i < METRIC_COUNT; i++) {
        const char *name = settings_metric((enum metric)i)->name;
        defined += is_defined(page, name);
        if (!is_defined(page, name))
            printf("# %s\n", name);
    }
    ok(defined == METRIC_COUNT, "sotto-sim(1) defines every metric");
    ok(!is_defined(page, "spread"), "and not half of a name");
}

/* A trace cannot come along: who runs it has to name one. */
static enum status check(struct scenario *scenario, struct complaint *complaint)
{
    if (scenario->mobility == MOBILITY_TRACE && !scenario->trace[0])
        strcpy(scenario->trace, "trace.one");
    return scenario_check(scenario, complaint);
}

static void test_scenario(const char *path)
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    scenario_init(&scenario);
    enum status status = scenario_read(&scenario, path, &complaint);
    if (!status)
        status = check(&scenario, &complaint);
    ok(status == STATUS_OK &&
            scenario.expectation_count + scenario.published_count > 0,
        scenario.name);
    if (status)
        printf("# %s\n", complaint.text);
}

static void test_scenarios(const char *top)
{
    char pattern[1024];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/sim/scenarios/*.conf", top);
    need(glob(pattern, 0, NULL, &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        test_scenario(found.gl_pathv[i]);
    globfree(&found);
}

int main(void)
{
    const char *top = getenv("top_srcdir");
    if (!top)
        top = ".";
    char *page = read_page(top, "sotto-scenario.5");
    test_page(page);
    free(page);
    page = read_page(top, "sotto-sim.1");
    test_definitions(page);
    free(page);
    test_scenarios(top);
    return tap_done();
}
