/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client against a node that says exactly what a test wants: a child that
 * accepts one connection, reads one line if asked to, and writes its own. */
#include "config.h"

#include "platform/client.h"
#include "platform/clock.h"
#include "tests/tap.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct node {
    char directory[64];
    char path[96];
    pid_t pid;
};

/* What the child does with its one connection. */
struct script {
    bool reads_line;
    const char *says;
    size_t size;  /* of says; 0: strlen */
    size_t chunk; /* bytes a write; 0: all */
    bool stays;   /* keeps the connection open until it is killed */
    uid_t user;   /* whose node it is; 0: our own */
};

static void write_chunks(int fd, const struct script *script)
{
    size_t size = script->size ? script->size : strlen(script->says);
    size_t chunk = script->chunk ? script->chunk : size;
    for (size_t at = 0; at < size; at += chunk) {
        size_t part = size - at < chunk ? size - at : chunk;
        if (send(fd, script->says + at, part, MSG_NOSIGNAL) != (ssize_t)part)
            _exit(0);
    }
}

static void serve(int listener, const struct script *script)
{
    int fd = accept(listener, NULL, NULL);
    char c = 0;
    while (script->reads_line && c != '\n' && read(fd, &c, 1) == 1)
        ;
    write_chunks(fd, script);
    while (script->stays && read(fd, &c, 1) == 1)
        ;
    close(fd);
    _exit(0);
}

static void node_start(struct node *node, const struct script *script)
{
    strcpy(node->directory, "/tmp/sotto-test.XXXXXX");
    need(mkdtemp(node->directory));
    snprintf(node->path, sizeof(node->path), "%s/sock", node->directory);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, node->path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    /* Whose a socket is, is who listens on it. */
    need(script->user == 0 || seteuid(script->user) == 0);
    need(listen(listener, 1) == 0);
    need(script->user == 0 || seteuid(0) == 0);
    fflush(stdout);
    node->pid = fork();
    need(node->pid >= 0);
    if (node->pid == 0)
        serve(listener, script);
    close(listener);
}

static void node_stop(struct node *node)
{
    kill(node->pid, SIGKILL);
    waitpid(node->pid, NULL, 0);
    unlink(node->path);
    rmdir(node->directory);
}

static uint64_t soon_ms(void)
{
    return clock_now_ms() + 20000;
}

/* Connect to such a node and receive once. */
static enum status receive_once(
    const struct script *script, struct control_message *out)
{
    struct node node;
    node_start(&node, script);
    struct client *client;
    need(client_open(node.path, &client) == STATUS_OK);
    enum status status = client_receive(client, soon_ms(), out);
    client_close(client);
    node_stop(&node);
    return status;
}

