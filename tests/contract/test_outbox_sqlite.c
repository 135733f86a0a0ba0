/*
 * test_outbox_sqlite.c - the contract suite for SQLite, and what only a file can show
 */
#include "base/memory.h"
#include "queue/advice.h"
#include "queue/outbox_sqlite.h"
#include "queue/query.h"
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char path[80];
static char log_path[84];

void store_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/test_outbox_XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/outbox.db", folder);
    snprintf(log_path, sizeof log_path, "%s-wal", path);
}

void store_remove(void)
{
    unlink(path);
    unlink(log_path);
    cr_expect(rmdir(folder) == 0, "%s should be empty", folder);
}

struct outbox *store_open(const char *machine_id, struct error *err)
{
    const struct outbox_setup setup = { .path = path, .machine_id = machine_id, .version = "0.1" };
    return outbox_open_sqlite(&setup, err);
}

TestSuite(outbox_sqlite, .init = store_make, .fini = store_remove);

static off_t size_of(const char *name)
{
    struct stat status;
    return stat(name, &status) == 0 ? status.st_size : -1;
}

static void expect_refusal(const char *words)
{
    struct error err = { "" };
    struct outbox *outbox = store_open("machine-one", &err);
    cr_assert(outbox == NULL);
    cr_expect(strstr(err.text, words) != NULL, "'%s' should say '%s'", err.text, words);
    cr_expect(strstr(err.text, path) != NULL, "'%s' should name the file", err.text);
}

