/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control server and the port, each in one loop with its other end: every
 * wait is for a state, by turning the loop until it is there. */
#include "config.h"

#include "platform/ipc.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>

#include "platform/port_socket.h"
#include "proto/limits.h"
#include "tests/platform/scratch.h"
#include "tests/tap.h"

static uv_loop_t loop;
static struct ipc *ipc;
static char path[256];

/* What the server was told. */
static struct {
    int lines;
    uint64_t client;
    size_t size;
    char text[64];
} seen;

static void on_line(void *context, uint64_t client, struct span line)
{
    (void)context;
    seen.lines++;
    seen.client = client;
    seen.size = line.size;
    size_t size = line.size < 63 ? line.size : 63;
    if (size)
        memcpy(seen.text, line.data, size);
    seen.text[size] = '\0';
}

/* Turn the loop until the condition holds, in a bounded number of turns. */
#define turn_until(condition)                                                  \
    for (int turns_ = 0; turns_ < 100000 && !(condition); turns_++)            \
    uv_run(&loop, UV_RUN_NOWAIT)

static int dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(address.sun_path, path, strlen(path));
    need(fd >= 0 &&
         connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

static void say(int fd, const char *text)
{
    need(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/* Whether the other end has closed; what it sent before is dropped. */
static bool is_closed(int fd)
{
    char bytes[65536];
    ssize_t got;
    uv_run(&loop, UV_RUN_NOWAIT);
    while ((got = read(fd, bytes, sizeof(bytes))) > 0)
        ;
    return got == 0 || (errno != EAGAIN && errno != EINTR);
}

static void test_lines(void)
{
    int fd = dial();
    char got[32] = "";
    say(fd, "one\ntw");
    turn_until(seen.lines == 1);
    ok(strcmp(seen.text, "one") == 0, "a line comes without its newline");
    uv_run(&loop, UV_RUN_NOWAIT);
    ok(seen.lines == 1, "half a line waits");
    say(fd, "o\n\n");
    turn_until(seen.lines == 3);
    ok(seen.lines == 3 && seen.size == 0, "an empty line is a line");
    ipc_send(ipc, seen.client, span_of_text("answer\n"));
    turn_until(read(fd, got, sizeof(got)) > 0);
    ok(strcmp(got, "answer\n") == 0, "a reply arrives");
    ipc_send(ipc, 12345, span_of_text("nobody\n"));
    close(fd);
    uint64_t first = seen.client;
    fd = dial();
    say(fd, "again\n");
    turn_until(seen.lines == 4);
    ok(seen.client != first, "a client's number is never used twice");
    close(fd);
}

/* `socat` closes its half when its input ends. */
static void test_half_closed(void)
{
    int fd = dial(), before = seen.lines;
    char got[32] = "";
    say(fd, "ask\nask\n");
    need(shutdown(fd, SHUT_WR) == 0);
    turn_until(seen.lines == before + 2);
    for (int i = 0; i < 20; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    ipc_send(ipc, seen.client, span_of_text("one\n"));
    ipc_send(ipc, seen.client, span_of_text("two\n"));
    turn_until(read(fd, got, sizeof(got)) > 0);
    ok(strcmp(got, "one\ntwo\n") == 0,
        "who asks no more still gets the answers");
    bool closed = false;
    turn_until((closed = is_closed(fd)));
    ok(closed, "and then the end");
    close(fd);
}

/* Whatever the mode bits say. */
static void test_other_user(void)
{
    enum { SOMEBODY = 65534 };
    if (geteuid() != 0) {
        printf("# another user: skipped, for only root can be one\n");
        return;
    }
    int before = seen.lines;
    need(chmod(scratch, 0711) == 0 && chmod(path, 0666) == 0);
    need(seteuid(SOMEBODY) == 0);
    int fd = dial();
    need(seteuid(0) == 0);
    ssize_t sent = send(fd, "let me in\n", 10, MSG_NOSIGNAL);
    bool closed = false;
    turn_until((closed = is_closed(fd)));
    ok(closed && sent <= 10 && seen.lines == before,
        "another user is shut out, and nothing they say is heard");
    close(fd);
    need(chmod(path, 0600) == 0 && chmod(scratch, 0700) == 0);
}

static void test_long_line(void)
{
    int fd = dial();
    static char bytes[65536];
    int before = seen.lines;
    memset(bytes, 'x', sizeof(bytes));
    size_t sent = 0;
    while (sent < LIMIT_CONTROL_LINE_BYTES) {
        ssize_t put = write(fd, bytes, sizeof(bytes));
        if (put > 0)
            sent += (size_t)put;
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    say(fd, "x");
    bool closed = false;
    turn_until((closed = is_closed(fd)));
    ok(closed && seen.lines == before, "a line over the limit ends its client");
    close(fd);
}

static void test_limit(void)
{
    int fds[LIMIT_CONTROL_CLIENTS + 1];
    for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++) {
        fds[i] = dial();
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    int before = seen.lines;
    say(fds[LIMIT_CONTROL_CLIENTS - 1], "the last\n");
    turn_until(seen.lines > before);
    ok(seen.lines == before + 1, "as many clients as the limit are served");
    fds[LIMIT_CONTROL_CLIENTS] = dial();
    bool closed = false;
    turn_until((closed = is_closed(fds[LIMIT_CONTROL_CLIENTS])));
    ok(closed, "one more is turned away");
    for (size_t i = 0; i <= LIMIT_CONTROL_CLIENTS; i++)
        close(fds[i]);
    for (int i = 0; i < 200; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    int fd = dial();
    say(fd, "room again\n");
    turn_until(seen.lines == before + 2);
    ok(seen.lines == before + 2, "and there is room when they have gone");
    close(fd);
}

/* One that subscribes and never reads: what waits for it is bounded, and the
 * last that it gets is that it lags. */
static void test_slow(void)
{
    static char note[65536];
    int fd = dial(), quick = dial();
    int before = seen.lines;
    say(fd, "subscribe\n");
    turn_until(seen.lines == before + 1);
    ipc_subscribe(ipc, seen.client);
    say(quick, "subscribe\n");
    turn_until(seen.lines == before + 2);
    ipc_subscribe(ipc, seen.client);
    ok(ipc_has_subscribers(ipc), "there are subscribers");
    memset(note, 'n', sizeof(note) - 1);
    note[sizeof(note) - 1] = '\n';
    char bytes[65536], last[8] = "";
    for (int i = 0; i < 400; i++) {
        ipc_notify(ipc, (struct span){(uint8_t *)note, sizeof(note)});
        uv_run(&loop, UV_RUN_NOWAIT);
        while (read(quick, bytes, sizeof(bytes)) > 0)
            uv_run(&loop, UV_RUN_NOWAIT);
    }
    size_t total = 0;
    ssize_t got = -1;
    for (int i = 0; i < 100000 && got != 0; i++) {
        got = read(fd, bytes, sizeof(bytes));
        if (got >= 7)
            memcpy(last, bytes + got - 7, 7);
        total += got > 0 ? (size_t)got : 0;
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    ok(got == 0 && total < 8u * 1024 * 1024,
        "a subscriber that does not read costs a bounded queue, and is ended");
    ok(strcmp(last, "lagged\n") == 0, "its last line says that it lagged");
    ok(!is_closed(quick), "another that reads is served on");
    close(fd);
    close(quick);
}

/* One that asks and never takes its answers is not read from. */
static void test_backlog(void)
{
    static char reply[1024 * 1024];
    int fd = dial(), before = seen.lines;
    for (int i = 0; i < 64; i++)
        say(fd, "ask\n");
    turn_until(seen.lines == before + 64);
    memset(reply, 'r', sizeof(reply) - 1);
    reply[sizeof(reply) - 1] = '\n';
    for (int i = 0; i < 6; i++)
        ipc_send(
            ipc, seen.client, (struct span){(uint8_t *)reply, sizeof(reply)});
    say(fd, "ask more\n");
    for (int i = 0; i < 100; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    ok(seen.lines == before + 64, "a client with a long queue has to wait");
    char bytes[65536];
    for (int i = 0; i < 100000 && seen.lines == before + 64; i++) {
        (void)!read(fd, bytes, sizeof(bytes));
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    ok(seen.lines == before + 65, "and goes on when it has read");
    close(fd);
}

/* ---- the port ---- */

static struct {
    uint32_t next; /* the number that must come next */
    bool in_order;
    int gone;
} port_seen;

static void on_message(void *context, struct span bytes)
{
    uint32_t number;
    (void)context;
    if (bytes.size < sizeof(number))
        return;
    memcpy(&number, bytes.data, sizeof(number));
    port_seen.in_order &= number == port_seen.next++;
}

static void on_gone(void *context)
{
    (void)context;
    port_seen.gone++;
}

static struct port_socket *port_on(int fd)
{
    const struct port_socket_config config = {
        .loop = &loop, .fd = fd, .message = on_message, .gone = on_gone};
    struct port_socket *port;
    need(port_socket_new(&config, &port) == STATUS_OK);
    return port;
}

static enum status send_number(struct port_socket *port, uint32_t number)
{
    static uint8_t bytes[LIMIT_PORT_BYTES];
    memcpy(bytes, &number, sizeof(number));
    return port_socket_send(port, (struct span){bytes, sizeof(bytes)});
}

static void test_port(void)
{
    int pair[2];
    need(port_socket_pair(pair) == STATUS_OK);
    struct port_socket *a = port_on(pair[0]), *b = port_on(pair[1]);
    port_seen.in_order = true;
    uint32_t count = 0;
    while (send_number(a, count) == STATUS_OK)
        count++;
    ok((size_t)count * LIMIT_PORT_BYTES >= PORT_SOCKET_QUEUE_BYTES &&
            (size_t)count * LIMIT_PORT_BYTES <
                PORT_SOCKET_QUEUE_BYTES + 2 * MIB,
        "a port's queue is full at its limit");
    turn_until(port_seen.next == count);
    ok(port_seen.next == count && port_seen.in_order,
        "all that was queued arrives, in order");
    ok(send_number(a, count) == STATUS_OK, "and there is room again");
    port_socket_free(a);
    turn_until(port_seen.gone == 1);
    ok(port_seen.next == count + 1 && port_seen.gone == 1,
        "what was sent before the end arrives, and then the end");
    port_socket_free(b);
    port_socket_free(NULL);
}

/* While answers wait for a reader, no question is taken. */
static void test_port_pause(void)
{
    int pair[2];
    need(port_socket_pair(pair) == STATUS_OK);
    struct port_socket *port = port_on(pair[0]);
    port_seen.next = 0;
    for (uint32_t i = 0; i < 200; i++)
        need(send_number(port, i) == STATUS_OK);
    uint32_t question = 0;
    need(send(pair[1], &question, sizeof(question), 0) > 0);
    for (int i = 0; i < 100; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    ok(port_seen.next == 0, "a port with a long queue takes no question");
    static uint8_t bytes[LIMIT_PORT_BYTES];
    for (int i = 0; i < 100000 && port_seen.next == 0; i++) {
        (void)!recv(pair[1], bytes, sizeof(bytes), MSG_DONTWAIT);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    ok(port_seen.next == 1, "and takes it when the queue is short");
    close(pair[1]);
    port_socket_free(port);
}

int main(void)
{
    struct stat stat_;
    scratch_make();
    need(uv_loop_init(&loop) == 0);
    snprintf(path, sizeof(path), "%s", scratch_path("relay.sock"));
    const struct ipc_config config = {.loop = &loop,
        .path = path,
        .lagged = span_of_text("lagged\n"),
        .line = on_line};
    need(ipc_listen(&config, &ipc) == STATUS_OK);
    ok(stat(path, &stat_) == 0 && (stat_.st_mode & 0777) == 0600,
        "the socket is 0600");
    test_lines();
    test_half_closed();
    test_other_user();
    test_long_line();
    test_limit();
    test_slow();
    test_backlog();
    test_port();
    test_port_pause();
    ipc_close(ipc);
    uv_run(&loop, UV_RUN_DEFAULT);
    ok(access(path, F_OK) != 0, "the socket is gone with its server");
    ok(uv_loop_close(&loop) == 0, "no handle is left");
    return tap_done();
}
