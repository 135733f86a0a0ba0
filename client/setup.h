/*
 * setup.h - `chatrelay setup`, which is a program of its own: it speaks HTTP, and we do not
 */
#ifndef CHATRELAY_CLIENT_SETUP_H
#define CHATRELAY_CLIENT_SETUP_H

#include "client/exit_code.h"

/*
 * Become chatrelay-setup, with the words behind "setup": the one beside this program, or else
 * the one in $PATH. Returns only when there is none.
 */
enum exit_code setup_become(char *const *words);

#endif
