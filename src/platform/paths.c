/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths are worked out once, as absolute ones, since the daemon's sandbox and
 * its children must not depend on a working directory.  Without
 * XDG_RUNTIME_DIR the sockets go below the data directory: /tmp is shared. */
#include "config.h"

#include "platform/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char *join(const char *directory, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

/* base with the working directory in front where it is relative. */
static char *absolute(const char *base)
{
    char here[PATH_MAX];
    if (*base == '/')
        return strdup(base);
    return getcwd(here, sizeof(here)) ? join(here, base) : NULL;
}

/* An XDG base directory: the variable where it is set and absolute (the
 * specification says to ignore it otherwise), else below HOME. */
static char *base_directory(const char *variable, const char *below_home)
{
    const char *value = getenv(variable);
    if (value && *value == '/')
        return strdup(value);
    return join(getenv("HOME"), below_home);
}

static void resolve_home(const char *home, struct paths *out)
{
    char *base = absolute(home);
    if (!base)
        return;
    out->config = join(base, "sotto.conf");
    out->relay_dir = join(base, "relay");
    out->vault_dir = join(base, "vault");
    out->run_dir = join(base, "run");
    free(base);
}

static void resolve_xdg(struct paths *out)
{
    char *config = base_directory("XDG_CONFIG_HOME", ".config");
    char *data = base_directory("XDG_DATA_HOME", ".local/share");
    const char *run = getenv("XDG_RUNTIME_DIR");
    if (config)
        out->config = join(config, "sotto/sotto.conf");
    if (data) {
        out->relay_dir = join(data, "sotto/relay");
        out->vault_dir = join(data, "sotto/vault");
        out->run_dir =
            run && *run == '/' ? join(run, "sotto") : join(data, "sotto/run");
    }
    free(config);
    free(data);
}

static enum status resolve_sockets(struct paths *out)
{
    if (!out->config || !out->relay_dir || !out->vault_dir || !out->run_dir)
        return STATUS_NO_MEMORY;
    out->relay_socket = join(out->run_dir, "relay.sock");
    out->vault_socket = join(out->run_dir, "vault.sock");
    out->lock = join(out->run_dir, "lock");
    if (!out->relay_socket || !out->vault_socket || !out->lock)
        return STATUS_NO_MEMORY;
    struct sockaddr_un address;
    return strlen(out->relay_socket) < sizeof(address.sun_path)
               ? STATUS_OK
               : STATUS_TOO_LARGE;
}

enum status paths_resolve(const char *home, struct paths *out)
{
    struct paths paths = {0};
    const char *user_home = getenv("HOME");
    if (!home || !*home)
        home = getenv("SOTTO_HOME");
    if (home && *home)
        resolve_home(home, &paths);
    else if (user_home && *user_home == '/')
        resolve_xdg(&paths);
    else
        return STATUS_NOT_FOUND;
    enum status status = resolve_sockets(&paths);
    if (status) {
        paths_clear(&paths);
        return status;
    }
    *out = paths;
    return STATUS_OK;
}

void paths_clear(struct paths *paths)
{
    free(paths->config);
    free(paths->relay_dir);
    free(paths->vault_dir);
    free(paths->run_dir);
    free(paths->relay_socket);
    free(paths->vault_socket);
    free(paths->lock);
    *paths = (struct paths){0};
}

/* Make a directory and those above it, each 0700 where it is new. */
static enum status make_directories(const char *path)
{
    char part[PATH_MAX];
    size_t size = strlen(path);
    if (size >= sizeof(part)) {
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    for (size_t i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return STATUS_IO;
    }
    return STATUS_OK;
}

static enum status make_own(const char *path)
{
    struct stat stat;
    enum status status = make_directories(path);
    if (status)
        return status;
    if (lstat(path, &stat) != 0)
        return STATUS_IO;
    if (!S_ISDIR(stat.st_mode)) {
        errno = ENOTDIR;
        return STATUS_IO;
    }
    if (stat.st_uid != geteuid() || (stat.st_mode & 022))
        return STATUS_REFUSED;
    /* Ours, and perhaps made by hand: shut it to readers, too. */
    return (stat.st_mode & 077) == 0 || chmod(path, 0700) == 0 ? STATUS_OK
                                                               : STATUS_IO;
}

enum status paths_make(const struct paths *paths, const char **where)
{
    const char *const own[] = {
        paths->relay_dir, paths->vault_dir, paths->run_dir};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        enum status status = make_own(own[i]);
        if (status) {
            *where = own[i];
            return status;
        }
    }
    return STATUS_OK;
}
