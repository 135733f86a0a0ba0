/*
 * markup.h - html that may stand beside other html
 */
#ifndef CHATRELAY_QUEUE_MARKUP_H
#define CHATRELAY_QUEUE_MARKUP_H

#include "base/text.h"

#include <stdbool.h>

/*
 * Whether every element that is opened is closed, in the reverse order, and no
 * tag, attribute or comment is cut off: so that what follows is not changed by
 * it. Elements without an end, such as br and img, need none (HTML, "void
 * elements"). Nested deeper than 64 it is not.
 */
bool markup_is_closed(const char *html);

/* Append `text` so that it is read as it stands. */
void markup_add_text(struct text *html, const char *text);

#endif
