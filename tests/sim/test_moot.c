/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each key that may be without effect, in a scenario in which it is: what is
 * said of it, and that nothing is once it has one, or was meant to have none.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/moot.h"
#include "sim/scenario_file.h"
#include "sim/settings.h"
#include "tests/tap.h"

static struct scenario scenario;
static char said[4096];

static void set(const char *assignment)
{
    struct complaint complaint;
    need(scenario_set(&scenario, "--set", assignment, &complaint) == STATUS_OK);
}

static size_t count_moot(void)
{
    FILE *file = fmemopen(said, sizeof(said), "w");
    need(file);
    size_t count = moot_print(file, &scenario);
    need(fclose(file) == 0);
    return count;
}

/* Set a key to its default, which is no more than having given it. */
static void give(const char *key)
{
    char section[64], value[64], assignment[160];
    snprintf(section, sizeof(section), "%s", key);
    char *dot = strchr(section, '.');
    need(dot);
    *dot = '\0';
    const struct setting *setting = settings_find(section, dot + 1);
    need(setting);
    settings_print(
        setting->type, setting->words, setting->fallback, value, sizeof(value));
    snprintf(assignment, sizeof(assignment), "%s=%s", key, value);
    set(assignment);
}

/* Where it is as if the key had been given, and none of what it needs. */
static void begin(const struct moot_rule *rule)
{
    scenario_init(&scenario);
    if (rule->matters(&scenario)) {
        scenario.topology = TOPOLOGY_STAR;
        scenario.receipts = SWITCH_OFF;
        strcpy(scenario.messages, "letters.csv");
    }
    if (rule->matters(&scenario))
        scenario.mobility = MOBILITY_WALK;
}

static void test_key(const struct moot_rule *rule, const char *key)
{
    char words[96], needed[64];
    snprintf(words, sizeof(words), "--set: [%.*s] %s: has no effect ",
        (int)strcspn(key, "."), key, key + strcspn(key, ".") + 1);
    begin(rule);
    need(count_moot() == 0);
    give(key);
    bool told = count_moot() == 1 && strstr(said, words);
    snprintf(needed, sizeof(needed), "%.*s", (int)strcspn(rule->needs, " "),
        rule->needs);
    give(needed);
    bool quiet = count_moot() == 0 || !strstr(said, words);
    ok(told && quiet, key);
}

static void test_rule(const struct moot_rule *rule)
{
    for (const char *keys = rule->keys; *keys; keys += strspn(keys, " ")) {
        char key[64];
        size_t size = strcspn(keys, " ");
        snprintf(key, sizeof(key), "%.*s", (int)size, keys);
        keys += size;
        test_key(rule, key);
    }
}

/* The part of the manual that is about them. */
static char *read_part(void)
{
    enum { PAGE_BYTES = 1 << 18 };
    const char *top = getenv("top_srcdir");
    char path[512];
    char *page = calloc(1, PAGE_BYTES);
    snprintf(path, sizeof(path), "%s/man/sotto-scenario.5", top ? top : ".");
    FILE *file = fopen(path, "r");
    need(page && file && fread(page, 1, PAGE_BYTES - 1, file) > 0);
    fclose(file);
    char *part = strstr(page, ".Ss Settings without effect\n");
    need(part);
    memmove(page, part, strlen(part) + 1);
    char *end = strstr(page + 1, "\n.Ss ");
    need(end);
    *end = '\0';
    return page;
}

static size_t count_keys(const char *keys)
{
    size_t count = 0;
    for (; *keys; keys += strspn(keys, " "), count++)
        keys += strcspn(keys, " ");
    return count;
}

/* Whether all keys of the table are items of that part, and no others. */
static void test_manual(const struct moot_rule *rules, size_t count)
{
    char *part = read_part();
    size_t all = 0, found = 0, written = 0;
    for (size_t i = 0; i < count; i++)
        all += count_keys(rules[i].keys);
    char *rest = NULL;
    for (char *line = strtok_r(part, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, ".It Cm ", 7) != 0)
            continue;
        written += count_keys(line + 7);
        for (size_t i = 0; i < count; i++)
            for (const char *key = rules[i].keys; *key;
                 key += strspn(key, " ")) {
                char word[64];
                size_t size = strcspn(key, " ");
                snprintf(word, sizeof(word), " %.*s ", (int)size, key);
                char padded[256];
                snprintf(padded, sizeof(padded), " %s ", line + 7);
                found += strstr(padded, word) != NULL;
                key += size;
            }
    }
    ok(found == all && written == all, "the manual has each of them");
    free(part);
}

static void test_effect(void)
{
    scenario_init(&scenario);
    set("faults.partition_at=5s");
    ok(count_moot() == 1 &&
            !strcmp(said,
                "sotto-sim: --set: [faults] partition_at: has no effect "
                "without a split, [faults] partition_for\n"),
        "it is said where it was given, and what it is without");
    scenario.partition_for_us = 1000000;
    ok(count_moot() == 0, "and nothing is once it has an effect");
    scenario_init(&scenario);
    set("faults.partition_at=5s");
    set("faults.partition_for=0");
    ok(count_moot() == 0, "nor where what it is without was taken away");
}

int main(void)
{
    size_t count;
    const struct moot_rule *rules = moot_rules(&count);
    for (size_t i = 0; i < count; i++)
        test_rule(&rules[i]);
    test_manual(rules, count);
    test_effect();
    return tap_done();
}
