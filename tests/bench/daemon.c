/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/bench/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/client.h"
#include "platform/paths.h"
#include "proto/control.h"

void daemon_die(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

double daemon_processor_s(pid_t pid)
{
    char command[96];
    snprintf(command, sizeof(command),
        "cat /proc/%d/task/%d/children | tr ' ' '\\n'", pid, pid);
    FILE *children = popen(command, "r");
    if (!children)
        daemon_die("popen");
    double ticks = 0;
    int child;
    while (fscanf(children, "%d", &child) == 1) {
        char path[64];
        unsigned long user = 0, system = 0;
        snprintf(path, sizeof(path), "/proc/%d/stat", child);
        FILE *stat = fopen(path, "r");
        if (stat && fscanf(stat,
                        "%*d %*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
                        "%*u %lu %lu",
                        &user, &system) == 2)
            ticks += (double)(user + system);
        if (stat)
            fclose(stat);
    }
    pclose(children);
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

pid_t daemon_start(const char *home, const char *config)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/sotto.conf", home);
    FILE *file = fopen(path, "w");
    if (!file)
        daemon_die(path);
    fputs(config, file);
    fclose(file);
    pid_t pid = fork();
    if (pid == 0) {
        execl("./sottod", "sottod", "--home", home, "--relay-only",
            "--no-discovery", "--listen", "tcp://127.0.0.1:0", (char *)NULL);
        _exit(127);
    }
    return pid;
}

void daemon_end(pid_t pid, const char *home)
{
    char command[160];
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    snprintf(command, sizeof(command), "rm -rf %s", home);
    if (system(command))
        daemon_die(command);
}

/* Its status; to be cleared by the caller. */
static void ask(const char *home, struct control_message *message)
{
    struct paths paths;
    struct client *client;
    struct control_request request = {.method = CONTROL_STATUS};
    if (paths_resolve(home, &paths) ||
        client_open(paths.relay_socket, &client) ||
        client_send(client, &request) ||
        client_receive(client, UINT64_MAX, message) ||
        message->reply.kind != CONTROL_RELAY_STATUS)
        daemon_die("the relay does not answer");
    client_close(client);
    paths_clear(&paths);
}

void daemon_endpoint(const char *home, char *out, size_t size)
{
    char command[256];
    struct control_message message;
    snprintf(command, sizeof(command),
        "./sotto --home %s wait-ready --timeout 20s", home);
    if (system(command))
        daemon_die("the relay did not start");
    ask(home, &message);
    if (message.reply.relay.endpoint_count == 0)
        daemon_die("the relay does not say where it listens");
    struct span endpoint = message.reply.relay.endpoints[0];
    snprintf(
        out, size, "%.*s", (int)endpoint.size, (const char *)endpoint.data);
    control_message_clear(&message);
}

struct daemon_links daemon_links(const char *home)
{
    struct control_message message;
    struct daemon_links links = {0};
    ask(home, &message);
    for (size_t i = 0; i < message.reply.relay.link_count; i++) {
        const struct control_link *link = &message.reply.relay.links[i];
        links.up += strcmp(link->state, "up") == 0;
        links.bytes += link->sent_bytes + link->received_bytes;
    }
    control_message_clear(&message);
    return links;
}
