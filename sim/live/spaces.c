/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All is asked of ip(8) and nft(8), by a batch for each namespace, since their
 * netlink is long and their batches are fast.
 *
 * Nodes are routed by way of the bridge, each with one neighbour, which it need
 * not ask for: the kernel has one table of link addresses for all namespaces,
 * of 1,024 by default, and two hundred nodes that find each other fill it.
 * Loss and splits are rules where packets are forwarded, so that a node notices
 * nothing but that they are gone. */
#include "config.h"

#include "sim/live/spaces.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HUB         "10.255.255.254"
#define HUB_ADDRESS "02:00:00:00:00:01"

enum {
    BATCH_LINE_BYTES = 160,
    ADDRESS_BYTES = 16,
    EXIT_NOT_RUN = 127,
    SAID_BYTES = 400
};

/* A program and what it reads, in a file without a name. */
struct batch {
    char *const *argv;
    FILE *text;
    int space; /* that it runs in, or -1: this process's */
};

static bool batch_open(struct batch *batch, char *const *argv)
{
    int fd = memfd_create("batch", MFD_CLOEXEC);
    *batch = (struct batch){.argv = argv, .space = -1};
    if (fd >= 0 && !(batch->text = fdopen(fd, "w+")))
        close(fd);
    return batch->text != NULL;
}

static void run(const struct batch *batch, int said)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(fileno(batch->text), STDIN_FILENO);
    dup2(said, STDOUT_FILENO);
    dup2(said, STDERR_FILENO);
    if (batch->space < 0 || setns(batch->space, CLONE_NEWNET) == 0)
        execvp(batch->argv[0], batch->argv);
    dprintf(STDERR_FILENO, "%s", strerror(errno));
    _exit(EXIT_NOT_RUN);
}

