/*
 * secret_file.h - files that only their owner may read
 */
#ifndef CHATRELAY_SANDBOX_SECRET_FILE_H
#define CHATRELAY_SANDBOX_SECRET_FILE_H

#include "base/error.h"

/*
 * Write the secret and a line end, mode 0600. Whoever reads the file at any
 * moment sees the old contents or the new, whole.
 */
MUST_CHECK bool secret_file_write(const char *path, const char *secret, struct error *err);

#endif
