/*
 * token_view.h - how the senders' access tokens are, as the answers show it
 */
#ifndef CHATRELAY_DAEMON_TOKEN_VIEW_H
#define CHATRELAY_DAEMON_TOKEN_VIEW_H

#include "base/text.h"
#include "chat/token.h"
#include "daemon/desk.h"
#include "queue/diagnosis.h"

/*
 * How much it is a person's affair when nobody asked: who renews a file once a day is not to be
 * told all day long. Pure.
 */
enum level token_view_level(const struct token_status *status, msec_t now_at);

/* An array; of one sender alone, or of all for NULL. `worst` is raised to the worst of them. */
json_t *token_view_all(const struct desk *desk, const char *sender, enum level *worst);

/* Whether there is such a sender in the settings. */
bool token_view_knows(const struct desk *desk, const char *sender);

/* Put what is known of a sender's token into `object` as `token`; nothing when nothing is. */
void token_view_add(const struct desk *desk, json_t *object, const char *sender);

/*
 * An array of the senders whose tokens expire and are not renewed, or could not
 * be had, the worst first, of those that the asker may send as. `worst` is raised
 * to the worst of them.
 */
json_t *token_view_troubles(const struct desk *desk, const struct asker *asker, enum level *worst);

/*
 * A line for each sender whose token needs a person now, as token_view_troubles() has it; `most`
 * of them are named. True if that is worth a call: that a token could not be had is, from the
 * second time on, or when it was not tried again for a minute.
 */
bool token_view_say_needs(const struct desk *desk, size_t most, struct text *text);

#endif
