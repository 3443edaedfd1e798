/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers: what is read, and what is refused with its line. */
#include "config.h"

#include "sim/csv.h"

#include <math.h>
#include <stdbool.h>

#include "tests/sim/folder.h"

static struct csv csv;
static struct complaint complaint;

static enum status read_text(const char *text)
{
    folder_put("table.csv", text);
    complaint.text[0] = '\0';
    enum status status =
        csv_read(folder_path("table.csv"), "a,b,c", &csv, &complaint);
    folder_take("table.csv");
    return status;
}

static bool refuses(const char *text, const char *words)
{
    bool is_refused = read_text(text) == STATUS_INVALID &&
                      strstr(complaint.text, words) != NULL;
    if (!is_refused)
        printf("# %s\n", complaint.text);
    return is_refused;
}

static void test_good(void)
{
    need(read_text("a,b,c\n1,-2.5,3e3\n,7,\n") == STATUS_OK);
    ok(csv.columns == 3 && csv.count == 2 && csv.values[0] == 1 &&
            csv.values[1] == -2.5 && csv.values[2] == 3000,
        "numbers are read in rows");
    ok(isnan(csv.values[3]) && csv.values[4] == 7 && isnan(csv.values[5]),
        "and an empty field is none");
    csv_clear(&csv);
    need(read_text("a,b,c\n1,2,3") == STATUS_OK);
    ok(csv.count == 1 && csv.values[2] == 3, "the last line may have no end");
    csv_clear(&csv);
    need(read_text("a,b,c\n") == STATUS_OK);
    ok(csv.count == 0, "a table may have no rows");
    csv_clear(&csv);
    ok(csv.values == NULL && csv.count == 0, "what is cleared is empty");
}

/* More rows than there is room for at first. */
static void test_long(void)
{
    enum { ROWS = 5000 };
    char *text = malloc(ROWS * 32);
    size_t size = 0;
    need(text);
    size += (size_t)sprintf(text, "a,b,c\n");
    for (int i = 0; i < ROWS; i++)
        size += (size_t)sprintf(text + size, "%d,%d,\n", i, 2 * i);
    need(read_text(text) == STATUS_OK);
    bool is_whole = csv.count == ROWS;
    for (size_t i = 0; i < csv.count; i++)
        is_whole = is_whole && csv.values[3 * i] == (double)i &&
                   csv.values[3 * i + 1] == 2.0 * (double)i;
    ok(is_whole, "a long table is read whole");
    csv_clear(&csv);
    free(text);
}

static void test_refused(void)
{
    ok(refuses("a,b\n", "table.csv:1: its columns are not those"),
        "other columns are refused");
    ok(refuses("", ":1: its columns"), "and none");
    ok(refuses("a,b,c\n1,2,3\n1,2\n", ":3: this is not a row of 3 numbers"),
        "a short row is refused with its line");
    ok(refuses("a,b,c\n1,2,3,4\n", ":2: "), "a long one");
    ok(refuses("a,b,c\n1,x,3\n", ":2: "), "a word");
    ok(refuses("a,b,c\n1,2 ,3\n", ":2: "), "what stands behind a number");
    ok(refuses("a,b,c\n1,inf,3\n", ":2: ") &&
            refuses("a,b,c\n1,nan,3\n", ":2: ") &&
            refuses("a,b,c\n1,1e999,3\n", ":2: "),
        "what is not finite");
    ok(refuses("a,b,c\n\n", ":2: "), "an empty line");
    ok(csv_read(folder_path("none.csv"), "a", &csv, &complaint) ==
                STATUS_NOT_FOUND &&
            strstr(complaint.text, "none.csv"),
        "a file that is not there is named");
}

int main(void)
{
    folder_make();
    test_good();
    test_long();
    test_refused();
    folder_end();
    return tap_done();
}
