/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tunnel through a proxy that is played here: one that answers as it should,
 * in one piece or byte by byte, one that refuses, and one that talks nonsense.
 * Whatever it does, the local end gets what the target said, or its end. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/span.h"
#include "platform/transport_tunnel.h"
#include "proto/endpoint.h"
#include "tests/tap.h"

#define ONION "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwd.onion"

enum { ANSWERS = 4, HEARD_BYTES = 512 };

/* What the proxy says when it has heard so many bytes in all. */
struct line {
    size_t after;
    const char *bytes;
    size_t size;
};

struct play {
    struct line lines[ANSWERS];
    bool drips; /* a byte at a time */
    const char *user;
    const char *endpoint;
};

static uv_loop_t *loop;
static struct transport_tunnels *tunnels;
static struct play play;
static uv_tcp_t listener, proxy, local;
static uv_connect_t connecting;
static uint8_t heard[HEARD_BYTES]; /* by the proxy */
static size_t heard_bytes;
static uint8_t got[HEARD_BYTES]; /* at the local end */
static size_t got_bytes;
static bool ended, proxied;

static void give(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    bool at_proxy = handle == (uv_handle_t *)&proxy;
    uint8_t *bytes = at_proxy ? heard : got;
    size_t used = at_proxy ? heard_bytes : got_bytes;
    (void)suggested;
    *out = uv_buf_init((char *)bytes + used, (unsigned)(HEARD_BYTES - used));
}

static void say(uv_tcp_t *tcp, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t step = play.drips ? 1 : size;
        uv_buf_t piece = uv_buf_init((char *)bytes + done, (unsigned)step);
        int sent = uv_try_write((uv_stream_t *)tcp, &piece, 1);
        need(sent > 0);
        done += (size_t)sent;
    }
}

static void on_proxy_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *b)
{
    (void)b;
    if (size < 0) {
        uv_close((uv_handle_t *)stream, NULL);
        return;
    }
    size_t before = heard_bytes;
    heard_bytes += (size_t)size;
    for (size_t i = 0; i < ANSWERS; i++) {
        const struct line *line = &play.lines[i];
        if (line->size > 0 && before < line->after &&
            heard_bytes >= line->after)
            say(&proxy, line->bytes, line->size);
    }
}

static void on_connection(uv_stream_t *stream, int status)
{
    int on = 1, fd;
    need(status == 0 && uv_tcp_init(loop, &proxy) == 0 &&
         uv_accept(stream, (uv_stream_t *)&proxy) == 0);
    need(uv_fileno((uv_handle_t *)&proxy, &fd) == 0 &&
         setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    proxied = true;
    uv_read_start((uv_stream_t *)&proxy, give, on_proxy_read);
    uv_close((uv_handle_t *)&listener, NULL);
}

static void on_local_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *b)
{
    (void)b;
    if (size < 0) {
        ended = true;
        uv_close((uv_handle_t *)stream, NULL);
    } else {
        got_bytes += (size_t)size;
    }
}

static void on_local(uv_connect_t *request, int status)
{
    (void)request;
    ended = status < 0;
    if (ended)
        return;
    say(&local, "PING", 4); /* before the way is open */
    uv_read_start((uv_stream_t *)&local, give, on_local_read);
}

static void bind_proxy(char out[static 64])
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof(here);
    need(uv_tcp_init(loop, &listener) == 0 &&
         uv_tcp_bind(&listener, (struct sockaddr *)&here, 0) == 0 &&
         uv_listen((uv_stream_t *)&listener, 1, on_connection) == 0 &&
         uv_tcp_getsockname(&listener, (struct sockaddr *)&here, &size) == 0);
    snprintf(out, 64, "127.0.0.1:%u", (unsigned)ntohs(here.sin_port));
}

