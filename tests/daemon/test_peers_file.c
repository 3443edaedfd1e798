/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/peers_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/file.h"
#include "tests/tap.h"

static char path[] = "/tmp/test_peers_file.XXXXXX";
static struct kept_node nodes[LIMIT_KEPT_NODES], back[LIMIT_KEPT_NODES];

static void test_comes_back(void)
{
    struct kept_count count;
    for (size_t i = 0; i < LIMIT_KEPT_NODES; i++) {
        nodes[i].at.node.bytes[0] = 1; /* all zeros are nobody */
        nodes[i].at.node.bytes[3] = (uint8_t)i;
        nodes[i].at.address = (struct address){
            i % 2 ? 16 : 4, (uint16_t)(1024 + i), {0x20, 1, 0x0d, (uint8_t)i}};
        nodes[i].is_anchor = i < 16;
    }
    ok(peers_file_write(path, LIMIT_KEPT_NODES, nodes) == STATUS_OK &&
            peers_file_read(path, back, &count) == STATUS_OK &&
            count.records == LIMIT_KEPT_NODES && count.wrong == 0,
        "all that may be kept fit");
    bool same = true;
    for (size_t i = 0; i < LIMIT_KEPT_NODES; i++)
        same &= address_equal(&back[i].at.address, &nodes[i].at.address) &&
                node_key_equal(&back[i].at.node, &nodes[i].at.node) &&
                back[i].is_anchor == nodes[i].is_anchor;
    ok(same, "and come back as they were");
    ok(peers_file_write("/nonexistent/peers", 1, nodes) == STATUS_IO,
        "a file that can't be written is an error");
}

static enum status read_text(const char *text, struct kept_count *count)
{
    need(file_replace(path, span_of_text(text)) == STATUS_OK);
    return peers_file_read(path, back, count);
}

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void test_bad_lines(void)
{
    struct kept_count count = {9, 9};
    ok(read_text("", &count) == STATUS_OK && count.records == 0 &&
            count.wrong == 0,
        "an empty file names nobody");
    ok(read_text("tcp://192.0.2.1:7311#" KEY " anchor\n"
                 "tcp://192.0.2.1:7311\n"
                 "tcp://example.org:7311#" KEY "\n"
                 "\n"
                 "garbage \xff\n"
                 "tcp://192.0.2.1:0#" KEY "\n"
                 "tcp://[2001:db8::1]:7311#" KEY,
           &count) == STATUS_OK &&
            count.records == 2 && count.wrong == 2 && back[0].is_anchor &&
            !back[1].is_anchor,
        "lines that make no sense are passed over, the first is told");
    char text[8192] = "";
    for (size_t i = 0; i <= LIMIT_KEPT_NODES; i++)
        strcat(text, "tcp://192.0.2.1:7311#" KEY "\n");
    ok(read_text(text, &count) == STATUS_OK &&
            count.records == LIMIT_KEPT_NODES &&
            count.wrong == LIMIT_KEPT_NODES + 1,
        "a line too many is told, too");
    char large[KEPT_FILE_BYTES + 2];
    memset(large, 'x', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    ok(read_text(large, &count) == STATUS_TOO_LARGE,
        "a file that is too large is refused");
    unlink(path);
    ok(peers_file_read(path, back, &count) == STATUS_NOT_FOUND,
        "no file is told apart");
}

int main(void)
{
    int fd = mkstemp(path);
    need(fd >= 0);
    close(fd);
    test_comes_back();
    test_bad_lines();
    return tap_done();
}
