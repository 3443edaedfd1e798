/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/scores_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file.h"
#include "proto/limits.h"
#include "tests/tap.h"

static char path[] = "/tmp/test_scores_file.XXXXXX";
static struct kept_score scores[LIMIT_KEPT_SCORES], back[LIMIT_KEPT_SCORES];

static bool same(const struct kept_score *a, const struct kept_score *b)
{
    return node_key_equal(&a->key, &b->key) &&
           a->score_milli == b->score_milli && a->as_of_s == b->as_of_s &&
           a->gray_until_s == b->gray_until_s;
}

static void test_comes_back(void)
{
    struct kept_count count;
    for (size_t i = 0; i < LIMIT_KEPT_SCORES; i++) {
        memset(scores[i].key.bytes, 0xf0 + (int)(i % 16), 32);
        scores[i].key.bytes[9] = (uint8_t)i;
        scores[i].score_milli = -INT32_MAX + (int32_t)i;
        scores[i].as_of_s = LIMIT_TIME_S - i;
        scores[i].gray_until_s = i % 2 ? LIMIT_TIME_S : 0;
    }
    scores[3].score_milli = 0;
    need(chmod(path, 0644) == 0);
    ok(scores_file_write(path, LIMIT_KEPT_SCORES, scores) == STATUS_OK &&
            scores_file_read(path, back, &count) == STATUS_OK &&
            count.records == LIMIT_KEPT_SCORES && count.wrong == 0,
        "all that may be kept fit, at their longest");
    bool are_same = true;
    for (size_t i = 0; i < LIMIT_KEPT_SCORES; i++)
        are_same &= same(&scores[i], &back[i]);
    ok(are_same, "and come back as they were");
    struct stat stat_now;
    need(stat(path, &stat_now) == 0);
    ok((stat_now.st_mode & 0777) == 0600,
        "a file that others could read is theirs no more");
    ok(scores_file_write(path, 0, scores) == STATUS_OK &&
            scores_file_read(path, back, &count) == STATUS_OK &&
            count.records == 0 && count.wrong == 0,
        "so does that there is nobody");
}

static void test_bad_disk(void)
{
    struct kept_count count;
    ok(scores_file_write("/nonexistent/scores", 1, scores) == STATUS_IO &&
            errno == ENOENT,
        "a file that can't be written is an error, and errno says which");
    ok(scores_file_read("/dev", back, &count) == STATUS_IO && errno == EISDIR,
        "as is a folder in its place");
}

static enum status read_text(const char *text, struct kept_count *count)
{
    need(file_replace(path, span_of_text(text)) == STATUS_OK);
    return scores_file_read(path, back, count);
}

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void test_bad_lines(void)
{
    static const char *const bad[] = {
        "",
        KEY,
        KEY " ",
        KEY " -50000",
        KEY " -50000 1700000000",
        KEY " -50000 1700000000 ",
        KEY " -50000 1700000000 0 ",
        KEY " -50000 1700000000 0\r",
        KEY " -50000 1700000000 0 1",
        KEY "  -50000 1700000000 0",
        KEY "\t-50000 1700000000 0",
        " " KEY " -50000 1700000000 0",
        KEY " 50000 1700000000 0",
        KEY " +0 1700000000 0",
        KEY " - 1700000000 0",
        KEY " --5 1700000000 0",
        KEY " -2147483648 1700000000 0",
        KEY " -18446744073709551617 1700000000 0",
        KEY " -50000 -1 0",
        KEY " -50000 9007199254740992 0",
        KEY " -50000 1700000000 9007199254740992",
        KEY " -50000 1700000000 99999999999999999999999999",
        KEY " -0x10 1700000000 0",
        "g" KEY " -50000 1700000000 0",
        "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
        " -50000 1700000000 0",
        "garbage \xff\xfe",
    };
    struct kept_count count = {9, 9};
    size_t refused = 0;
    char text[512];
    ok(read_text("", &count) == STATUS_OK && count.records == 0 &&
            count.wrong == 0,
        "an empty file holds nothing against anybody");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(
            text, sizeof(text), "%s -1 5 6\n%s\n%s -2 7 0", KEY, bad[i], KEY);
        bool is_refused = read_text(text, &count) == STATUS_OK &&
                          count.records == 2 && count.wrong == 2 &&
                          back[0].score_milli == -1 &&
                          back[0].gray_until_s == 6 &&
                          back[1].score_milli == -2 && back[1].as_of_s == 7;
        if (!is_refused)
            printf("# taken: %s\n", bad[i]);
        refused += is_refused;
    }
    ok(refused == sizeof(bad) / sizeof(bad[0]),
        "a line that makes no sense is passed over and told, alone");
    need(file_replace(path, (struct span){(const uint8_t *)KEY " -1 5\0 6\n",
                                sizeof(KEY) + 9}) == STATUS_OK);
    ok(scores_file_read(path, back, &count) == STATUS_OK &&
            count.records == 0 && count.wrong == 1,
        "a zero byte in it, too");
}

static void test_too_long(void)
{
    static char text[KEPT_FILE_BYTES + 2];
    struct kept_count count;
    size_t used = 0;
    for (size_t i = 0; i <= LIMIT_KEPT_SCORES; i++)
        used += (size_t)snprintf(
            text + used, sizeof(text) - used, KEY " -%zu 5 6\n", i);
    ok(read_text(text, &count) == STATUS_OK &&
            count.records == LIMIT_KEPT_SCORES &&
            count.wrong == LIMIT_KEPT_SCORES + 1 &&
            back[count.records - 1].score_milli ==
                -(int32_t)(LIMIT_KEPT_SCORES - 1),
        "a line too many is told, and those before it are taken");
    memset(text, 'x', sizeof(text) - 1);
    ok(read_text(text, &count) == STATUS_TOO_LARGE,
        "a file that is too large is refused");
    unlink(path);
    ok(scores_file_read(path, back, &count) == STATUS_NOT_FOUND,
        "no file is told apart");
}

int main(void)
{
    int fd = mkstemp(path);
    need(fd >= 0);
    close(fd);
    test_comes_back();
    test_bad_disk();
    test_bad_lines();
    test_too_long();
    return tap_done();
}
