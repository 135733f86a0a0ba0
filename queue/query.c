#include "queue/query.h"

#include "base/memory.h"
#include "queue/advice.h"

#include <errno.h>
#include <string.h>

/* ---- in words ------------------------------------------------------------------------------- */

bool query_met_damage(sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

bool query_failed(sqlite3 *db, struct error *err)
{
    const char *path = sqlite3_db_filename(db, "main");
    const char *what = sqlite3_errmsg(db);
    int code = sqlite3_extended_errcode(db);
    int system = sqlite3_system_errno(db);

    if (query_met_damage(db))
        return error_set(err,
                         "%s is damaged (%s): save what is left of it with \"chatrelayd --salvage "
                         "OLD NEW\" and go on with NEW, or restore a backup (--after-restore)",
                         path, what);
    if ((code & 0xff) == SQLITE_FULL)
        return error_set(err, "%s: %s (%d)%s", path, what, code, advice_on(ENOSPC));
    if (((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN) && system != 0)
        return error_set(err, "%s: %s (%d, %s)%s", path, what, code, strerrordesc_np(system),
                         advice_on(system));
    return error_set(err, "%s: %s (%d)", path, what, code);
}

/* ---- one statement -------------------------------------------------------------------------- */

struct query query_start(sqlite3 *db, sqlite3_stmt **slot, const char *sql)
{
    int result = SQLITE_OK;
    if (!*slot)
        result = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
    return (struct query){ .db = db, .statement = *slot, .result = result };
}

void query_bind(struct query *query, int64_t number)
{
    if (query->result == SQLITE_OK)
        query->result = sqlite3_bind_int64(query->statement, ++query->parameter, number);
}

void query_bind_or_null(struct query *query, int64_t number)
{
    if (number != 0)
        query_bind(query, number);
    else
        query->parameter++; /* unbound is NULL */
}

void query_bind_bytes(struct query *query, const char *bytes, size_t length)
{
    int parameter = ++query->parameter;
    if (bytes && query->result == SQLITE_OK)
        query->result = sqlite3_bind_text64(query->statement, parameter, bytes, length,
                                            SQLITE_STATIC, SQLITE_UTF8);
}

void query_bind_text(struct query *query, const char *text)
{
    query_bind_bytes(query, text, text ? strlen(text) : 0);
}

void query_bind_text_or_null(struct query *query, const char *text)
{
    query_bind_text(query, text[0] ? text : NULL);
}

bool query_next(struct query *query)
{
    if (query->result != SQLITE_OK && query->result != SQLITE_ROW)
        return false;
    query->result = sqlite3_step(query->statement);
    query->column = 0;
    return query->result == SQLITE_ROW;
}

int64_t query_number(struct query *query)
{
    return sqlite3_column_int64(query->statement, query->column++);
}

/* As a blob, a text is read without a copy, so that reading cannot fail for want of memory. */
static const char *bytes_of(struct query *query, size_t *length)
{
    int column = query->column++;
    if (sqlite3_column_type(query->statement, column) == SQLITE_NULL)
        return NULL;
    const char *bytes = sqlite3_column_blob(query->statement, column);
    *length = (size_t)sqlite3_column_bytes(query->statement, column);
    return bytes ? bytes : "";
}

char *query_text(struct query *query)
{
    size_t length = 0;
    const char *bytes = bytes_of(query, &length);
    return bytes ? xmemdup0(bytes, length) : NULL;
}

void query_text_into(struct query *query, char *buffer, size_t size)
{
    size_t length = 0;
    const char *bytes = bytes_of(query, &length);
    if (length >= size)
        length = size - 1;
    if (bytes)
        memcpy(buffer, bytes, length);
    buffer[length] = '\0';
}

bool query_end(struct query *query, struct error *err)
{
    bool done =
        query->result == SQLITE_OK || query->result == SQLITE_ROW || query->result == SQLITE_DONE;
    if (!done)
        query_failed(query->db, err);
    if (query->statement) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    return done;
}

bool query_run(struct query *query, struct error *err)
{
    query_next(query);
    return query_end(query, err);
}

bool query_change(struct query *query, struct error *err)
{
    if (!query_run(query, err))
        return false;
    int changed = sqlite3_changes(query->db);
    return changed == 1 || error_set(err, "%s: a change met %d rows instead of 1",
                                     sqlite3_db_filename(query->db, "main"), changed);
}

bool query_once(sqlite3 *db, const char *sql, struct error *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || query_failed(db, err);
}
