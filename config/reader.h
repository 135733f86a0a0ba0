/*
 * reader.h - from the text of a settings file to what it says
 */
#ifndef CHATRELAY_CONFIG_READER_H
#define CHATRELAY_CONFIG_READER_H

#include "config/config.h"
#include "config/document.h"

enum {
    READER_LONGEST_LINE = 8192, /* bytes, without the line's end: a PATH_MAX and more */
};

/*
 * Add what `text` says to the document. Every line that is wrong in itself is
 * told as a problem: what is no line of such a file, names that do not exist,
 * values that are not allowed, a setting that is set twice in this text.
 */
void reader_read(const struct config_text *text, struct config_document *document,
                 struct config_problems *problems);

#endif
