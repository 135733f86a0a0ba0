/*
 * new_file.h - a file that is there as a whole or not at all
 */
#ifndef CHATRELAY_BASE_NEW_FILE_H
#define CHATRELAY_BASE_NEW_FILE_H

#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

struct new_file {
    const char *path;
    const char *bytes;
    size_t length;
    mode_t mode;
    const char *group; /* that may read it too, as `mode` then says; NULL: the process's own */
};

/*
 * Put it in its place, over what was there: written beside it, synced, renamed, and the
 * folder synced. Where the group does not exist, or is not ours to give, the file is for its
 * owner alone and `*shared` (NULL: nobody asks) false.
 */
MUST_CHECK bool new_file_write(const struct new_file *file, bool *shared, struct error *err);

/* Make a folder with that mode unless it is there; its parent must be. */
MUST_CHECK bool new_folder_make(const char *path, mode_t mode, struct error *err);

#endif
