/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario describes itself: the comment that opens its file is what `list`
 * and `explain` say of it. */
#include "sim/library.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "sim/scenario_file.h"
#include "sim/settings.h"

enum { PATH_BYTES = 1024, LINE_BYTES = 512 };

const char *library_folder(void)
{
    const char *folder = getenv("SOTTO_SCENARIOS");
    return folder && folder[0] ? folder : SCENARIO_FOLDER;
}

static int is_scenario(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && dot != entry->d_name && !strcmp(dot, ".conf");
}

/* The scenario whose name is almost that one, with what stands before it in a
 * sentence; or nothing. */
static void print_nearest(const char *name, char *out, size_t capacity)
{
    struct dirent **entries;
    struct nearest nearest = {.word = name};
    out[0] = '\0';
    int count = scandir(library_folder(), &entries, is_scenario, alphasort);
    for (int i = 0; i < count; i++) {
        char *known = entries[i]->d_name;
        known[strcspn(known, ".")] = '\0';
        if (nearest_offer(&nearest, known))
            snprintf(out, capacity, "; did you mean %s?", known);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void refuse(const char *name, struct complaint *complaint)
{
    char nearest[PATH_BYTES];
    print_nearest(name, nearest, sizeof(nearest));
    complain(complaint,
        "%s: no such scenario in %s (SOTTO_SCENARIOS names another folder)%s "
        "`sotto-sim list` has those there are, and a path has a slash or a "
        "dot in it",
        name, library_folder(), nearest[0] ? nearest : ";");
}

static bool says_nothing(const struct scenario *scenario)
{
    size_t count;
    (void)settings_all(&count);
    for (size_t i = 0; i < count; i++)
        if (scenario->given[i].is_given)
            return false;
    return !scenario->expectation_count && !scenario->published_count;
}

/* A file that was cut off, or is of something else, is no wish for the
 * defaults. */
static enum status read_path(
    const char *path, struct scenario *scenario, struct complaint *complaint)
{
    enum status status = scenario_read(scenario, path, complaint);
    if (status || !says_nothing(scenario))
        return status;
    complain(complaint,
        "%s: sets nothing; a scenario has a section and a key at least, as "
        "[mesh] and below it nodes = 100",
        path);
    return STATUS_INVALID;
}

enum status library_read(const char *name_or_path, struct scenario *scenario,
    struct complaint *complaint)
{
    if (strpbrk(name_or_path, "./"))
        return read_path(name_or_path, scenario, complaint);
    char path[PATH_BYTES];
    if ((size_t)snprintf(path, sizeof(path), "%s/%s.conf", library_folder(),
            name_or_path) >= sizeof(path)) {
        complain(complaint, "%s: too long a name", name_or_path);
        return STATUS_INVALID;
    }
    enum status status = read_path(path, scenario, complaint);
    if (status == STATUS_IO)
        refuse(name_or_path, complaint);
    return status;
}

void library_print_comment(FILE *file, const char *path, size_t lines)
{
    char line[LINE_BYTES];
    FILE *scenario = fopen(path, "re");
    if (!scenario)
        return;
    while (
        lines-- > 0 && fgets(line, sizeof(line), scenario) && line[0] == '#') {
        const char *text = line + 1 + (line[1] == ' ');
        if (strstr(text, "SPDX-License-Identifier"))
            lines++;
        else
            fputs(text, file);
    }
    fclose(scenario);
}

enum status library_list(FILE *file, struct complaint *complaint)
{
    struct dirent **names;
    const char *folder = library_folder();
    int count = scandir(folder, &names, is_scenario, alphasort);
    if (count < 0) {
        complain(complaint, "%s: %s (SOTTO_SCENARIOS names another folder)",
            folder, strerror(errno));
        return STATUS_IO;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        fprintf(file, "%-11.*s ", (int)strcspn(names[i]->d_name, "."),
            names[i]->d_name);
        library_print_comment(file, path, 1);
        free(names[i]);
    }
    free(names);
    return STATUS_OK;
}
