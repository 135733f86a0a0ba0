/*
 * file.h - files that must be on disk, are nobody else's to read, or are there from the start
 */
#ifndef CHATRELAY_BASE_FILE_H
#define CHATRELAY_BASE_FILE_H

#include "base/attributes.h"

#include <stdbool.h>

/*
 * Make an empty file that its owner alone may read and write. What is there
 * already is removed first: it may be a link, or be read by others. False with errno.
 */
MUST_CHECK bool file_make_private(const char *path);

/*
 * Open a new file for writing, mode 0600, that has no name until file_give_name() gives it one: of
 * whoever dies before that nothing is left. Where the file system knows no such files (FAT) it has
 * the name at once, and `*named` says so. -1 with errno, also if there is something of that name.
 */
MUST_CHECK int file_open_nameless(const char *path, bool *named);

/* Never over what is there; the name is on disk then. False with errno, and it has none. */
MUST_CHECK bool file_give_name(int fd, const char *path);

/* Have what was written to a file, or which names are in a folder, on disk. False with errno. */
MUST_CHECK bool file_sync(const char *path);

/* The same of the folder that `path` is in: a file's name is on disk with that. */
MUST_CHECK bool file_sync_folder_of(const char *path);

/*
 * Have /dev/null in the place of each standard file that is closed: the next file to be opened, or
 * a socket, would take it and get what is printed. For the first line of main().
 */
void file_open_standard(void);

#endif