static void test_open(void)
{
    struct client *client = NULL;
    ok(client_open("/nonexistent/sotto/sock", &client) == STATUS_NOT_FOUND &&
            !client,
        "no socket is no node");
    struct node node;
    node_start(&node, &(struct script){.says = "x"});
    node_stop(&node);
    ok(client_open(node.path, &client) == STATUS_NOT_FOUND && !client,
        "a node that is gone is no node");
    char path[200];
    memset(path, 'a', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    ok(client_open(path, &client) == STATUS_IO && !client,
        "a path too long for a socket is refused");
    client_close(NULL);
}

/* Where somebody else has put a node in the place of ours. */
static void test_impostor(void)
{
    enum { SOMEBODY = 65534 };
    struct node node;
    struct client *client = NULL;
    if (geteuid() != 0) {
        printf("# another's node: skipped, for only root can make one\n");
        return;
    }
    node_start(&node, &(struct script){.says = "x", .user = SOMEBODY});
    ok(client_open(node.path, &client) == STATUS_REFUSED && !client,
        "another person's node is told nothing");
    node_stop(&node);
}

#define DONE_1 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":\"done\"}}\n"

static void test_exchange(void)
{
    struct node node;
    node_start(&node,
        &(struct script){.reads_line = true, .says = DONE_1, .chunk = 1});
    struct client *client;
    need(client_open(node.path, &client) == STATUS_OK);
    struct control_request request = {.method = CONTROL_LOCK};
    struct control_message message;
    ok(client_send(client, &request) == STATUS_OK && request.id == 1,
        "a request goes out, numbered");
    enum status status = client_receive(client, soon_ms(), &message);
    ok(status == STATUS_OK && message.reply.id == 1 &&
            message.reply.kind == CONTROL_DONE,
        "its reply comes back, whatever pieces it came in");
    if (!status)
        control_message_clear(&message);
    ok(client_receive(client, soon_ms(), &message) == STATUS_NOT_FOUND,
        "then the node hangs up");
    client_close(client);
    node_stop(&node);
}

static void test_many_lines(void)
{
    enum { LINES = 300 };
    static char lines[LINES * 64];
    size_t size = 0;
    for (int i = 1; i <= LINES; i++)
        size += (size_t)sprintf(lines + size,
            "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{\"kind\":\"done\"}}\n",
            i);
    struct node node;
    node_start(
        &node, &(struct script){.says = lines, .size = size, .chunk = 1000});
    struct client *client;
    need(client_open(node.path, &client) == STATUS_OK);
    int in_order = 0;
    struct control_message message;
    for (int i = 1; i <= LINES; i++) {
        if (client_receive(client, soon_ms(), &message))
            break;
        in_order += message.reply.id == (uint64_t)i;
        control_message_clear(&message);
    }
    ok(in_order == LINES, "many lines in few pieces come one by one");
    client_close(client);
    node_stop(&node);
}

static void test_bad_nodes(void)
{
    struct control_message message;
    ok(receive_once(&(struct script){.says = "hello\n"}, &message) ==
            STATUS_INVALID,
        "what is not JSON is refused");
    ok(receive_once(
           &(struct script){.says = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                                    "\"lock\",\"params\":{}}\n"},
           &message) == STATUS_INVALID,
        "a request where a reply should be is refused");
    ok(receive_once(&(struct script){.says = "{\"jsonrpc\":"}, &message) ==
            STATUS_NOT_FOUND,
        "half a line is a node that hung up");
    size_t size = 2 * LIMIT_CONTROL_LINE_BYTES;
    char *endless = malloc(size);
    need(endless);
    memset(endless, ' ', size);
    ok(receive_once(&(struct script){.says = endless, .size = size},
           &message) == STATUS_INVALID,
        "a line without end is refused");
    free(endless);
}

static void test_long_line(void)
{
    /* White space is JSON's: a line of nearly the longest length. */
    size_t size = LIMIT_CONTROL_LINE_BYTES;
    char *line = malloc(size);
    need(line);
    memset(line, ' ', size);
    memcpy(line, DONE_1, sizeof(DONE_1) - 2);
    line[size - 1] = '\n';
    struct control_message message;
    enum status status =
        receive_once(&(struct script){.says = line, .size = size}, &message);
    ok(status == STATUS_OK, "a line of the longest length is read");
    if (!status)
        control_message_clear(&message);
    free(line);
}

static void test_deadline(void)
{
    struct node node;
    node_start(&node, &(struct script){.says = "{", .stays = true});
    struct client *client;
    need(client_open(node.path, &client) == STATUS_OK);
    struct control_message message;
    ok(client_receive(client, clock_now_ms() + 20, &message) == STATUS_AGAIN &&
            client_receive(client, 0, &message) == STATUS_AGAIN,
        "waiting ends at its deadline, and at one that is past");
    client_close(client);
    node_stop(&node);
}

int main(void)
{
    control_init(1);
    test_open();
    test_impostor();
    test_exchange();
    test_many_lines();
    test_bad_nodes();
    test_long_line();
    test_deadline();
    return tap_done();
}
