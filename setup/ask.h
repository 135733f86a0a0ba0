/*
 * ask.h - questions to whoever sits at the terminal
 */
#ifndef CHATRELAY_SETUP_ASK_H
#define CHATRELAY_SETUP_ASK_H

#include "base/error.h"

/*
 * A line that is not shown while it is typed, without white space around it; to be given
 * back to secret_wipe(). NULL when there is no terminal, or it was broken off.
 */
MUST_CHECK char *ask_secret(const char *question, struct error *err);

/*
 * Whether the answer is yes; an empty line is what `standard` is. False also without a terminal,
 * which `err` says.
 */
MUST_CHECK bool ask_yes(const char *question, bool standard, struct error *err);

#endif
