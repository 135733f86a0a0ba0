/*
 * secret.h - what may be a secret, and so is not to be repeated
 */
#ifndef CHATRELAY_CONFIG_SECRET_H
#define CHATRELAY_CONFIG_SECRET_H

#include <stdbool.h>

/*
 * Whether a text that stands where it should not looks like an access key, a
 * token, a connection string or a URL with a password: then it is not repeated
 * in any message.
 */
bool secret_is_likely(const char *text);

#endif
