/*
 * file.h - which files make up the settings, and their bytes
 */
#ifndef CHATRELAY_CONFIG_FILE_H
#define CHATRELAY_CONFIG_FILE_H

#include "base/text.h"
#include "config/problems.h"

struct file {
    char *path;
    struct text text;
};

/* Zeroed, it is empty. */
struct file_list {
    struct file *files;
    size_t count;
};

/*
 * Load `path` and what is in conf.d beside it, in C order. A file that cannot be
 * read, or that everybody may write, is a problem and not in the list.
 */
void file_list_load(struct file_list *list, const char *path, struct config_problems *problems);

/*
 * Take `length` bytes as what is in the file at `path`, one of conf.d, be it there or not: its
 * place in the list is the one that the file would have.
 */
void file_list_put(struct file_list *list, const char *path, const char *bytes, size_t length);

void file_list_clear(struct file_list *list);

#endif
