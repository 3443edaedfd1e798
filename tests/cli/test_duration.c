/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/duration.h"
#include "tests/tap.h"

#include <string.h>

static int reads(const char *text, uint64_t expected)
{
    uint64_t value = 1;
    return duration_parse_s(text, &value) == STATUS_OK && value == expected;
}

static int refuses(const char *text)
{
    uint64_t value = 1;
    return duration_parse_s(text, &value) == STATUS_INVALID && value == 1;
}

static int prints(uint64_t seconds, const char *expected)
{
    char out[AMOUNT_CHARS];
    duration_print_s(seconds, out);
    return strcmp(out, expected) == 0;
}

static int sizes(uint64_t bytes, const char *expected)
{
    char out[AMOUNT_CHARS];
    bytes_print(bytes, out);
    return strcmp(out, expected) == 0;
}

int main(void)
{
    ok(reads("90s", 90) && reads("5m", 300) && reads("2h", 7200) &&
            reads("7d", 604800) && reads("0s", 0),
        "durations have a unit");
    ok(refuses("") && refuses("5") && refuses("m") && refuses("5w") &&
            refuses("5ms") && refuses("-5m") && refuses("+5m") &&
            refuses(" 5m") && refuses("5 m") && refuses("5m ") &&
            refuses("1.5h") && refuses("5M"),
        "anything else is refused");
    ok(reads("18446744073709551615s", UINT64_MAX) &&
            refuses("18446744073709551616s") &&
            refuses("18446744073709551615m"),
        "what does not fit is refused");
    uint64_t number = 3;
    ok(number_parse("12", &number) == STATUS_OK && number == 12 &&
            number_parse("0x10", &number) == STATUS_INVALID &&
            number_parse("", &number) == STATUS_INVALID && number == 12,
        "numbers are decimal");
    ok(prints(0, "0 s") && prints(59, "59 s") && prints(60, "1 min") &&
            prints(3599, "59 min") && prints(3600, "1 h") &&
            prints(47 * 3600, "47 h") && prints(48 * 3600, "2 d"),
        "durations are printed in one unit");
    ok(sizes(0, "0 B") && sizes(1023, "1023 B") && sizes(1024, "1 KiB") &&
            sizes(1536, "1.5 KiB") && sizes(256ul << 20, "256 MiB") &&
            sizes(UINT64_MAX, "16777215 TiB"),
        "sizes are printed in one unit");
    char out[AMOUNT_CHARS];
    time_print_s(0, out);
    ok(strcmp(out, "-") == 0, "no time is a hyphen");
    setenv("TZ", "UTC", 1);
    time_print_s(1764000000, out);
    ok(strcmp(out, "2025-11-24 16:00") == 0, "a time is printed to the minute");
    return tap_done();
}
