/*
 * account.h - the users and groups that this machine knows, by their names
 *
 * Who answers may be a directory in the network: all wait for it. One that does not
 * answer knows nobody.
 */
#ifndef CHATRELAY_BASE_ACCOUNT_H
#define CHATRELAY_BASE_ACCOUNT_H

#include "base/attributes.h"

#include <stdbool.h>
#include <sys/types.h>

/* False when there is no such user, and then `*uid` is left as it was. */
MUST_CHECK bool account_find_user(const char *name, uid_t *uid);

/* The same of a group, whose name comes without "@". */
MUST_CHECK bool account_find_group(const char *name, gid_t *gid);

/* The name of a user, or the number in decimal; to be freed. */
MUST_CHECK char *account_user_name(uid_t uid);

#endif
