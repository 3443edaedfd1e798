/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/escape.h"
#include "tests/tap.h"

#include <string.h>

static char shown[512];

/* Bytes as they come out, with an indent or (NULL) on one line. */
static const char *show(const char *bytes, size_t size, const char *indent)
{
    memset(shown, 0, sizeof(shown));
    FILE *stream = fmemopen(shown, sizeof(shown), "w");
    need(stream);
    struct span text = {(const uint8_t *)bytes, size};
    if (indent)
        escape_text(stream, text, indent);
    else
        escape_line(stream, text);
    fclose(stream);
    return shown;
}
#define LINE(bytes) show(bytes, sizeof(bytes) - 1, NULL)
#define TEXT(bytes) show(bytes, sizeof(bytes) - 1, "  ")

static void test_line(void)
{
    ok(strcmp(LINE("plain, Zoë, 漢字, 👩\u200d🚀"),
           "plain, Zoë, 漢字, 👩\u200d🚀") == 0,
        "words of any script come out as they are");
    ok(strcmp(LINE("\x1b[2Jx"), "<U+001B>[2Jx") == 0,
        "an escape sequence is shown");
    ok(strcmp(LINE("a\nb\tc\rd\x7f"), "a<U+000A>b<U+0009>c<U+000D>d<U+007F>") ==
            0,
        "a line stays a line");
    ok(strcmp(LINE("\0"), "<U+0000>") == 0, "a NUL is shown");
    ok(strcmp(LINE("\xc2\x9b"
                   "31m"),
           "<U+009B>31m") == 0,
        "a C1 control is shown");
    ok(strcmp(LINE("\u202egnp.exe\u2066"), "<U+202E>gnp.exe<U+2066>") == 0,
        "what turns a text round is shown");
    ok(strcmp(LINE("\u2028\ufeff\U000e0041"), "<U+2028><U+FEFF><U+E0041>") == 0,
        "separators and invisible tags are shown");
}

static void test_bytes(void)
{
    ok(strcmp(LINE("\x9b\x33"), "<9B>3") == 0, "a bare C1 byte is shown");
    ok(strcmp(LINE("\xc0\x9b"), "<C0><9B>") == 0 &&
            strcmp(LINE("\xe0\x80\x9b"), "<E0><80><9B>") == 0,
        "a control in too many bytes is shown");
    ok(strcmp(LINE("\xed\xa0\x80"), "<ED><A0><80>") == 0 &&
            strcmp(LINE("\xf4\x90\x80\x80"), "<F4><90><80><80>") == 0,
        "surrogates and what is past Unicode are shown");
    ok(strcmp(LINE("\xe2\x80"), "<E2><80>") == 0 &&
            strcmp(LINE("\xe2("), "<E2>(") == 0,
        "a cut character does not take the next one along");
    ok(strcmp(LINE("\ufffd"), "\ufffd") == 0,
        "a replacement character is itself");
}

static void test_text(void)
{
    ok(strcmp(TEXT("one\ntwo\n"), "  one\n  two\n") == 0,
        "every line is indented");
    ok(strcmp(TEXT("one"), "  one\n") == 0, "a last newline is added");
    ok(strcmp(TEXT("a\r\nb\tc"), "  a\n  b\tc\n") == 0,
        "a tab stays, a carriage return before a newline goes");
    ok(strcmp(TEXT("a\rb"), "  a<U+000D>b\n") == 0,
        "a carriage return that would overwrite is shown");
    ok(strcmp(TEXT("\n\n"), "  \n  \n") == 0 && strcmp(TEXT(""), "  \n") == 0,
        "empty lines are lines");
}

int main(void)
{
    test_line();
    test_bytes();
    test_text();
    return tap_done();
}
