#include "queue/salvage_copy.h"

#include "base/memory.h"
#include "queue/database.h"
#include "queue/query.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = DATABASE_PAGE_BYTES };

/* ---- copying ----------------------------------------------------------------------------- */

static bool say(struct error *err, const char *what, const char *path)
{
    return error_set(err, "cannot %s %s: %s", what, path, strerrordesc_np(errno));
}

static bool write_all(int fd, const unsigned char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0)
            return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

/* A block of it; what cannot be read is zero, so that what is behind it stays where it is. */
static size_t read_block(int fd, off_t at, off_t size, unsigned char *block, int64_t *unreadable)
{
    size_t wanted = size - at < PAGE ? (size_t)(size - at) : PAGE;
    memset(block, 0, PAGE);
    if (pread(fd, block, wanted, at) < 0)
        ++*unreadable;
    return wanted;
}

static bool copy_blocks(int from, int to, int64_t *unreadable)
{
    unsigned char block[PAGE];
    struct stat status;
    if (fstat(from, &status) != 0)
        return false;
    for (off_t at = 0; at < status.st_size; at += PAGE)
        if (!write_all(to, block, read_block(from, at, status.st_size, block, unreadable)))
            return false;
    return true;
}

static bool copy_file(const char *from_path, const char *to_path, int64_t *unreadable,
                      struct error *err)
{
    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return say(err, "open", from_path);
    int to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = to >= 0 && copy_blocks(from, to, unreadable);
    if (!done)
        say(err, "write", to_path);
    close(from);
    if (to >= 0)
        close(to);
    return done;
}

/* The log may not be there. */
static bool copy_log(const char *old_path, const char *copy_path, int64_t *unreadable,
                     struct error *err)
{
    char *from CLEANUP(free_memory) = xasprintf("%s-wal", old_path);
    char *to CLEANUP(free_memory) = xasprintf("%s-wal", copy_path);
    return access(from, F_OK) != 0 || copy_file(from, to, unreadable, err);
}

/* ---- making it readable ------------------------------------------------------------------ */

bool salvage_map(const char *path, struct leaf_file *file, struct error *err)
{
    struct stat status = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *file = (struct leaf_file){ 0 };
    if (fd < 0 || fstat(fd, &status) != 0)
        return say(err, "open", path);
    size_t pages = (size_t)status.st_size / PAGE;
    void *bytes = pages > 0 ? mmap(NULL, pages * PAGE, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (bytes == MAP_FAILED)
        return say(err, "read", path);
    *file = (struct leaf_file){ bytes, pages };
    return true;
}

void salvage_unmap(struct leaf_file *file)
{
    void *bytes = NULL;
    memcpy(&bytes, &file->bytes, sizeof bytes);
    if (bytes)
        munmap(bytes, file->page_count * PAGE);
    *file = (struct leaf_file){ 0 };
}

/* Fold the log in, and see whether the description of the tables can be read. */
static bool is_readable(const char *path)
{
    sqlite3 *db = NULL;
    bool readable = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
                    query_once(db, "PRAGMA locking_mode = EXCLUSIVE", NULL) &&
                    query_once(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL) &&
                    query_once(db, "SELECT id FROM message LIMIT 0", NULL) &&
                    query_once(db, "SELECT last FROM counter LIMIT 0", NULL) &&
                    query_once(db, "SELECT name FROM note LIMIT 0", NULL);
    database_close(db);
    return readable;
}

/* A row of sqlite_schema has five values, the first of them a word. */
static bool describes_tables(const struct leaf_file *file, size_t page)
{
    struct leaf_row row;
    if (page == 1)
        return true;
    if (!leaf_read(file, page, 0, &row))
        return false;
    bool does = row.value_count == 5 && row.values[0].type == LEAF_TEXT;
    leaf_row_clear(&row);
    return does;
}

static void put_number(unsigned char *bytes, size_t number)
{
    for (size_t i = 4; i-- > 0; number >>= 8U)
        bytes[i] = (unsigned char)(number & 0xffU);
}

/* The first page counts the others, and knows which are free: none, as we only read. */
static void adapt(unsigned char *page, size_t page_count)
{
    enum { PAGE_COUNT = 28, FREE_PAGES = 32 };
    put_number(page + PAGE_COUNT, page_count);
    put_number(page + FREE_PAGES, 0);
    put_number(page + FREE_PAGES + 4, 0);
}

static bool transplant(const struct leaf_file *fresh, int to, size_t page_count)
{
    unsigned char page[PAGE];
    for (size_t i = 1; i <= fresh->page_count; i++) {
        if (!describes_tables(fresh, i))
            continue;
        memcpy(page, fresh->bytes + (i - 1) * PAGE, PAGE);
        if (i == 1)
            adapt(page, page_count > fresh->page_count ? page_count : fresh->page_count);
        if (pwrite(to, page, PAGE, (off_t)(i - 1) * PAGE) != PAGE)
            return false;
    }
    return true;
}

static bool repair(const char *copy_path, const char *fresh_path, struct error *err)
{
    struct leaf_file fresh;
    struct stat status;
    if (!salvage_map(fresh_path, &fresh, err))
        return false;
    int to = open(copy_path, O_WRONLY | O_CLOEXEC);
    bool done =
        to >= 0 && fstat(to, &status) == 0 && transplant(&fresh, to, (size_t)status.st_size / PAGE);
    if (!done)
        say(err, "write", copy_path);
    if (to >= 0)
        close(to);
    salvage_unmap(&fresh);
    return done;
}

bool salvage_copy(const char *old_path, const char *copy_path, const char *fresh_path,
                  int64_t *unreadable_blocks, struct error *err)
{
    if (!copy_file(old_path, copy_path, unreadable_blocks, err) ||
        !copy_log(old_path, copy_path, unreadable_blocks, err))
        return false;
    if (is_readable(copy_path))
        return true;
    if (!repair(copy_path, fresh_path, err))
        return false;
    is_readable(
        copy_path); /* now the log may be folded in; if not, the pages are read as they are */
    return true;
}
