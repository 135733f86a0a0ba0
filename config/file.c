#include "config/file.h"

#include "base/error.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_FILE = 16 * 1024 * 1024 }; /* a hundred thousand threads; more is a mistake */

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static bool read_all(int fd, struct text *text, struct error *err)
{
    char buffer[16384];
    for (;;) {
        ssize_t length = read(fd, buffer, sizeof buffer);
        if (length == 0)
            return true;
        if (length < 0 && errno != EINTR)
            return error_set(err, "cannot read: %s", strerrordesc_np(errno));
        if (length > 0)
            text_append(text, buffer, (size_t)length);
        if (text->length > LARGEST_FILE)
            return error_set(err, "larger than %d MiB", LARGEST_FILE >> 20);
    }
}

/* What could be written by anybody would let anybody decide whom we talk to. */
static bool check_kind(int fd, struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_set(err, "cannot look at it: %s", strerrordesc_np(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(err, "not a regular file");
    if (status.st_mode & S_IWOTH)
        return error_set(err, "everybody may write to it (mode %04o): chmod o-w",
                         status.st_mode & 07777);
    return true;
}

static bool read_file(const char *path, struct text *text, struct error *err)
{
    /* Not blocking: a pipe of that name would keep us waiting for its writer. */
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return error_set(err, "cannot open: %s", strerrordesc_np(errno));
    return check_kind(fd, err) && read_all(fd, text, err);
}

/* Makes room at `index` for a file without text. */
static struct file *insert(struct file_list *list, size_t index, const char *path)
{
    list->files = xreallocarray(list->files, list->count + 1, sizeof *list->files);
    struct file *file = &list->files[index];
    memmove(file + 1, file, (list->count++ - index) * sizeof *file);
    *file = (struct file){ .path = xstrdup(path) };
    return file;
}

static void add_file(struct file_list *list, const char *path, struct config_problems *problems)
{
    struct text text = { 0 };
    struct error err = { 0 };
    if (!read_file(path, &text, &err)) {
        config_problems_add(problems, CONFIG_ERROR, path, 0, "%s", err.text);
        text_clear(&text);
        return;
    }
    insert(list, list->count, path)->text = text;
}

static char *folder_beside(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? xasprintf("%.*s/conf.d", (int)(slash - path), path) : xstrdup("conf.d");
}

static int is_settings_file(const struct dirent *file)
{
    static const char ending[] = ".conf";
    size_t length = strlen(file->d_name);
    return file->d_name[0] != '.' && length >= sizeof ending &&
           strcmp(file->d_name + length - (sizeof ending - 1), ending) == 0;
}

static int compare_bytes(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static void check_folder(const char *folder, struct config_problems *problems)
{
    struct stat status;
    if (stat(folder, &status) == 0 && (status.st_mode & S_IWOTH))
        config_problems_add(problems, CONFIG_ERROR, folder, 0,
                            "everybody may write to this folder (mode %04o): chmod o-w",
                            status.st_mode & 07777);
}

static void add_folder(struct file_list *list, const char *folder, struct config_problems *problems)
{
    struct dirent **files = NULL;
    int count = scandir(folder, &files, is_settings_file, compare_bytes);
    if (count < 0) {
        if (errno != ENOENT)
            config_problems_add(problems, CONFIG_ERROR, folder, 0, "cannot read this folder: %s",
                                strerrordesc_np(errno));
        return;
    }
    check_folder(folder, problems);
    for (int i = 0; i < count; i++) {
        CLEANUP(free_memory) char *path = xasprintf("%s/%s", folder, files[i]->d_name);
        add_file(list, path, problems);
        free(files[i]);
    }
    free(files);
}

void file_list_load(struct file_list *list, const char *path, struct config_problems *problems)
{
    CLEANUP(free_memory) char *folder = folder_beside(path);
    add_file(list, path, problems);
    add_folder(list, folder, problems);
}

/* The first file is not of conf.d. */
void file_list_put(struct file_list *list, const char *path, const char *bytes, size_t length)
{
    size_t i = 1;
    while (i < list->count && strcmp(list->files[i].path, path) < 0)
        i++;
    bool is_there = i < list->count && strcmp(list->files[i].path, path) == 0;
    struct file *file = is_there ? &list->files[i] : insert(list, i, path);
    text_empty(&file->text);
    text_append(&file->text, bytes, length);
}

void file_list_clear(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->files[i].path);
        text_clear(&list->files[i].text);
    }
    free(list->files);
    *list = (struct file_list){ 0 };
}
