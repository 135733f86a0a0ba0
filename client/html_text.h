/*
 * html_text.h - what a message in HTML says, as text. Pure.
 *
 * No parser of HTML, but enough of one for what people and services write into a
 * chat: paragraphs and breaks are lines, items have a dash, a link is followed by
 * where it leads, a picture is named, and whatever else stands in angle brackets
 * is left out. Nothing it is given makes it fail.
 */
#ifndef CHATRELAY_CLIENT_HTML_TEXT_H
#define CHATRELAY_CLIENT_HTML_TEXT_H

#include "base/text.h"

/* Append the text of `html`, without blanks and newlines at its ends. */
void html_text(struct text *out, const char *html);

#endif
