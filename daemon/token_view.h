/*
 * token_view.h - how the senders' access tokens are
 */
#ifndef CHATRELAY_DAEMON_TOKEN_VIEW_H
#define CHATRELAY_DAEMON_TOKEN_VIEW_H

#include "chat/token.h"
#include "daemon/desk.h"
#include "queue/diagnosis.h"

/* Pure. One that nobody renews needs a person before it expires. */
enum level token_level(const struct token_status *status, msec_t now_at);

/* Put what is known of a sender's token into `object` as `token`; nothing when nothing is. */
void token_view_add(const struct desk *desk, json_t *object, const char *sender);

/*
 * An array of the senders whose tokens expire and are not renewed, or could not
 * be had, the worst first, of those that the asker may send as. `worst` is raised
 * to the worst of them.
 */
json_t *token_view_troubles(const struct desk *desk, const struct asker *asker, enum level *worst);

#endif