static struct transport_tunnel *dial(void)
{
    char address[64], at[LIMIT_ENDPOINT_BYTES + 1];
    struct transport_tunnel *tunnel = NULL;
    heard_bytes = got_bytes = 0;
    ended = proxied = false;
    bind_proxy(address);
    const struct transport_tunnel_config config = {.loop = loop,
        .proxy = address,
        .user = play.user,
        .endpoint = play.endpoint};
    need(transport_tunnel_new(tunnels, &config, &tunnel, at) == STATUS_OK);
    struct sockaddr_in there = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)endpoint_port(at)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    need(uv_tcp_init(loop, &local) == 0 &&
         uv_tcp_connect(
             &connecting, &local, (struct sockaddr *)&there, on_local) == 0);
    return tunnel;
}

/* Until the local end has so many bytes, or has ended. */
static void run_until(size_t bytes)
{
    while (!ended && got_bytes < bytes)
        uv_run(loop, UV_RUN_ONCE);
}

static void close_one(uv_tcp_t *tcp)
{
    if (!uv_is_closing((uv_handle_t *)tcp))
        uv_close((uv_handle_t *)tcp, NULL);
}

static void hang_up(struct transport_tunnel *tunnel)
{
    transport_tunnel_release(tunnel);
    close_one(&local);
    if (proxied)
        close_one(&proxy);
    close_one(&listener);
    uv_run(loop, UV_RUN_DEFAULT);
}

#define SAYS(after, text)                                                      \
    {                                                                          \
        after, text, sizeof(text) - 1                                          \
    }

static bool proxy_heard(const char *bytes, size_t size)
{
    return heard_bytes >= size && memcmp(heard, bytes, size) == 0;
}

/* A greeting of three bytes, a user of 4 and a word of 5, and the target. */
static void test_user(bool drips)
{
    static const char expected[] = "\x05\x01\x02"
                                   "\x01\x04"
                                   "anna"
                                   "\x05"
                                   "sotto"
                                   "\x05\x01\x00\x03\x3e" ONION "\x1c\x8f"
                                   "PING";
    play = (struct play){.drips = drips,
        .user = "anna",
        .endpoint = "tcp://" ONION ":7311",
        .lines = {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x00"),
            SAYS(15 + 69, "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"
                          "PONG")}};
    struct transport_tunnel *tunnel = dial();
    run_until(4);
    while (heard_bytes < sizeof(expected) - 1)
        uv_run(loop, UV_RUN_ONCE);
    ok(proxy_heard(expected, sizeof(expected) - 1),
        drips ? "answers may come byte by byte"
              : "the proxy is told a user, and a name as it is");
    ok(got_bytes == 4 && memcmp(got, "PONG", 4) == 0,
        "what follows the proxy's yes is the target's");
    hang_up(tunnel);
}

static void test_addresses(void)
{
    static const char ipv4[] = "\x05\x01\x00"
                               "\x05\x01\x00\x01\xc0\x00\x02\x07\x00\x01"
                               "PING";
    static const char ipv6[] =
        "\x05\x01\x00\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x01\x00\x01"
        "PING";
    play = (struct play){.endpoint = "tcp://192.0.2.7:1",
        .lines = {SAYS(3, "\x05\x00"), SAYS(13, "\x05\x00\x00\x03\x02hi\x00\x50"
                                                "PONG")}};
    struct transport_tunnel *tunnel = dial();
    run_until(4);
    while (heard_bytes < sizeof(ipv4) - 1)
        uv_run(loop, UV_RUN_ONCE);
    ok(proxy_heard(ipv4, sizeof(ipv4) - 1) && got_bytes == 4,
        "an address goes as one, without a user; the answer has a name");
    hang_up(tunnel);
    play = (struct play){.endpoint = "tcp://[2001:db8::1]:1",
        .lines = {SAYS(3, "\x05\x00"), SAYS(25, "\x05\x00\x00\x04"
                                                "0123456789abcdef"
                                                "\x00\x50"
                                                "PONG")}};
    tunnel = dial();
    run_until(4);
    while (heard_bytes < sizeof(ipv6) - 1)
        uv_run(loop, UV_RUN_ONCE);
    ok(proxy_heard(ipv6, sizeof(ipv6) - 1) && got_bytes == 4,
        "so does one of IPv6; the answer has one");
    hang_up(tunnel);
}

