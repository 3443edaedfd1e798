/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links between namespaces are made by ip(8), all by one batch, since its
 * netlink is long and its batch fast; the addresses inside, by the old ioctls,
 * since those need no program in each namespace.  Loss and splits are rules of
 * nftables on the bridge, so a node notices nothing but that packets are gone.
 */
#include "config.h"

#include "sim/live/spaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH_LINE_BYTES = 160, EXIT_NOT_RUN = 127, SAID_BYTES = 400 };

/* A program and what it reads, in a file without a name. */
struct batch {
    char *const *argv;
    FILE *text;
};

static bool batch_open(struct batch *batch, char *const *argv)
{
    int fd = memfd_create("batch", MFD_CLOEXEC);
    *batch = (struct batch){.argv = argv, .text = NULL};
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

static enum status link_all(
    const struct spaces *spaces, struct complaint *complaint)
{
    struct batch batch;
    if (!batch_open(&batch, ip_batch))
        return no_memory(complaint);
    fprintf(batch.text, "link add sotto type bridge\nlink set sotto up\n");
    for (uint32_t i = 0; i < spaces->count; i++)
        fprintf(batch.text,
            "link add n%" PRIu32
            " type veth peer name link netns /proc/%d/fd/%d\n"
            "link set n%" PRIu32 " master sotto\nlink set n%" PRIu32 " up\n",
            i, (int)getpid(), spaces->list[i], i, i);
    return batch_run(&batch, complaint);
}

static enum status write_rules(
    const bool *far_side, uint32_t count, struct complaint *complaint)
{
    struct batch batch;
    if (!batch_open(&batch, nft_batch))
        return no_memory(complaint);
    fprintf(batch.text,
        "table bridge sotto {\n"
        " set far { type ifname; }\n"
        " chain loss { type filter hook forward priority 0; }\n"
        " chain split { type filter hook forward priority 1; }\n"
        "}\n");
    for (uint32_t i = 0; i < count; i++)
        if (far_side[i])
            fprintf(batch.text,
                "add element bridge sotto far { \"n%" PRIu32 "\" }\n", i);
    return batch_run(&batch, complaint);
}

static bool set_flags(int fd, const char *name)
{
    struct ifreq request = {.ifr_flags = 0};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
        return false;
    request.ifr_flags |= IFF_UP;
    return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

static bool set_address(int fd, unsigned long call, uint32_t address)
{
    struct ifreq request = {.ifr_name = "link"};
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    memcpy(&request.ifr_addr, &in, sizeof(in));
    return ioctl(fd, call, &request) == 0;
}

/* Node i is 10.0.0.0 + i + 1, as fleet_address has it. */
static bool set_up_inside(uint32_t node)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && set_flags(fd, "lo") &&
                set_address(fd, SIOCSIFADDR, UINT32_C(0x0a000001) + node) &&
                set_address(fd, SIOCSIFNETMASK, UINT32_C(0xff000000)) &&
                set_flags(fd, "link");
    if (fd >= 0)
        close(fd);
    return good;
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

static bool set_up_all(const struct spaces *spaces)
{
    int hub = open_space();
    bool good = hub >= 0;
    for (uint32_t i = 0; i < spaces->count && good; i++)
        good = setns(spaces->list[i], CLONE_NEWNET) == 0 && set_up_inside(i);
    if (hub >= 0) {
        good = setns(hub, CLONE_NEWNET) == 0 && good;
        close(hub);
    }
    return good;
}

static enum status refuse(struct complaint *complaint, const char *what)
{
    complain(complaint, "--netns: %s: %s", what, strerror(errno));
    return STATUS_INVALID;
}

static enum status make(struct spaces *spaces, uint32_t count,
    const bool *far_side, struct complaint *complaint)
{
    if (!make_all(spaces, count))
        return refuse(complaint, "no network namespace to be had");
    enum status status = link_all(spaces, complaint);
    if (!status && !set_up_all(spaces))
        status = refuse(complaint, "no address to be set");
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
    fprintf(batch.text, "flush chain bridge sotto %s\n%s", chain, rules);
    return batch_run(&batch, complaint) ? STATUS_IO : STATUS_OK;
}

enum status spaces_lose(
    struct spaces *spaces, uint64_t loss_ppm, struct complaint *complaint)
{
    char rule[BATCH_LINE_BYTES];
    spaces->loss_ppm = loss_ppm;
    snprintf(rule, sizeof(rule),
        "add rule bridge sotto loss numgen random mod 1000000 < %" PRIu64
        " drop\n",
        loss_ppm);
    return set_chain("loss", loss_ppm > 0 ? rule : "", complaint);
}

enum status spaces_split(
    struct spaces *spaces, bool is_split, struct complaint *complaint)
{
    (void)spaces;
    return set_chain("split",
        is_split ? "add rule bridge sotto split "
                   "iifname @far oifname != @far drop\n"
                   "add rule bridge sotto split "
                   "iifname != @far oifname @far drop\n"
                 : "",
        complaint);
}
