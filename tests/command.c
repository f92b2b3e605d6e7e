/*
 * command.c - running the cameras command and seeing what came of it
 *
 * SPDX-License-Identifier: MIT
 */
#include "command.h"

#include "networks.h"

#include <check.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MOST_WORDS = 64,
    PATIENCE = 120 /* seconds */
};

static char program[PATH_MAX], folder[PATH_MAX];

void command_open(void)
{
    const char *named = getenv("CAMERAS_COMMAND");
    if (!realpath(named ? named : "build/cameras", program)) {
        fprintf(stderr, "command: %s is not there; name it in CAMERAS_COMMAND\n", named ? named : "build/cameras");
        abort();
    }
    snprintf(folder, sizeof folder, "%s", networks_path("work"));
    mkdir(folder, 0700);
}

void command_put(const char *name, const void *bytes, size_t size)
{
    FILE *stream = fopen(networks_path(name), "wb");
    if (!stream || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        abort();
}

void command_put_text(const char *name, const char *text)
{
    command_put(name, text, strlen(text));
}

const char *command_path(const char *name)
{
    static char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void list_folder(char *names, size_t size)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_entry, alphasort);
    size_t used = 0;
    ck_assert_int_ge(count, 0);
    *names = '\0';
    for (int i = 0; i < count; i++) {
        if (used < size)
            used += (size_t)snprintf(names + used, size - used, "%s ", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

void command_clear(void)
{
    DIR *open_folder = opendir(folder);
    ck_assert_ptr_nonnull(open_folder);
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        if (is_entry(entry))
            unlinkat(dirfd(open_folder), entry->d_name, 0);
    closedir(open_folder);
}

/* In the child: the line's words become arguments; never returns. */
static void become_command(const char *line, const char *standard_output, const char *standard_error)
{
    static char words[4096];
    char *arguments[MOST_WORDS] = {program};
    size_t count = 1;
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word && count < MOST_WORDS - 1; word = strtok(NULL, " "))
        arguments[count++] = word;
    const int out = open(standard_output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err = open(standard_error, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 || chdir(folder) != 0)
        _exit(126);
    alarm(PATIENCE);
    execv(program, arguments);
    _exit(127);
}

static void read_text(char *text, size_t size, const char *path)
{
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(stream);
    text[fread(text, 1, size - 1, stream)] = '\0';
    fclose(stream);
}

void command_run_to(outcome *done, const char *line, const char *standard_output)
{
    char error_path[PATH_MAX];
    int status = 0;
    snprintf(error_path, sizeof error_path, "%s", networks_path("stderr"));
    command_clear();
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        become_command(line, standard_output, error_path);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    *done = (outcome){.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                      .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    read_text(done->err, sizeof done->err, error_path);
    list_folder(done->left, sizeof done->left);
}

void command_run(outcome *done, const char *line)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", networks_path("stdout"));
    command_run_to(done, line, path);
    read_text(done->out, sizeof done->out, path);
}

void expect_exit(const outcome *done, int status)
{
    ck_assert_msg(done->signal == 0, "ended by signal %d: %s", done->signal, done->err);
    ck_assert_msg(done->status == status, "exit status %d in place of %d: %s", done->status, status, done->err);
}

void expect_success(const outcome *done, const char *left)
{
    expect_exit(done, 0);
    ck_assert_str_eq(done->err, "");
    ck_assert_str_eq(done->left, left);
}

/* One or two lines of plain text, the first one's subject being the command. */
static void expect_message(const char *text)
{
    size_t lines = 0;
    ck_assert_msg(strncmp(text, "cameras: ", 9) == 0, "\"%s\"", text);
    ck_assert_msg(text[9] != '\n' && text[strlen(text) - 1] == '\n', "\"%s\"", text);
    for (const char *at = text; *at; at++) {
        lines += *at == '\n';
        ck_assert_msg(*at == '\n' || !iscntrl((unsigned char)*at), "control character in \"%s\"", text);
    }
    ck_assert_msg(lines == 1 || lines == 2, "%zu lines: \"%s\"", lines, text);
}

void expect_run_refused(const refusal *expected)
{
    outcome done;
    command_run(&done, expected->line);
    expect_exit(&done, expected->status);
    expect_message(done.err);
    ck_assert_msg(strstr(done.err, expected->says) != NULL, "\"%s\" does not say \"%s\"", done.err, expected->says);
    ck_assert_str_eq(done.out, "");
    ck_assert_str_eq(done.left, "");
}
