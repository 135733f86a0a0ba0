#include "daemon/backup_desk.h"

#include "base/duration.h"
#include "base/memory.h"
#include "daemon/member.h"
#include "daemon/network_disk.h"
#include "queue/advice.h"
#include "wire/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum {
    STEP_PAGES = 256, /* of the database */
    STEP_BYTES = 1024 * 1024,
    HEAD_BYTES = 4096, /* written last: a copy that is not whole is no database */
};

/* Its path is the client's affair. */
static const char *const their_file = "the file for it";

struct backup_desk {
    struct desk *desk;
    struct wait *wait; /* NULL: nobody waits for it any more */
    int file_fd;       /* the client's; -1: no backup is under way */
    int copy_fd;       /* ours, once it is whole; else -1 */
    char *path;        /* of ours */
    char *user;
    off_t size, done; /* of the copy, while it is passed on */
    msec_t began_steady_at;
};

struct backup_desk *backup_desk_new(struct desk *desk)
{
    struct backup_desk *backups = xcalloc(1, sizeof *backups);
    backups->desk = desk;
    backups->file_fd = backups->copy_fd = -1;
    backups->path = xasprintf("%s.backup", desk->floor->outbox_path);
    unlink(backups->path);
    return backups;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* It is over, in whatever way. */
static void clean_up(struct backup_desk *backups)
{
    if (backups->desk->floor->outbox)
        outbox_backup_end(backups->desk->floor->outbox);
    close_fd(&backups->file_fd);
    close_fd(&backups->copy_fd);
    unlink(backups->path);
    free(backups->user);
    backups->user = NULL;
}

void backup_desk_free(struct backup_desk *backups)
{
    if (!backups)
        return;
    if (backups->file_fd >= 0)
        clean_up(backups);
    if (backups->wait)
        backups->wait->known_as = NULL;
    free(backups->path);
    free(backups);
}

/* ---- may it begin? --------------------------------------------------------------------------- */

static bool is_good_file(int fd, struct refusal *refusal)
{
    struct stat status;
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    if (fd < 0)
        return refusal_set(refusal, REFUSAL_INVALID, NULL,
                           "no open file came with the request (SCM_RIGHTS, unix(7)); "
                           "chatrelay backup FILE passes one");
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (flags & O_ACCMODE) == O_RDONLY ||
        (flags & O_APPEND))
        return refusal_set(refusal, REFUSAL_INVALID, NULL,
                           "the file that came with the request must be a regular one, open for "
                           "writing and not for appending");
    const char *network_disk = network_disk_of(fd);
    return !network_disk ||
           refusal_set(refusal, REFUSAL_INVALID, NULL,
                       "the file is on %s, which may let the relay wait%s: make the backup on "
                       "another disk of this machine, and copy it from there",
                       network_disk,
                       strcmp(network_disk, "FUSE") == 0
                           ? " (what is local and what is not cannot be told apart there)"
                           : "");
}

/* Our own copy is on the file system of the outbox. */
static bool has_room(const struct desk *desk, struct refusal *refusal)
{
    struct stat status;
    int64_t min_free_bytes = desk->directory->config->relay.min_free_bytes;
    if (stat(desk->floor->outbox_path, &status) != 0 ||
        queue_floor_has_room(desk->floor, min_free_bytes + status.st_size))
        return true;
    return refusal_set(refusal, REFUSAL_FULL, NULL,
                       "a backup takes room in the outbox's folder for a while, and with it "
                       "less than min_free would be left");
}

