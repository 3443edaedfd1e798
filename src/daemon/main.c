/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sottod: what is asked, and who does it.  Three kinds of process come from
 * this one program: the supervisor, which reads the configuration, and under it
 * relay and vault, which get the same command line and the same text of the
 * configuration, so that a file edited meanwhile cannot make a restarted
 * process another node. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "crypto/hash.h"
#include "daemon/child.h"
#include "daemon/options.h"
#include "daemon/process.h"
#include "daemon/self_test.h"
#include "daemon/settings.h"
#include "daemon/settings_example.h"
#include "daemon/settings_file.h"
#include "daemon/supervisor.h"
#include "platform/file.h"
#include "platform/log.h"
#include "platform/paths.h"
#include "platform/random.h"
#include "platform/sandbox.h"
#include "platform/streams.h"
#include "proto/control.h"

enum { CONFIG_FILE_BYTES = 64 * 1024, EXIT_USAGE = 1, EXIT_BUG = 70 };

struct start {
    struct options options;
    struct settings settings;
    struct paths paths;
    char text[CONFIG_FILE_BYTES]; /* the configuration file's */
    size_t text_bytes;
    bool has_config; /* the file is there */
    bool has_output; /* standard output was open */
    char why[SETTINGS_WHY_BYTES];
};

static int complain(const char *why)
{
    log_line(LOG_LEVEL_ERROR, "%s", why);
    return EXIT_USAGE;
}

/* What was asked for and cannot be printed was not done. */
static int end_output(const struct start *start)
{
    if (!start->has_output)
        return complain("standard output is closed");
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    log_line(LOG_LEVEL_ERROR, "cannot write to standard output: %s",
        strerror(errno));
    return EXIT_USAGE;
}

static bool resolve_paths(struct start *start)
{
    enum status status = paths_resolve(start->options.home, &start->paths);
    if (status == STATUS_OK)
        return true;
    if (status == STATUS_TOO_LARGE)
        complain("the path of the node's sockets is over 107 bytes; choose a "
                 "shorter --home");
    else if (status == STATUS_NOT_FOUND)
        complain("HOME is not set; use --home DIR");
    else
        complain(status_name(status));
    return false;
}

/* Where the configuration is, for messages. */
static const char *config_name(const struct start *start)
{
    return start->options.config ? start->options.config : start->paths.config;
}

static bool read_config(struct start *start)
{
    enum status status = file_read(config_name(start), (uint8_t *)start->text,
        CONFIG_FILE_BYTES, &start->text_bytes);
    start->has_config = status == STATUS_OK;
    if (status == STATUS_NOT_FOUND && !start->options.config)
        status = STATUS_OK; /* none is needed */
    if (status == STATUS_TOO_LARGE)
        snprintf(start->why, sizeof(start->why), "%.200s: it is over 64 KiB",
            config_name(start));
    else if (status)
        snprintf(start->why, sizeof(start->why), "%.200s: %s",
            config_name(start), strerror(errno));
    if (status)
        complain(start->why);
    return status == STATUS_OK;
}

/* The same text, as the supervisor read it. */
static bool inherit_config(struct start *start)
{
    struct stat stat;
    if (fstat(CHILD_SETTINGS_FD, &stat) != 0 ||
        stat.st_size > CONFIG_FILE_BYTES)
        return false;
    ssize_t size =
        pread(CHILD_SETTINGS_FD, start->text, (size_t)stat.st_size, 0);
    close(CHILD_SETTINGS_FD);
    start->text_bytes = size > 0 ? (size_t)size : 0;
    return size == stat.st_size;
}

static bool apply_settings(struct start *start, int argc, char *argv[])
{
    settings_init(&start->settings);
    struct span text = {(const uint8_t *)start->text, start->text_bytes};
    if (settings_file_apply(
            &start->settings, config_name(start), text, start->why) ||
        options_read(
            argc, argv, &start->settings, &start->options, start->why) ||
        settings_check(&start->settings, start->why)) {
        complain(start->why);
        return false;
    }
    return true;
}

static int supervise(struct start *start, int argc, char *argv[])
{
    const struct supervisor_config config = {
        .options = &start->options,
        .paths = &start->paths,
        .settings_text = {(const uint8_t *)start->text, start->text_bytes},
        .argv = argv,
        .argc = argc,
    };
    const char *where;
    enum status status = paths_make(&start->paths, &where);
    if (status) {
        snprintf(start->why, sizeof(start->why), "%.280s: %s", where,
            status == STATUS_REFUSED
                ? "it belongs to, or may be written by, somebody else; it is "
                  "to be its owner's alone (chmod 700)"
                : strerror(errno));
        return complain(start->why);
    }
    if (sandbox_harden())
        return complain(strerror(errno));
    return supervisor_run(&config);
}

static int run_process(struct start *start)
{
    bool relay = start->options.task == TASK_RELAY;
    const struct process_config config = {
        .options = &start->options,
        .settings = &start->settings,
        .paths = &start->paths,
    };
    log_start(relay ? "sottod relay" : "sottod vault", LOG_LEVEL_NOTICE);
    if (random_system_start() != 0 || crypto_start() != 0) {
        complain("no cryptography");
        return EXIT_BUG;
    }
    control_init(random_u64(random_system()));
    return relay ? relay_process(&config) : vault_process(&config);
}

static int run_node(struct start *start, int argc, char *argv[])
{
    bool child = start->options.task != TASK_SUPERVISE &&
                 start->options.task != TASK_CHECK_CONFIG;
    umask(077);
    if (child && sandbox_harden())
        return complain(strerror(errno));
    if (!resolve_paths(start))
        return EXIT_USAGE;
    if (!(child ? inherit_config(start) : read_config(start)) ||
        !apply_settings(start, argc, argv))
        return EXIT_USAGE;
    if (child)
        return run_process(start);
    if (start->options.task == TASK_SUPERVISE)
        return supervise(start, argc, argv);
    printf("%s: %s\n", config_name(start),
        start->has_config ? "right" : "there is none, and none is needed");
    return end_output(start);
}

static int run(struct start *start, int argc, char *argv[])
{
    switch (start->options.task) {
    case TASK_SUPERVISE:
    case TASK_RELAY:
    case TASK_VAULT:
    case TASK_CHECK_CONFIG:
        return run_node(start, argc, argv);
    case TASK_SELF_TEST:
        return self_test_run() ? EXIT_USAGE : end_output(start);
    case TASK_EXAMPLE_CONFIG:
        fputs(settings_example(), stdout);
        return end_output(start);
    case TASK_HELP:
        fputs(options_help(), stdout);
        return end_output(start);
    case TASK_VERSION:
        puts("sottod " PACKAGE_VERSION);
        return end_output(start);
    }
    return EXIT_BUG;
}

int main(int argc, char *argv[])
{
    signal(SIGXFSZ, SIG_IGN); /* a write then fails, as on a full disk */
    bool has_output = streams_fill();
    struct start *start = calloc(1, sizeof(*start));
    /* `sotto config check` is this program under that one's name. */
    log_start(program_invocation_short_name, LOG_LEVEL_NOTICE);
    if (!start)
        return complain("no memory");
    start->has_output = has_output;
    int exit_code = EXIT_USAGE;
    if (options_read(argc, argv, NULL, &start->options, start->why))
        complain(start->why);
    else
        exit_code = run(start, argc, argv);
    paths_clear(&start->paths);
    free(start);
    return exit_code;
}
