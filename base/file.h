/*
 * file.h - files that must be on disk, and are nobody else's to read
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

#endif
