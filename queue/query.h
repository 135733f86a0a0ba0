/*
 * query.h - one SQL statement on its way through SQLite
 *
 *     struct query query = query_start(db, &slot, "SELECT ... WHERE id = ?");
 *     query_bind(&query, id);
 *     while (query_next(&query))
 *         rank = query_number(&query);
 *     return query_end(&query, err);
 *
 * Parameters are bound, and columns read, from left to right. A failure is kept
 * until query_end(): in between nothing needs to be checked. Between start and
 * end nobody else may use the slot.
 */
#ifndef CHATRELAY_QUEUE_QUERY_H
#define CHATRELAY_QUEUE_QUERY_H

#include "base/error.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

struct query {
    sqlite3 *db;
    sqlite3_stmt *statement;
    int result;    /* of the last call into SQLite */
    int parameter; /* the last one bound */
    int column;    /* the next one to read */
};

/* The statement is compiled at its first use and kept in `*slot`, NULL before, for the next. */
struct query query_start(sqlite3 *db, sqlite3_stmt **slot, const char *sql);

/* Bind the next parameter. Texts are borrowed until query_end(); NULL texts are NULL in SQL. */
void query_bind(struct query *query, int64_t number);
void query_bind_or_null(struct query *query, int64_t number); /* 0 is NULL in SQL */
void query_bind_text(struct query *query, const char *text);
void query_bind_text_or_null(struct query *query, const char *text); /* so is "" */
void query_bind_bytes(struct query *query, const char *bytes, size_t length);

/* True: there is a row, to be read from its first column. */
bool query_next(struct query *query);

/* Read the next column. SQL's NULL is 0, NULL or "". */
int64_t query_number(struct query *query);
char *query_text(struct query *query); /* for the caller to free */
void query_text_into(struct query *query, char *buffer, size_t size);

/* Let go of the row and of what was bound. False if anything failed since the start. */
MUST_CHECK bool query_end(struct query *query, struct error *err);

/* Run a statement that has no rows: query_next() and query_end(). */
MUST_CHECK bool query_run(struct query *query, struct error *err);

/* The same for one that changes exactly one row; anything else is a failure. */
MUST_CHECK bool query_change(struct query *query, struct error *err);

/* Run SQL that is needed but once. */
MUST_CHECK bool query_once(sqlite3 *db, const char *sql, struct error *err);

/* Whether the last failure was that the file is damaged, or no database at all. */
bool query_met_damage(sqlite3 *db);

/* Put SQLite's last failure into words: the file, what happened, and what to do if one can. */
bool query_failed(sqlite3 *db, struct error *err);

#endif