static bool may_begin(const struct desk *desk, const struct peer *peer, int fd,
                      struct refusal *refusal)
{
    if (!directory_is_operator(desk->directory, &peer->asker))
        return refusal_set(refusal, REFUSAL_DENIED, NULL,
                           "only operators may make a backup (setting operators)");
    if (!is_good_file(fd, refusal))
        return false;
    if (desk->backups->file_fd >= 0)
        return refusal_set(refusal, REFUSAL_BUSY, NULL,
                           "another backup is being made; try again later");
    return has_room(desk, refusal);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void refuse(struct backup_desk *backups, enum refusal_word word, const char *why)
{
    struct refusal refusal;
    result_log_say(backups->desk->log, LOG_ERR, "no backup for %s: %s", backups->user, why);
    refusal_set(&refusal, word, NULL, "no backup was made: %s", why);
    if (backups->wait) {
        CLEANUP(free_memory) char *ref = xstrdup_or_null(backups->wait->ref);
        answer_refused(peer_end_wait(backups->wait, backups->desk->floor->turn), &refusal, ref);
    }
    clean_up(backups);
}

static void finish(struct backup_desk *backups)
{
    const struct desk *desk = backups->desk;
    struct wait *wait = backups->wait;
    char took[DURATION_LONGEST_TEXT];
    duration_say(desk->now.steady_at - backups->began_steady_at, took);
    result_log_say(desk->log, LOG_NOTICE, "a backup of %" PRId64 " bytes for %s took %s",
                   (int64_t)backups->size, backups->user, took);
    if (wait) {
        CLEANUP(free_memory) char *ref = xstrdup_or_null(wait->ref);
        json_t *members = json_object();
        member_count(members, "size", backups->size);
        answer_json(peer_end_wait(wait, desk->floor->turn), members, ref);
        json_decref(members);
    }
    clean_up(backups);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* It is whole: now it is passed on. */
static bool open_copy(struct backup_desk *backups, struct error *err)
{
    struct stat status;
    backups->copy_fd = open(backups->path, O_RDONLY | O_CLOEXEC);
    if (backups->copy_fd < 0 || fstat(backups->copy_fd, &status) != 0)
        return advice_set(err, backups->path);
    if (ftruncate(backups->file_fd, 0) != 0)
        return advice_set(err, their_file);
    backups->size = status.st_size;
    backups->done = HEAD_BYTES;
    return true;
}

static void copy_pages(struct backup_desk *backups)
{
    struct error err;
    bool more = false;
    if (!outbox_backup_step(backups->desk->floor->outbox, STEP_PAGES, &more, &err) ||
        (!more && !open_copy(backups, &err)))
        refuse(backups, REFUSAL_STORAGE, err.text);
}

/* Up to `length` bytes from `at` on: how many, at least one; 0 with an error. */
static size_t pass_on(const struct backup_desk *backups, off_t at, size_t length, struct error *err)
{
    CLEANUP(free_memory) char *bytes = xcalloc(length, 1);
    ssize_t count = pread(backups->copy_fd, bytes, length, at);
    if (count == 0)
        errno = EIO; /* our copy is shorter than it was */
    if (count <= 0) {
        advice_set(err, backups->path);
        return 0;
    }
    errno = EIO; /* for a write of nothing, which sets none */
    count = pwrite(backups->file_fd, bytes, (size_t)count, at);
    if (count > 0)
        return (size_t)count;
    advice_set(err, their_file);
    return 0;
}

/* All of the bytes from `at` to `end`, synced. */
static bool pass_on_all(const struct backup_desk *backups, off_t at, off_t end, struct error *err)
{
    while (at < end) {
        size_t count = pass_on(backups, at, (size_t)(end - at), err);
        if (count == 0)
            return false;
        at += (off_t)count;
    }
    return fsync(backups->file_fd) == 0 || advice_set(err, their_file);
}

static off_t lesser(off_t one, off_t other)
{
    return one < other ? one : other;
}

static void copy_bytes(struct backup_desk *backups)
{
    bool is_last = backups->done >= backups->size;
    off_t at = is_last ? 0 : backups->done;
    off_t end = lesser(backups->size, is_last ? HEAD_BYTES : at + STEP_BYTES);
    struct error err;
    if (!pass_on_all(backups, at, end, &err)) {
        refuse(backups, REFUSAL_STORAGE, err.text);
        return;
    }
    backups->done = end;
    if (is_last)
        finish(backups);
}

bool backup_desk_step(struct backup_desk *backups)
{
    if (backups->file_fd < 0)
        return false;
    if (!backups->wait)
        clean_up(backups); /* its client is gone */
    else if (backups->copy_fd < 0)
        copy_pages(backups);
    else
        copy_bytes(backups);
    return true; /* there is more, or an answer to let out */
}

void backup_desk_give_up(struct backup_desk *backups)
{
    if (backups->file_fd >= 0)
        refuse(backups, REFUSAL_STORAGE, "the outbox cannot be used at the moment");
}

/* ---- the beginning --------------------------------------------------------------------------- */

void backup_desk_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct backup_desk *backups = desk->backups;
    struct refusal refusal;
    struct error err;
    int fd = peer_take_file(peer);
    bool good = may_begin(desk, peer, fd, &refusal);
    if (good && !outbox_backup_begin(desk->floor->outbox, backups->path, &err))
        good = refusal_set(&refusal, REFUSAL_STORAGE, NULL, "no backup was made: %s", err.text);
    if (!good) {
        close_fd(&fd);
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    backups->file_fd = fd;
    backups->user = xstrdup(peer->asker.user);
    backups->size = backups->done = 0;
    backups->began_steady_at = desk->now.steady_at;
    peer_add_wait(peer, wait_new_known(peer, request->ref, &backups->wait));
}
