/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario describes itself: the comment that opens its file is what `list`
 * and `explain` say of it. */
#include "sim/library.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario_file.h"

enum { PATH_BYTES = 1024, LINE_BYTES = 512 };

const char *library_folder(void)
{
    const char *folder = getenv("SOTTO_SCENARIOS");
    return folder && folder[0] ? folder : SCENARIO_FOLDER;
}

enum status library_read(const char *name_or_path, struct scenario *scenario,
    struct complaint *complaint)
{
    if (strpbrk(name_or_path, "./"))
        return scenario_read(scenario, name_or_path, complaint);
    char path[PATH_BYTES];
    if ((size_t)snprintf(path, sizeof(path), "%s/%s.conf", library_folder(),
            name_or_path) >= sizeof(path)) {
        complain(complaint, "%s: too long a name", name_or_path);
        return STATUS_INVALID;
    }
    enum status status = scenario_read(scenario, path, complaint);
    if (status == STATUS_IO)
        complain(complaint,
            "%s: no such scenario in %s (SOTTO_SCENARIOS names another "
            "folder); `sotto-sim list` has those there are, and a path has a "
            "slash or a dot in it",
            name_or_path, library_folder());
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

static int is_scenario(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && dot != entry->d_name && !strcmp(dot, ".conf");
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
