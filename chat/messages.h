/*
 * messages.h - the chat's Messages operations, as bytes. Pure.
 *
 * ACS Chat, Messages: Send, List, Get, Update and Delete Chat Message.
 */
#ifndef CHATRELAY_CHAT_MESSAGES_H
#define CHATRELAY_CHAT_MESSAGES_H

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "queue/message.h"

#include <stddef.h>

enum { REMOTE_ID_SIZE = 64, MESSAGES_LONGEST_PAGE = 200 };

/* Every message we send carries its stamp as this metadata, so that it can be found. */
extern const char messages_stamp_key[];

/* All append. `endpoint` may end in a slash; `thread` is the chat's id, not encoded. */
void messages_send_url(struct text *url, const char *endpoint, const char *thread,
                       const char *api_version);

/* `since_at` 0: from the beginning. `page_size` is 1 to MESSAGES_LONGEST_PAGE. */
void messages_list_url(struct text *url, const char *endpoint, const char *thread,
                       const char *api_version, int page_size, msec_t since_at);

/* Of one message: `id` is what the chat calls it. */
void messages_one_url(struct text *url, const char *endpoint, const char *thread,
                      const char *api_version, const char *id);

/*
 * The request's JSON. `default_name` stands in for a message without a
 * display_name and may be NULL. Metadata that is no JSON object is left out:
 * nobody lets such in, and the content matters more.
 */
void messages_send_body(struct text *body, const struct message *message, const char *default_name);

/* Likewise of an update: its content, and nothing else. */
void messages_update_body(struct text *body, const struct message *message);

/*
 * What the chat calls the message it took. ACS: its Location header (may be NULL)
 * ends in /messages/ID, and the answer's body is {"id":ID}; the header is read, and
 * the body, which takes longer, where that does not tell. "" when neither does. An
 * id is letters, digits and -._~ only.
 */
void messages_remote_id(const char *body, size_t length, const char *location,
                        char id[REMOTE_ID_SIZE]);

/* An end of a digest; zeroed for none. */
struct stamped_end {
    char stamp[STAMP_LENGTH + 1];
    int64_t rank;
};

/* A message that carries a stamp of ours, or somebody's whose stamp looks the same. */
struct stamped {
    char id[REMOTE_ID_SIZE];
    char author[256]; /* the identity that sent it; "" when it does not say */
    char stamp[STAMP_LENGTH + 1];
    struct stamped_end first, last; /* of a digest: messages that are in it; both or none */
};

struct message_page {
    struct stamped *found; /* messages without stamp are left out */
    size_t found_count;
    char *next_link; /* NULL on the last page */
};

/*
 * Read a page of List Chat Messages: {"value":[...],"nextLink":"..."}. Fields we
 * do not know are ignored. False, with an empty page, when it is not such a page
 * or a message with a stamp has no id.
 */
MUST_CHECK bool message_page_parse(struct message_page *page, const char *body, size_t length,
                                   struct error *err);

/* Also for CLEANUP() and zeroed pages. */
void message_page_clear(struct message_page *page);

#endif
