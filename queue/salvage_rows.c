#include "base/memory.h"
#include "base/utf8.h"
#include "queue/query.h"
#include "queue/salvage_work.h"

#include <stdlib.h>
#include <string.h>

/* A table whose rows are known by what they are: no two have as many columns. */
struct kind {
    const char *name;
    bool (*fits)(const struct kind *kind, const struct leaf_row *row);
    size_t column_count; /* the rest is learned from the new database */
    char *columns[LEAF_MOST_VALUES];
    sqlite3_stmt *insert;
};

/* ---- what makes sense -------------------------------------------------------------------- */

static const struct leaf_value *value_of(const struct kind *kind, const struct leaf_row *row,
                                         const char *column)
{
    static const struct leaf_value nothing = { .type = LEAF_OTHER };
    for (size_t i = 0; i < kind->column_count; i++)
        if (strcmp(kind->columns[i], column) == 0)
            return &row->values[i];
    return &nothing;
}

static bool has_number(const struct kind *kind, const struct leaf_row *row, const char *column,
                       int64_t least, int64_t most)
{
    const struct leaf_value *value = value_of(kind, row, column);
    return value->type == LEAF_INTEGER && value->number >= least && value->number <= most;
}

static bool is_digit(char one)
{
    return (one >= '0' && one <= '9') || (one >= 'a' && one <= 'f');
}

static bool is_stamp(const struct leaf_value *value)
{
    if (value->type != LEAF_TEXT || value->length > STAMP_LENGTH)
        return false;
    for (size_t i = 0; i < value->length; i++)
        if (!is_digit(value->bytes[i]))
            return false;
    return true;
}

static bool has_content(const struct kind *kind, const struct leaf_row *row)
{
    const struct leaf_value *content = value_of(kind, row, "content");
    const struct leaf_value *size = value_of(kind, row, "content_bytes");
    return content->type == LEAF_NULL ||
           (content->type == LEAF_TEXT && (int64_t)content->length == size->number);
}

static bool is_message(const struct kind *kind, const struct leaf_row *row)
{
    return has_number(kind, row, "state", 0, MESSAGE_STATES - 1) &&
           has_number(kind, row, "kind", MESSAGE_SEND, MESSAGE_REPORT) &&
           has_number(kind, row, "type", MESSAGE_TEXT, MESSAGE_HTML) &&
           has_number(kind, row, "lane", 0, INT64_MAX) &&
           has_number(kind, row, "content_bytes", 0, INT64_MAX) &&
           is_stamp(value_of(kind, row, "stamp")) && has_content(kind, row);
}

/* Of a message that was saved as well, or it is dropped in the end. */
static bool is_attempt(const struct kind *kind, const struct leaf_row *row)
{
    return has_number(kind, row, "message", 1, INT64_MAX) &&
           has_number(kind, row, "number", 1, INT64_MAX) &&
           has_number(kind, row, "place", 1, INT64_MAX) &&
           has_number(kind, row, "began_at", 0, INT64_MAX);
}

static bool is_doubt(const struct kind *kind, const struct leaf_row *row)
{
    return has_number(kind, row, "number", 0, INT64_MAX) &&
           has_number(kind, row, "doubted_at", 1, INT64_MAX) &&
           has_number(kind, row, "doubted_place", 0, INT64_MAX);
}

static bool is_text(const struct leaf_value *value)
{
    return utf8_valid_prefix(value->bytes, value->length) == value->length &&
           !memchr(value->bytes, '\0', value->length);
}

/* What fits together as a row may still be none of ours, or half overwritten. */
static bool makes_sense(const struct kind *kind, const struct leaf_row *row)
{
    if (row->value_count != kind->column_count || row->rowid < 1)
        return false;
    for (size_t i = 0; i < row->value_count; i++)
        if (row->values[i].type == LEAF_OTHER ||
            (row->values[i].type == LEAF_TEXT && !is_text(&row->values[i])))
            return false;
    return kind->fits(kind, row);
}

