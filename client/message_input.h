/*
 * message_input.h - a message as the user gives it: on the command line, in a file, or by a pipe
 */
#ifndef CHATRELAY_CLIENT_MESSAGE_INPUT_H
#define CHATRELAY_CLIENT_MESSAGE_INPUT_H

#include "base/error.h"
#include "base/text.h"
#include "client/option.h"

/*
 * The arguments from `first` on, joined by blanks; when there are none the file, or standard input
 * for NULL and "-", without the newlines at its end. Appends to `raw`.
 */
MUST_CHECK bool message_input_read(const struct strings *arguments, size_t first, const char *path,
                                   struct text *raw, struct error *err);

#endif
