/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run a fuzz target over a corpus without a fuzzer: each file named on the
 * command line, or each of corpus/NAME, where the program is called fuzz_NAME.
 * Every input is also cut and flipped at each place, which turns a small
 * corpus into a few thousand near misses. */
#include <dirent.h>
#include <limits.h>

#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"

enum { REPLAY_BYTES = 1 << 17, REPLAY_MUTATED_BYTES = 2048 };

/* An input in a block of its own size, so that a sanitizer sees its end. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    need(copy);
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_mutated(uint8_t *data, size_t size)
{
    size_t most = size < REPLAY_MUTATED_BYTES ? size : REPLAY_MUTATED_BYTES;
    for (size_t at = 0; at < most; at++) {
        run(data, at);
        for (unsigned bit = 0; bit < 8; bit++) {
            data[at] ^= (uint8_t)(1u << bit);
            run(data, size);
            data[at] ^= (uint8_t)(1u << bit);
        }
    }
}

static void replay_file(const char *path)
{
    static uint8_t data[REPLAY_BYTES];
    FILE *file = fopen(path, "rb");
    need(file);
    size_t size = fread(data, 1, sizeof(data), file);
    fclose(file);
    run(data, size);
    run_mutated(data, size);
    ok(1, path);
}

static void replay_directory(const char *path)
{
    DIR *directory = opendir(path);
    need(directory);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char file[PATH_MAX];
        if (entry->d_name[0] == '.')
            continue;
        int size = snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        need(size > 0 && (size_t)size < sizeof(file));
        replay_file(file);
        count++;
    }
    closedir(directory);
    ok(count > 0, "the corpus is not empty");
}

int main(int argc, char **argv)
{
    const char *source = getenv("srcdir");
    const char *name = strstr(argv[0], "fuzz_");
    char path[PATH_MAX];
    for (int i = 1; i < argc; i++)
        replay_file(argv[i]);
    if (argc == 1) {
        need(name);
        int size = snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
            source ? source : ".", name + strlen("fuzz_"));
        need(size > 0 && (size_t)size < sizeof(path));
        replay_directory(path);
    }
    return tap_done();
}