/* ---- the new database -------------------------------------------------------------------- */

static bool learn_columns(sqlite3 *db, struct kind *kind, struct error *err)
{
    char *sql CLEANUP(free_memory) = xasprintf("SELECT * FROM %s", kind->name);
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        return query_failed(db, err);
    kind->column_count = (size_t)sqlite3_column_count(statement);
    bool done = kind->column_count <= LEAF_MOST_VALUES ||
                error_set(err, "table %s has too many columns", kind->name);
    for (size_t i = 0; i < kind->column_count && done; i++)
        kind->columns[i] = xstrdup(sqlite3_column_name(statement, (int)i));
    sqlite3_finalize(statement);
    return done;
}

static bool prepare_insert(sqlite3 *db, struct kind *kind, struct error *err)
{
    CLEANUP(text_clear) struct text sql = { 0 };
    text_printf(&sql, "INSERT OR IGNORE INTO %s VALUES(?", kind->name);
    for (size_t i = 1; i < kind->column_count; i++)
        text_add(&sql, ", ?");
    text_add(&sql, ")");
    return sqlite3_prepare_v2(db, sql.bytes, -1, &kind->insert, NULL) == SQLITE_OK ||
           query_failed(db, err);
}

static void kind_clear(struct kind *kind)
{
    sqlite3_finalize(kind->insert);
    for (size_t i = 0; i < kind->column_count; i++)
        free(kind->columns[i]);
}

/* What the table's own rules refuse makes no sense either. */
static bool insert(sqlite3 *db, const struct kind *kind, const struct leaf_row *row,
                   struct error *err)
{
    sqlite3_stmt *statement = kind->insert;
    sqlite3_clear_bindings(statement);
    sqlite3_bind_int64(statement, 1, row->rowid);
    for (size_t i = 1; i < row->value_count; i++) {
        const struct leaf_value *value = &row->values[i];
        if (value->type == LEAF_INTEGER)
            sqlite3_bind_int64(statement, (int)i + 1, value->number);
        else if (value->type == LEAF_TEXT)
            sqlite3_bind_text64(statement, (int)i + 1, value->bytes, value->length, SQLITE_STATIC,
                                SQLITE_UTF8);
    }
    sqlite3_step(statement);
    int result = sqlite3_reset(statement);
    return result == SQLITE_OK || (result & 0xff) == SQLITE_CONSTRAINT || query_failed(db, err);
}

/* ---- pages ------------------------------------------------------------------------------- */

enum { KINDS = 3 };

static bool save_page(struct rescue *rescue, const struct kind *kinds, size_t page,
                      struct error *err)
{
    bool done = true;
    size_t count = leaf_rows(&rescue->file, page);
    for (size_t i = 0; i < count && done; i++) {
        struct leaf_row row;
        if (!leaf_read(&rescue->file, page, i, &row))
            continue;
        for (size_t j = 0; j < KINDS && done; j++)
            if (makes_sense(&kinds[j], &row))
                done = insert(rescue->new, &kinds[j], &row, err);
        leaf_row_clear(&row);
    }
    return done;
}

bool salvage_rows(struct rescue *rescue, struct error *err)
{
    struct kind kinds[KINDS] = { { .name = "message", .fits = is_message },
                                 { .name = "attempt", .fits = is_attempt },
                                 { .name = "doubt", .fits = is_doubt } };
    bool done = true;
    for (size_t i = 0; i < KINDS && done; i++)
        done = learn_columns(rescue->new, &kinds[i], err) &&
               prepare_insert(rescue->new, &kinds[i], err);
    for (size_t page = 1; page <= rescue->file.page_count && done; page++)
        done = save_page(rescue, kinds, page, err);
    for (size_t i = 0; i < KINDS; i++)
        kind_clear(&kinds[i]);
    return done;
}