Test(outbox_sqlite, without_a_file_to_spare_it_says_what_to_do)
{
    struct rlimit before, none;
    cr_assert(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = (struct rlimit){ 0, before.rlim_max };
    struct error err = { "" };
    cr_assert(setrlimit(RLIMIT_NOFILE, &none) == 0);
    cr_expect(store_open("machine-one", &err) == NULL);
    cr_assert(setrlimit(RLIMIT_NOFILE, &before) == 0);
    cr_expect(strstr(err.text, "Too many open files: raise") && strstr(err.text, "LimitNOFILE="),
              "%s", err.text);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(fd >= 0);
    close(fd);
    cr_assert(setrlimit(RLIMIT_NOFILE, &none) == 0);
    cr_expect(store_open("machine-one", &err) == NULL);
    cr_assert(setrlimit(RLIMIT_NOFILE, &before) == 0);
    cr_expect(strstr(err.text, "LimitNOFILE="), "%s", err.text);
}

Test(outbox_sqlite, what_helps_is_said_of_an_error_of_the_system)
{
    static const struct {
        int system_error;
        const char *words;
    } rows[] = { { ENOSPC, "make room" },    { EDQUOT, "quota" },    { EROFS, "read-only" },
                 { EMFILE, "LimitNOFILE=" }, { ENFILE, "file-max" }, { ENOLCK, "local disk" },
                 { EACCES, "owner" },        { EIO, "dmesg" },       { EFBIG, "LimitFSIZE=" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect(strstr(advice_on(rows[i].system_error), rows[i].words));
    cr_expect_str_eq(advice_on(EINVAL), "");
}

static void write_file(const char *name, const char *bytes, size_t length)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
    close(fd);
}

/* ---- the file ------------------------------------------------------------------------------- */

Test(outbox_sqlite, the_file_is_its_owner_s_alone)
{
    mode_t mask = umask(0);
    struct outbox *outbox = contract_open();
    umask(mask);
    contract_add(outbox, 4, MESSAGE_PENDING);
    contract_commit(outbox);

    struct stat status;
    cr_assert(stat(path, &status) == 0);
    cr_expect((status.st_mode & 0777) == 0600);
    cr_assert(stat(log_path, &status) == 0);
    cr_expect((status.st_mode & 0777) == 0600);
    outbox_close(outbox);
}

Test(outbox_sqlite, a_clean_end_leaves_one_file)
{
    struct outbox *outbox = contract_open();
    contract_add(outbox, 4, MESSAGE_PENDING);
    contract_commit(outbox);
    outbox_close(outbox);
    cr_expect(size_of(path) > 0);
    cr_expect(size_of(log_path) == -1);
}

Test(outbox_sqlite, opening_alone_writes_nothing)
{
    outbox_close(contract_open());
    struct stat before, after;
    cr_assert(stat(path, &before) == 0);
    outbox_close(contract_open());
    cr_assert(stat(path, &after) == 0);
    cr_expect(before.st_mtim.tv_sec == after.st_mtim.tv_sec);
    cr_expect(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
}

Test(outbox_sqlite, a_missing_folder_is_named)
{
    snprintf(path, sizeof path, "%s/no/outbox.db", folder);
    expect_refusal("No such file or directory");
}

Test(outbox_sqlite, what_was_killed_is_found_again)
{
    pid_t child = fork();
    if (child == 0) {
        struct outbox *outbox = contract_open();
        contract_add(outbox, 4, MESSAGE_PENDING);
        contract_commit(outbox);
        contract_add(outbox, 4, MESSAGE_PENDING);
        kill(getpid(), SIGKILL);
    }
    cr_assert(waitpid(child, NULL, 0) == child);

    struct outbox *outbox = contract_open();
    struct head heads[2];
    cr_expect(outbox_heads(outbox, 4, 0, heads, 2) == 1);
    outbox_close(outbox);
}

/* ---- who else has it ------------------------------------------------------------------------ */

/* A child that has the outbox open until it is told to end. */
static pid_t start_owner(int *end_fd)
{
    int ready[2], end[2];
    char byte = 0;
    cr_assert(pipe(ready) == 0 && pipe(end) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(end[1]);
        struct outbox *outbox = contract_open();
        if (write(ready[1], "r", 1) == 1 && read(end[0], &byte, 1) == 0)
            outbox_close(outbox);
        _exit(0);
    }
    close(end[0]);
    close(ready[1]);
    cr_assert(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    *end_fd = end[1];
    return child;
}

static void expect_one_owner(void)
{
    int end_fd = -1;
    char words[64];
    pid_t owner = start_owner(&end_fd);
    snprintf(words, sizeof words, "in use by process %ld", (long)owner);
    expect_refusal(words);

    close(end_fd);
    cr_assert(waitpid(owner, NULL, 0) == owner);
    outbox_close(contract_open());
}

Test(outbox_sqlite, a_second_owner_is_refused)
{
    expect_one_owner(); /* of a new database */
    expect_one_owner(); /* of one that was there: the owner has not written to it */
}

/* ---- whose it is ---------------------------------------------------------------------------- */

/* Run SQL behind the outbox's back. `leave_log`: as if the program had been killed then. */
static void meddle(const char *sql, bool leave_log)
{
    sqlite3 *db = NULL;
    cr_assert(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leave_log, NULL);
    cr_assert(sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
    cr_assert(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

struct image {
    char *bytes;
    off_t size; /* -1: there is no such file */
};

static struct image image_of(const char *name)
{
    struct image image = { .size = size_of(name) };
    image.bytes = xcalloc((size_t)image.size + 1, 1);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        cr_assert(read(fd, image.bytes, (size_t)image.size) == image.size);
        close(fd);
    }
    return image;
}

static void expect_untouched(const char *name, struct image *before)
{
    struct image now = image_of(name);
    cr_expect(now.size == before->size, "%s: %ld, was %ld", name, (long)now.size,
              (long)before->size);
    cr_expect(now.size <= 0 || now.size != before->size ||
              memcmp(now.bytes, before->bytes, (size_t)now.size) == 0);
    free(now.bytes);
    free(before->bytes);
}

static void expect_refusal_untouched(const char *words)
{
    struct image file = image_of(path), log = image_of(log_path);
    expect_refusal(words);
    expect_untouched(path, &file);
    expect_untouched(log_path, &log);
    cr_expect(access(folder, W_OK) == 0);
}

Test(outbox_sqlite, a_newer_schema_is_refused_untouched)
{
    outbox_close(contract_open());
    meddle("PRAGMA user_version = 2; UPDATE note SET text = '7.5' WHERE name = 'made_by'", false);
    expect_refusal_untouched("chatrelay 7.5");
}

Test(outbox_sqlite, a_newer_schema_is_refused_untouched_after_a_crash_too)
{
    outbox_close(contract_open());
    meddle("PRAGMA user_version = 2; UPDATE note SET text = '7.5' WHERE name = 'made_by'", true);
    cr_assert(size_of(log_path) > 0);
    expect_refusal_untouched("chatrelay 7.5");
}

Test(outbox_sqlite, a_newer_schema_without_our_notes_is_refused)
{
    outbox_close(contract_open());
    meddle("PRAGMA user_version = 2; DROP TABLE note", false);
    expect_refusal_untouched("unknown version");
}

Test(outbox_sqlite, another_program_s_database_is_refused_untouched)
{
    write_file(path, "", 0);
    meddle("CREATE TABLE theirs(x)", false);
    expect_refusal_untouched("another program");
    unlink(path);
    write_file(path, "", 0);
    meddle("PRAGMA application_id = 7", false);
    expect_refusal_untouched("another program");
}

Test(outbox_sqlite, our_version_with_other_tables_is_refused_untouched)
{
    outbox_close(contract_open());
    meddle("ALTER TABLE doubt ADD COLUMN colour TEXT", false);
    expect_refusal_untouched("whose tables are not ours (\"CREATE TABLE doubt\")");
}

Test(outbox_sqlite, our_version_without_an_index_is_refused_untouched)
{
    outbox_close(contract_open());
    meddle("DROP INDEX message_due", true);
    expect_refusal_untouched("(\"CREATE INDEX message_due ON message\")");
}

Test(outbox_sqlite, tables_of_somebody_else_beside_ours_do_no_harm)
{
    outbox_close(contract_open());
    meddle("CREATE TABLE theirs(x); ANALYZE", false);
    outbox_close(contract_open());
}

Test(outbox_sqlite, an_empty_file_becomes_an_outbox)
{
    write_file(path, "", 0);
    outbox_close(contract_open());
    cr_expect(size_of(path) > 0);
}

/* ---- damage --------------------------------------------------------------------------------- */

Test(outbox_sqlite, what_is_no_database_is_refused_untouched)
{
    char text[8192];
    memset(text, 'x', sizeof text);
    write_file(path, text, sizeof text);
    expect_refusal_untouched("is damaged (file is not a database)");
}

Test(outbox_sqlite, damage_is_named_with_a_way_on)
{
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 1000; i++)
        contract_add(outbox, 4, MESSAGE_PENDING);
    contract_commit(outbox);
    outbox_close(outbox);

    char noise[4096];
    memset(noise, 0xa5, sizeof noise);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    for (off_t page = 20; page < size_of(path) / 4096; page++)
        cr_assert(pwrite(fd, noise, sizeof noise, page * 4096) == sizeof noise);
    close(fd);

    struct error err = { "" };
    outbox = store_open("machine-one", &err);
    struct message message;
    if (outbox) {
        for (int64_t id = 1; id <= 1000 && !outbox_failure(outbox); id++)
            if (outbox_load(outbox, id, &message))
                message_clear(&message);
        cr_assert(outbox_failure(outbox) != NULL);
        err = *outbox_failure(outbox);
        outbox_close(outbox);
    }
    cr_expect(strstr(err.text, "is damaged") && strstr(err.text, "backup"), "%s", err.text);
}

Test(outbox_sqlite, damage_is_told_from_other_failures)
{
    bool is_damaged = false;
    const struct outbox_setup setup = { .path = path, .version = "0.1", .is_damaged = &is_damaged };
    struct error err;
    struct outbox *outbox = outbox_open_sqlite(&setup, &err);
    struct message message = contract_message(4);
    message.id = 999;
    outbox_move(outbox, &message, MESSAGE_SENT);
    cr_expect(outbox_failure(outbox) && !outbox_is_damaged(outbox) && !is_damaged);
    outbox_close(outbox);

    char text[8192];
    memset(text, 'x', sizeof text);
    unlink(path);
    write_file(path, text, sizeof text);
    cr_expect(outbox_open_sqlite(&setup, &err) == NULL && is_damaged);
}

/* ---- space ---------------------------------------------------------------------------------- */

Test(outbox_sqlite, free_space_is_given_back_in_steps)
{
    enum { MANY = 1000, BYTES = 10000, LEFT = 4 * 1024 * 1024 };
    struct outbox *outbox = contract_open();
    char *content = xcalloc(1, BYTES + 1);
    memset(content, 'x', BYTES);
    for (int i = 0; i < MANY; i++) {
        struct message message = contract_message(4);
        message.content = content;
        message.content_bytes = BYTES;
        message.state = MESSAGE_SENT;
        outbox_add(outbox, &message);
    }
    contract_commit(outbox);
    cr_expect(!outbox_shrink(outbox), "there is nothing to give back");
    for (int64_t id = 1; id <= MANY; id++)
        outbox_wipe(outbox, id);
    cr_expect(!outbox_shrink(outbox), "not inside a turn");
    contract_commit(outbox);
    cr_assert(outbox_tend(outbox, true, NULL));
    off_t before = size_of(path);
    cr_assert(before > (int64_t)MANY * BYTES);

    int steps = 1;
    while (outbox_shrink(outbox))
        steps++;
    cr_expect(steps > 5);
    cr_expect(size_of(path) < LEFT, "%ld bytes are left", (long)size_of(path));
    cr_expect(!outbox_shrink(outbox));
    struct message message;
    cr_assert(outbox_load(outbox, MANY, &message));
    cr_expect(message.content == NULL && message.content_bytes == BYTES);
    message_clear(&message);
    outbox_close(outbox);
    free(content);
}

/* ---- how it works --------------------------------------------------------------------------- */

static void add_long(struct outbox *outbox, int count)
{
    static char content[28000];
    memset(content, 'x', sizeof content);
    for (int i = 0; i < count; i++) {
        struct message message = contract_message(4);
        message.content = content;
        message.content_bytes = sizeof content;
        outbox_add(outbox, &message);
    }
    contract_commit(outbox);
}

Test(outbox_sqlite, a_busy_log_stays_bounded, .timeout = 60)
{
    static const off_t mib = 1024L * 1024;
    struct outbox *outbox = contract_open();
    for (int i = 0; i < 60; i++) { /* 100 MiB */
        add_long(outbox, 60);
        cr_assert(outbox_tend(outbox, false, NULL));
    }
    cr_expect(size_of(log_path) > 12 * mib);
    cr_expect(size_of(log_path) < 20 * mib, "%ld", (long)size_of(log_path));
    outbox_close(outbox);
}

Test(outbox_sqlite, tending_lets_the_log_be_used_again)
{
    struct error err;
    struct outbox *outbox = contract_open();
    add_long(outbox, 200);
    off_t size = size_of(log_path);
    for (int i = 0; i < 3; i++) {
        cr_assert(outbox_tend(outbox, true, &err));
        add_long(outbox, 190);
    }
    cr_expect(size_of(log_path) == size, "%ld, was %ld", (long)size_of(log_path), (long)size);
    outbox_close(outbox);
}

static bool ignore_message(void *context, const struct message *message)
{
    (void)context;
    (void)message;
    return true;
}

static void ignore_attempt(void *context, const struct attempt *attempt)
{
    (void)context;
    (void)attempt;
}

/* Use every statement whose time must not grow with the number of messages. */
static void use_all(struct outbox *outbox)
{
    const struct outbox_filter filter = { .thread = -1, .uid = -1, .priority = -1 };
    struct message message = contract_message(4);
    struct attempt attempt = { .number = 1, .began_at = 1 };
    struct head heads[4];
    lane_id lanes[4];
    int64_t ids[4];
    msec_t next_at = 0;

    outbox_add(outbox, &message);
    attempt.message = message.id;
    message.attempts++;
    message.doubted_at = 1;
    outbox_begin(outbox, &message, &attempt);
    outbox_attempts(outbox, 1, ignore_attempt, NULL);
    outbox_recent(outbox, 500, ignore_attempt, NULL);
    outbox_end(outbox, &message, MESSAGE_PENDING, &attempt);
    outbox_move(outbox, &message, MESSAGE_PENDING);
    outbox_heads(outbox, 4, 0, heads, 4);
    outbox_lanes(outbox, -1, lanes, 4);
    outbox_due(outbox, 500, ids, 4, &next_at);
    outbox_expired(outbox, 500, ids, 4, &next_at);
    outbox_find_once(outbox, 1000, "none", &message);
    outbox_find_fold(outbox, 4, 1000, "none", &message);
    outbox_list(outbox, &filter, 0, 4, ignore_message, NULL);
    outbox_thread(outbox, "ops");
    outbox_place(outbox, "https://a", "19:x");
}

/* Many messages, most of them past, with their attempts. The first lane has sent all of its own. */
static void fill(struct outbox *outbox)
{
    for (int i = 0; i < 1000; i++) {
        struct message message = contract_message(4 + i % 5);
        message.state = i % 2 ? MESSAGE_PENDING : MESSAGE_SCHEDULED;
        message.due_at = message.expires_at = 2000 - i;
        outbox_add(outbox, &message);
        bool is_sent = message.state == MESSAGE_PENDING && (i % 4 == 1 || message.lane == 4);
        struct attempt attempt = { .message = message.id, .number = 1, .began_at = i % 400 };
        outbox_begin(outbox, &message, &attempt);
        attempt.ended_at = 400;
        outbox_end(outbox, &message, is_sent ? MESSAGE_SENT : message.state, &attempt);
    }
    contract_commit(outbox);
}

/* What SQLite counts of a statement since it was last asked. */
static int count_of(sqlite3_stmt *statement, int what)
{
    return sqlite3_stmt_status(statement, what, 1);
}

Test(outbox_sqlite, no_statement_takes_longer_the_more_there_is)
{
    struct outbox *outbox = contract_open();
    sqlite3 *db = outbox_sqlite_of(outbox)->db;
    fill(outbox);
    for (sqlite3_stmt *each = NULL; (each = sqlite3_next_stmt(db, each));)
        count_of(each, SQLITE_STMTSTATUS_VM_STEP);
    use_all(outbox);
    contract_commit(outbox);

    for (sqlite3_stmt *each = NULL; (each = sqlite3_next_stmt(db, each));) {
        const char *sql = sqlite3_sql(each);
        cr_expect(!sqlite3_stmt_busy(each), "open: %s", sql);
        cr_expect(count_of(each, SQLITE_STMTSTATUS_SORT) == 0, "sorts: %s", sql);
        cr_expect(count_of(each, SQLITE_STMTSTATUS_VM_STEP) < 400, "works hard: %s", sql);
    }
    outbox_close(outbox);
}

static int64_t ask(struct outbox *outbox, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    struct query query = query_start(outbox_sqlite_of(outbox)->db, &statement, sql);
    int64_t number = query_next(&query) ? query_number(&query) : -1;
    cr_assert(query_end(&query, NULL), "%s", sql);
    sqlite3_finalize(statement);
    return number;
}

static int64_t line_start(struct outbox *outbox)
{
    return ask(outbox, "SELECT first_rank FROM lane WHERE id = 4");
}

static int64_t places(struct outbox *outbox)
{
    return ask(outbox, "SELECT count(*) FROM message WHERE lane = 4 AND in_line IS NOT NULL");
}

static void send_many(struct outbox *outbox, int count)
{
    for (int i = 0; i < count; i++)
        contract_send(outbox, contract_add(outbox, 4, MESSAGE_PENDING));
}

Test(outbox_sqlite, what_is_aside_does_not_draw_a_lines_start_back)
{
    struct outline outline;
    struct outbox *outbox = contract_open();
    int64_t id = contract_add(outbox, 5, MESSAGE_HELD);
    send_many(outbox, 100);
    int64_t start = line_start(outbox);
    cr_assert(start > id);
    cr_assert(outbox_outlines(outbox, id - 1, &outline, 1) == 1);
    outbox_set_lane(outbox, &outline, 4);
    cr_expect(line_start(outbox) == start);
    outbox_close(outbox);
}

Test(outbox_sqlite, a_lines_start_returns_when_what_drew_it_back_is_sent)
{
    for (int i = 0; i < 9; i++) { /* ids of all kinds */
        struct outbox *outbox = contract_open();
        int64_t id = contract_add(outbox, 4, MESSAGE_HELD);
        send_many(outbox, 100);
        int64_t last = contract_add(outbox, 4, MESSAGE_PENDING);
        contract_release(outbox, id);
        cr_expect(line_start(outbox) == id);
        contract_commit(outbox);
        outbox_close(outbox);

        outbox = contract_open();
        contract_send(outbox, id);
        cr_expect(line_start(outbox) == last);
        contract_send(outbox, last);
        contract_commit(outbox);
        outbox_close(outbox);
    }
}

Test(outbox_sqlite, a_long_line_is_cleared_in_steps_and_a_short_one_left_alone)
{
    lane_id after = -1;
    int64_t steps = 0;
    struct outbox *outbox = contract_open();
    send_many(outbox, OUTBOX_LINE_PLACES - 1);
    contract_commit(outbox);
    cr_expect(!outbox_clear_lines(outbox, &after) && outbox_changes(outbox) == 0);
    send_many(outbox, 4 * OUTBOX_LINE_STEP);
    contract_commit(outbox);
    int64_t before = places(outbox);
    for (after = -1; outbox_clear_lines(outbox, &after); steps++) {
        cr_expect(places(outbox) == before - (steps + 1) * OUTBOX_LINE_STEP);
        cr_assert(steps < 10, "it never ends");
        contract_commit(outbox);
    }
    cr_expect(steps >= 3 && places(outbox) < OUTBOX_LINE_PLACES + OUTBOX_LINE_STEP);
    cr_expect(outbox_changes(outbox) == 0);
    for (after = -1; outbox_clear_lines(outbox, &after);)
        cr_assert_fail("there is nothing left to do");
    outbox_close(outbox);
}

Test(outbox_sqlite, what_is_deleted_leaves_no_trace)
{
    struct outbox *outbox = contract_open();
    struct message message = contract_message(4);
    message.content = contract_text("the-canary");
    message.content_bytes = strlen("the-canary");
    outbox_add(outbox, &message);
    contract_commit(outbox);
    outbox_close(outbox);

    outbox = contract_open();
    sqlite3 *db = outbox_sqlite_of(outbox)->db;
    cr_assert(sqlite3_exec(db, "DELETE FROM message", NULL, NULL, NULL) == SQLITE_OK);
    outbox_close(outbox);
    struct image file = image_of(path);
    cr_expect(memmem(file.bytes, (size_t)file.size, "the-canary", 10) == NULL);
    free(file.bytes);
}
