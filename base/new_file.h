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
    const uid_t *owner; /* who it is given to; NULL: it stays the process's own */
};

/*
 * Put it in its place, over what was there: written beside it, synced, renamed, and the
 * folder synced.
 */
MUST_CHECK bool new_file_write(const struct new_file *file, struct error *err);

/* Make a folder with that mode unless it is there; its parent must be. */
MUST_CHECK bool new_folder_make(const char *path, mode_t mode, struct error *err);

/*
 * A folder that `*owner` alone can enter (mode 0700), made or closed: a user of the name `user`, if
 * there is one and it is ours to give away; else whose it is already. It may be no link: what is
 * behind one would be given away.
 */
MUST_CHECK bool new_folder_guard(const char *path, const char *user, uid_t *owner,
                                 struct error *err);

#endif