/* What is known of the proxy itself; NULL: it is as it should be. */
static bool trouble_is(const char *expected, uint64_t times)
{
    uint64_t failed;
    const char *trouble = transport_tunnels_trouble(tunnels, &failed);
    return failed == times &&
           (expected ? trouble && strstr(trouble, expected) : trouble == NULL);
}

static void refuses(
    const struct line *lines, const char *what, const char *trouble)
{
    static uint64_t times;
    play = (struct play){.user = "anna", .endpoint = "tcp://192.0.2.7:1"};
    memcpy(play.lines, lines, sizeof(play.lines));
    struct transport_tunnel *tunnel = dial();
    run_until(1);
    times = trouble ? times + 1 : 0;
    ok(ended && got_bytes == 0 && trouble_is(trouble, times), what);
    hang_up(tunnel);
}

static void test_refused(void)
{
    static const struct line cases[][ANSWERS] = {
        {SAYS(3, "\x05\xff")},
        {SAYS(3, "\x05\x00")},
        {SAYS(3, "\x04\x02")},
        {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x01")},
        {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x00"),
            SAYS(25, "\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00")},
        {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x00"),
            SAYS(25, "\x04\x00\x00\x01\x00\x00\x00\x00\x00\x00")},
        {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x00"),
            SAYS(25, "\x05\x00\x00\x07\x00\x00\x00\x00\x00\x00")},
        {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x00"),
            SAYS(25, "\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")},
        {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x00"),
            SAYS(25, "\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")},
        {SAYS(3, "\x05\x02"), SAYS(15, "\x01\x00"),
            SAYS(25, "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00")},
    };
    static const char *const what[] = {"a proxy that takes no method",
        "one that would do without the user", "one of another version",
        "one that knows no such user", "one that cannot reach the target",
        "an answer of another version", "an address of no known kind",
        "one whose rules are against the target",
        "and still are, though it serves its user",
        "one that was let through since, and was refused by its target"};
    /* Of who was let in, the target has the trouble, not the proxy, unless it
     * is the proxy's own rules that were in the way. */
    static const char *const trouble[] = {"it knows no users",
        "it knows no users", "it does not speak SOCKS5", "it refuses its user",
        NULL, NULL, NULL, "its rules do not allow", "its rules do not allow",
        NULL};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refuses(cases[i], what[i], trouble[i]);
}

static void test_ends(void)
{
    play = (struct play){.endpoint = "tcp://192.0.2.7:1"};
    struct transport_tunnel *tunnel = dial();
    while (heard_bytes < 3)
        uv_run(loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&proxy, NULL);
    run_until(1);
    ok(ended && trouble_is("it hangs up", 1), "a proxy that hangs up ends it");
    hang_up(tunnel);
    tunnel = dial();
    while (heard_bytes < 3)
        uv_run(loop, UV_RUN_ONCE);
    transport_tunnel_release(tunnel);
    ok(trouble_is("it does not answer", 2), "one that says nothing is told of");
    run_until(1);
    hang_up(NULL);
    tunnel = dial();
    transport_tunnel_release(tunnel);
    run_until(1);
    ok(ended && heard_bytes == 0, "so does its owner, before it is open");
    hang_up(NULL);
    tunnel = dial();
    while (heard_bytes < 3)
        uv_run(loop, UV_RUN_ONCE);
    transport_tunnels_free(tunnels);
    run_until(1);
    ok(ended, "so does the end of all");
    hang_up(NULL);
}

int main(void)
{
    alarm(60);
    loop = uv_default_loop();
    need(transport_tunnels_new(&tunnels) == STATUS_OK);
    test_user(false);
    test_user(true);
    test_addresses();
    test_refused();
    test_ends();
    uv_loop_close(loop);
    return tap_done();
}
