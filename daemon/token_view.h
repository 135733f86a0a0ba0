/*
 * token_view.h - how the senders' access tokens are, as the answers show it
 */
#ifndef CHATRELAY_DAEMON_TOKEN_VIEW_H
#define CHATRELAY_DAEMON_TOKEN_VIEW_H

#include "daemon/desk.h"
#include "queue/diagnosis.h"

/* An array; of one sender alone, or of all for NULL. `worst` is raised to the worst of them. */
json_t *token_view_all(const struct desk *desk, const char *sender, enum level *worst);

/* Whether there is such a sender in the settings. */
bool token_view_knows(const struct desk *desk, const char *sender);

/* Pure. `is_renewed`: by us; a token out of a file is not. */
enum level token_view_level(const struct token_status *status, bool is_renewed, msec_t now_at);

#endif
