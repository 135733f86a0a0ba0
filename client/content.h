/*
 * content.h - from what shell people have to what a chat takes
 *
 * The protocol is strict; here is where leniency lives. Pure.
 */
#ifndef CHATRELAY_CLIENT_CONTENT_H
#define CHATRELAY_CLIENT_CONTENT_H

#include "base/text.h"

#include <stdbool.h>

/* What a thread takes unless its settings say otherwise (ACS: a message is about 28 KB). */
enum { CONTENT_USUAL_LIMIT = 28672 };

/* Append with U+FFFD for every byte that a message cannot carry: what is not UTF-8, and NUL.
 * Returns how many those were. */
size_t content_repair(struct text *content, const char *bytes, size_t length);

/* Without the newlines at its end. */
void content_trim(struct text *content);

/* Nothing but white space. */
bool content_is_empty(const struct text *content);

/*
 * Shorten what is too long: of more than 2 * `lines` lines keep the first and
 * the last `lines`, then of more than `limit_bytes` the first and the last part;
 * a line between them says how much is left out. True if anything was.
 */
bool content_cut(struct text *content, size_t lines, size_t limit_bytes);

/* The bytes that content_put_title() adds to content that is not empty. */
size_t content_title_bytes(const char *title, bool html);

/* A line of its own in front; escaped, if the content is html. */
void content_put_title(struct text *content, const char *title, bool html);

#endif
