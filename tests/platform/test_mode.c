/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "platform/mode.h"
#include "tests/tap.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/sotto-test.XXXXXX";
static char path[64];

static bool survives(enum mode mode)
{
    enum mode read = mode == MODE_NODE ? MODE_RELAY_ONLY : MODE_NODE;
    return mode_write(directory, mode) == STATUS_OK &&
           mode_read(directory, &read) == STATUS_OK && read == mode;
}

static enum status read_word(const char *word)
{
    FILE *file = fopen(path, "w");
    need(file);
    fputs(word, file);
    fclose(file);
    enum mode mode;
    return mode_read(directory, &mode);
}

int main(void)
{
    need(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/mode", directory);
    enum mode mode = MODE_VAULT_ONLY;
    ok(mode_read(directory, &mode) == STATUS_NOT_FOUND &&
            mode == MODE_VAULT_ONLY,
        "a node that left no word has no mode");
    ok(survives(MODE_NODE) && survives(MODE_RELAY_ONLY) &&
            survives(MODE_VAULT_ONLY),
        "each mode is read as it was written");
    struct stat about;
    ok(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600,
        "the file is its owner's alone");
    ok(read_word("") == STATUS_INVALID &&
            read_word("relay\n") == STATUS_INVALID &&
            read_word("relay-only") == STATUS_INVALID &&
            read_word("a word longer than any of ours\n") == STATUS_INVALID,
        "another word is refused");
    unlink(path);
    rmdir(directory);
    ok(mode_write(directory, MODE_NODE) == STATUS_IO,
        "a folder that is gone is an error");
    return tap_done();
}
