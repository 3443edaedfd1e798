/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "platform/paths.h"

#include <sys/wait.h>

#include "platform/file.h"
#include "platform/lock_file.h"
#include "tests/platform/scratch.h"
#include "tests/tap.h"

static void test_resolve(void)
{
    struct paths paths;
    setenv("HOME", "/home/ada", 1);
    unsetenv("SOTTO_HOME");
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    setenv("XDG_CONFIG_HOME", "relative/is/ignored", 1);
    unsetenv("XDG_DATA_HOME");
    need(paths_resolve(NULL, &paths) == STATUS_OK);
    ok(strcmp(paths.config, "/home/ada/.config/sotto/sotto.conf") == 0 &&
            strcmp(paths.vault_dir, "/home/ada/.local/share/sotto/vault") ==
                0 &&
            strcmp(paths.relay_socket, "/run/user/7/sotto/relay.sock") == 0,
        "the XDG places, where no home is named");
    paths_clear(&paths);

    unsetenv("XDG_RUNTIME_DIR");
    need(paths_resolve(NULL, &paths) == STATUS_OK);
    ok(strcmp(paths.run_dir, "/home/ada/.local/share/sotto/run") == 0,
        "sockets lie with the data where there is no runtime directory");
    paths_clear(&paths);

    setenv("SOTTO_HOME", "/srv/one", 1);
    need(paths_resolve(NULL, &paths) == STATUS_OK);
    ok(strcmp(paths.lock, "/srv/one/run/lock") == 0, "SOTTO_HOME is a home");
    paths_clear(&paths);
    need(paths_resolve("/srv/two", &paths) == STATUS_OK);
    ok(strcmp(paths.config, "/srv/two/sotto.conf") == 0,
        "a home that is named goes first");
    paths_clear(&paths);

    char here[200];
    need(chdir(scratch) == 0 && getcwd(here, sizeof(here)));
    need(paths_resolve("d", &paths) == STATUS_OK);
    ok(strncmp(paths.vault_dir, here, strlen(here)) == 0,
        "a relative home becomes an absolute one");
    paths_clear(&paths);
    char deep[120];
    memset(deep, 'd', sizeof(deep) - 1);
    deep[0] = '/';
    deep[sizeof(deep) - 1] = '\0';
    ok(paths_resolve(deep, &paths) == STATUS_TOO_LARGE,
        "a path too long for a socket is refused");
    unsetenv("SOTTO_HOME");
    unsetenv("HOME");
    ok(paths_resolve(NULL, &paths) == STATUS_NOT_FOUND,
        "without any home there are no paths");
}

static void test_make(void)
{
    struct paths paths;
    struct stat stat_;
    const char *where = NULL;
    need(paths_resolve(scratch_path("a/b"), &paths) == STATUS_OK);
    ok(paths_make(&paths, &where) == STATUS_OK &&
            paths_make(&paths, &where) == STATUS_OK,
        "directories are made, and made again without harm");
    ok(stat(paths.vault_dir, &stat_) == 0 && (stat_.st_mode & 0777) == 0700,
        "they are 0700");
    need(chmod(paths.vault_dir, 0755) == 0);
    ok(paths_make(&paths, &where) == STATUS_OK &&
            stat(paths.vault_dir, &stat_) == 0 &&
            (stat_.st_mode & 0777) == 0700,
        "one that others could read is shut");
    need(chmod(paths.vault_dir, 0777) == 0);
    ok(paths_make(&paths, &where) == STATUS_REFUSED && where == paths.vault_dir,
        "one that others could write is refused, and named");
    need(chmod(paths.vault_dir, 0700) == 0 && rmdir(paths.vault_dir) == 0 &&
         symlink("/tmp", paths.vault_dir) == 0);
    ok(paths_make(&paths, &where) == STATUS_IO,
        "a link in its place is refused");
    paths_clear(&paths);
}

static void test_lock(void)
{
    const char *path = scratch_path("lock");
    int fd, other;
    pid_t holder = 0;
    ok(lock_file_take(path, &fd, &holder) == STATUS_OK, "a lock is taken");
    ok(lock_file_take(path, &other, &holder) == STATUS_EXISTS &&
            holder == getpid(),
        "a second one is refused and names the holder");
    close(fd);
    ok(lock_file_take(path, &fd, &holder) == STATUS_OK,
        "it is free when its holder is gone");
    close(fd);
}

static void test_files(void)
{
    char path[256];
    uint8_t bytes[8];
    size_t size = 99;
    snprintf(path, sizeof(path), "%s", scratch_path("slots"));
    ok(file_read(path, bytes, sizeof(bytes), &size) == STATUS_NOT_FOUND &&
            size == 99,
        "a file that is not there is not found");
    ok(file_replace(path, span_of_text("first")) == STATUS_OK &&
            file_replace(path, span_of_text("2nd")) == STATUS_OK &&
            file_read(path, bytes, sizeof(bytes), &size) == STATUS_OK &&
            size == 3 && memcmp(bytes, "2nd", 3) == 0,
        "a file is replaced whole");
    ok(access(scratch_path("slots.new"), F_OK) != 0, "and nothing is left");
    ok(file_read(path, bytes, 2, &size) == STATUS_TOO_LARGE,
        "one over its limit is refused");
    ok(file_replace(scratch_path("no/such"), span_of_text("x")) == STATUS_IO,
        "a place that is not there is an error");
}

int main(void)
{
    scratch_make();
    test_make();
    test_lock();
    test_files();
    test_resolve();
    return tap_done();
}