/* The first line of what a program said. */
static void quote(int said, const char *program, struct complaint *complaint)
{
    char text[SAID_BYTES];
    ssize_t size = pread(said, text, sizeof(text) - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    complain(complaint, "--netns: %s: %s", program,
        text[0] ? text : "it failed and did not say why");
}

/* Run it to its end, and close it. */
static enum status batch_run(struct batch *batch, struct complaint *complaint)
{
    int said = memfd_create("said", MFD_CLOEXEC), state = -1;
    bool written = fflush(batch->text) == 0;
    rewind(batch->text);
    pid_t pid = said >= 0 && written ? fork() : -1;
    if (pid == 0)
        run(batch, said);
    while (pid > 0 && waitpid(pid, &state, 0) < 0 && errno == EINTR)
        continue;
    bool good = pid > 0 && WIFEXITED(state) && WEXITSTATUS(state) == 0;
    if (!good)
        quote(said, batch->argv[0], complaint);
    fclose(batch->text);
    if (said >= 0)
        close(said);
    return good ? STATUS_OK : STATUS_INVALID;
}

static char *const ip_batch[] = {"ip", "-batch", "-", NULL};
static char *const nft_batch[] = {"nft", "-f", "-", NULL};

static enum status no_memory(struct complaint *complaint)
{
    complain(complaint, "--netns: no memory");
    return STATUS_NO_MEMORY;
}

/* Node i is 10.0.0.0 + i + 1, as fleet_address has it, and so is the address of
 * its link. */
static void write_node(
    uint32_t node, char ip[static ADDRESS_BYTES], char link[static 18])
{
    unsigned host = node + 1, high = host >> 16 & 255, middle = host >> 8 & 255;
    snprintf(ip, ADDRESS_BYTES, "10.%u.%u.%u", high, middle, host & 255);
    snprintf(link, 18, "02:00:0a:%02x:%02x:%02x", high, middle, host & 255);
}

/* The bridge, and a link from it into each namespace. */
static enum status link_all(
    const struct spaces *spaces, struct complaint *complaint)
{
    struct batch batch;
    if (!batch_open(&batch, ip_batch))
        return no_memory(complaint);
    fprintf(batch.text, "link add sotto address " HUB_ADDRESS " type bridge\n"
                        "address add " HUB "/8 dev sotto\nlink set sotto up\n");
    for (uint32_t i = 0; i < spaces->count; i++) {
        char ip[ADDRESS_BYTES], link[18];
        write_node(i, ip, link);
        fprintf(batch.text,
            "link add n%" PRIu32
            " type veth peer name mesh address %s netns /proc/%d/fd/%d\n"
            "link set n%" PRIu32 " master sotto\nlink set n%" PRIu32 " up\n"
            "neighbour add %s lladdr %s dev sotto nud permanent\n",
            i, link, (int)getpid(), spaces->list[i], i, i, ip, link);
    }
    return batch_run(&batch, complaint);
}

static enum status set_up_inside(
    const struct spaces *spaces, uint32_t node, struct complaint *complaint)
{
    struct batch batch;
    char ip[ADDRESS_BYTES], link[18];
    if (!batch_open(&batch, ip_batch))
        return no_memory(complaint);
    batch.space = spaces->list[node];
    write_node(node, ip, link);
    fprintf(batch.text,
        "link set lo up\nlink set mesh up\naddress add %s/32 dev mesh\n"
        "route add " HUB " dev mesh\nroute add default via " HUB "\n"
        "neighbour add " HUB " lladdr " HUB_ADDRESS " dev mesh nud permanent\n",
        ip);
    return batch_run(&batch, complaint);
}

static enum status write_rules(
    const bool *far_side, uint32_t count, struct complaint *complaint)
{
    struct batch batch;
    if (!batch_open(&batch, nft_batch))
        return no_memory(complaint);
    fprintf(batch.text,
        "table ip sotto {\n"
        " set far { type ipv4_addr; }\n"
        " chain loss { type filter hook forward priority 0; }\n"
        " chain split { type filter hook forward priority 1; }\n"
        "}\n");
    for (uint32_t i = 0; i < count; i++) {
        char ip[ADDRESS_BYTES], link[18];
        write_node(i, ip, link);
        if (far_side[i])
            fprintf(batch.text, "add element ip sotto far { %s }\n", ip);
    }
    return batch_run(&batch, complaint);
}

/* Settings of the namespace that this process is in. */
static bool set_kernel(const char *name, const char *value)
{
    char path[BATCH_LINE_BYTES];
    snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
    FILE *file = fopen(path, "we");
    bool good = file && fputs(value, file) >= 0;
    return file && fclose(file) == 0 && good;
}

/* Packets that come from the bridge go back to it, and nobody is told of a
 * shorter way. */
static bool let_forward(void)
{
    return set_kernel("conf/all/send_redirects", "0") &&
           set_kernel("conf/default/send_redirects", "0") &&
           set_kernel("ip_forward", "1");
}

static int open_space(void)
{
    return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* The namespaces, and last the one that this process stays in. */
static bool make_all(struct spaces *spaces, uint32_t count)
{
    while (spaces->count < count) {
        int space = unshare(CLONE_NEWNET) == 0 ? open_space() : -1;
        if (space < 0)
            return false;
        spaces->list[spaces->count++] = space;
    }
    return unshare(CLONE_NEWNET) == 0;
}

static enum status refuse(struct complaint *complaint, const char *what)
{
    complain(complaint, "--netns: %s: %s", what, strerror(errno));
    return STATUS_INVALID;
}

static enum status make(struct spaces *spaces, uint32_t count,
    const bool *far_side, struct complaint *complaint)
{
    if (!make_all(spaces, count) || !let_forward())
        return refuse(complaint, "no network namespace to be had");
    enum status status = link_all(spaces, complaint);
    for (uint32_t i = 0; i < count && !status; i++)
        status = set_up_inside(spaces, i, complaint);
    return status ? status : write_rules(far_side, count, complaint);
}

enum status spaces_open(struct spaces *spaces, uint32_t count,
    const bool *far_side, struct complaint *complaint)
{
    *spaces = (struct spaces){.count = 0};
    if (geteuid() != 0) {
        complain(complaint, "--netns: only root can make network namespaces");
        return STATUS_INVALID;
    }
    if (count > SPACES_MAXIMUM) {
        complain(complaint, "--netns: %d nodes at most", SPACES_MAXIMUM);
        return STATUS_INVALID;
    }
    spaces->list = calloc(count, sizeof(*spaces->list));
    if (!spaces->list)
        return no_memory(complaint);
    enum status status = make(spaces, count, far_side, complaint);
    if (status)
        spaces_close(spaces);
    return status;
}

void spaces_close(struct spaces *spaces)
{
    for (uint32_t i = 0; i < spaces->count; i++)
        close(spaces->list[i]);
    free(spaces->list);
    *spaces = (struct spaces){0};
}

/* Put these rules in the place of a chain's. */
static enum status set_chain(
    const char *chain, const char *rules, struct complaint *complaint)
{
    struct batch batch;
    if (!batch_open(&batch, nft_batch))
        return no_memory(complaint);
    fprintf(batch.text, "flush chain ip sotto %s\n%s", chain, rules);
    return batch_run(&batch, complaint) ? STATUS_IO : STATUS_OK;
}

enum status spaces_lose(uint64_t loss_ppm, struct complaint *complaint)
{
    char rule[BATCH_LINE_BYTES];
    snprintf(rule, sizeof(rule),
        "add rule ip sotto loss numgen random mod 1000000 < %" PRIu64 " drop\n",
        loss_ppm);
    return set_chain("loss", loss_ppm > 0 ? rule : "", complaint);
}

enum status spaces_split(bool is_split, struct complaint *complaint)
{
    return set_chain("split",
        is_split ? "add rule ip sotto split "
                   "ip saddr @far ip daddr != @far drop\n"
                   "add rule ip sotto split "
                   "ip saddr != @far ip daddr @far drop\n"
                 : "",
        complaint);
}
