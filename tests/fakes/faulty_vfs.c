#include "tests/fakes/faulty_vfs.h"

#include <sqlite3.h>
#include <stddef.h>

static struct fault armed;
static int calls;
static bool fired;
static int syncs;

void faulty_vfs_arm(struct fault fault)
{
    armed = fault;
    calls = 0;
    fired = false;
    syncs = 0;
}

bool faulty_vfs_fired(void)
{
    return fired;
}

int faulty_vfs_syncs(void)
{
    return syncs;
}

/* Count a call: true if it is to fail. */
static bool fails(void)
{
    calls++;
    if (armed.call == 0 || calls < armed.call || (calls > armed.call && !armed.lasting))
        return false;
    fired = true;
    return true;
}

/* ---- a file, with the real one right behind it ---------------------------------------------- */

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->real;
}

static int faulty_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int faulty_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
    if (fails())
        return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int faulty_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    bool fail = fails();
    if (!fail || armed.done_anyway) {
        int result = real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
        if (!fail)
            return result;
    }
    return armed.full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    bool fail = fails();
    if (!fail || armed.done_anyway) {
        int result = real_of(file)->pMethods->xTruncate(real_of(file), size);
        if (!fail)
            return result;
    }
    return SQLITE_IOERR_TRUNCATE;
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    syncs++;
    return fails() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int faulty_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int faulty_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int faulty_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int faulty_check_lock(sqlite3_file *file, int *held)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}

static int faulty_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int faulty_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int faulty_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

/* Version 1: no shared memory, which exclusive locking makes do without. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_size,
    .xLock = faulty_lock,
    .xUnlock = faulty_unlock,
    .xCheckReservedLock = faulty_check_lock,
    .xFileControl = faulty_control,
    .xSectorSize = faulty_sector,
    .xDeviceCharacteristics = faulty_traits,
};

static sqlite3_vfs faulty;

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                       int *out_flags)
{
    struct faulty_file *self = (struct faulty_file *)file;
    sqlite3_vfs *real = vfs->pAppData;

    self->real = (sqlite3_file *)(self + 1);
    int result = real->xOpen(real, name, self->real, flags, out_flags);
    self->base.pMethods = self->real->pMethods ? &methods : NULL;
    return result;
}

void faulty_vfs_install(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (real == &faulty)
        return;
    faulty = *real;
    faulty.zName = "faulty";
    faulty.pAppData = real;
    faulty.szOsFile = (int)sizeof(struct faulty_file) + real->szOsFile;
    faulty.xOpen = faulty_open;
    sqlite3_vfs_register(&faulty, 1);
}
