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
