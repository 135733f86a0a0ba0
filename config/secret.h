/*
 * secret.h - where secrets are, never what they are
 */
#ifndef CHATRELAY_CONFIG_SECRET_H
#define CHATRELAY_CONFIG_SECRET_H

#include "base/error.h"

#include <stdbool.h>

/* An absolute path, or credential:NAME with a NAME that is a plain file name. */
MUST_CHECK bool secret_reference_is_valid(const char *reference, struct error *err);

/* Whether it names a systemd credential, and not a path. */
bool secret_is_credential(const char *reference);

/*
 * Whether a text that stands where it should not looks like an access key, a
 * token, a connection string or a URL with a password: then it is not repeated
 * in any message.
 */
bool secret_is_likely(const char *text);

#endif
