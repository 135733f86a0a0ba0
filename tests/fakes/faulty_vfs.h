/*
 * faulty_vfs.h - SQLite's view of a disk of which a chosen call fails
 *
 * Installed, it stands between SQLite and its usual VFS for every database that
 * this process opens from then on. Syncs are counted and not made: what it shows
 * is what SQLite and we do about a failure, not what a power cut does.
 */
#ifndef CHATRELAY_TESTS_FAKES_FAULTY_VFS_H
#define CHATRELAY_TESTS_FAKES_FAULTY_VFS_H

#include <stdbool.h>

struct fault {
    int call;         /* the call of xRead, xWrite, xTruncate or xSync that fails; 1 is the next */
    bool lasting;     /* and every later one */
    bool done_anyway; /* it does what it was asked to before it says that it failed */
    bool full;        /* xWrite says SQLITE_FULL rather than SQLITE_IOERR_WRITE */
};

void faulty_vfs_install(void);

/* From now on; one with `call` 0 ends it. */
void faulty_vfs_arm(struct fault fault);

/* True if a call has failed since it was armed. */
bool faulty_vfs_fired(void);

/* How often SQLite has asked for a sync since then. */
int faulty_vfs_syncs(void);

#endif
