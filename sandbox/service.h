/*
 * service.h - the stand-in for one ACS resource
 */
#ifndef CHATRELAY_SANDBOX_SERVICE_H
#define CHATRELAY_SANDBOX_SERVICE_H

#include "sandbox/fault_plan.h"
#include "sandbox/service_clock.h"
#include "sandbox/signature.h"
#include "sandbox/store.h"
#include "sandbox/token_book.h"

struct service {
    struct service_clock clock;
    struct access_key key;
    const char *entra_token;        /* borrowed; the Identity API takes it too; NULL: none */
    struct limit send_limit;        /* ACS: per thread; sends, updates and deletes share it */
    struct limit list_limit;        /* ACS: per user and thread */
    struct limit thread_list_limit; /* ACS: per thread */
    struct limit get_limit;         /* ACS: per user and thread */
    enum error_shape error_shape;   /* of the chat API's refusals */
    bool unauthorized_is_empty;     /* ACS: a 401 was seen without a body, too */
    enum retry_after_form retry_after_form;
    bool links_are_https;       /* clients come through TLS that somebody else ends */
    size_t content_limit_bytes; /* ACS: about 28 KB */
    struct store store;
    struct token_book tokens;
    struct fault_plan faults;
};

/* As ACS documents it, with a random key. */
void service_init(struct service *service);
void service_clear(struct service *service);

/* A token for the identity, valid from now for `lifetime_ms` of the service's time. To be freed. */
char *service_token(const struct service *service, const struct identity *identity,
                    const char *scope, msec_t lifetime_ms, msec_t *expires_at);

/* A new id that nobody has: "8:acs:GUID_GUID", "19:acsV1_...@thread.v2". To be freed. */
char *service_new_identity_id(void);
char *service_new_thread_id(void);

/* Make a thread whose first participant is its creator. Nothing has been said in it yet. */
struct thread *service_add_thread(struct service *service, const char *id, const char *topic,
                                  struct identity *creator);

/* Say what the service says first in a thread: who is in it, and its topic. */
void service_say_creation(struct service *service, struct thread *thread);

/* Say in the thread who came (MESSAGE_PARTICIPANT_ADDED) or left. Takes the ChatParticipants over.
 */
void service_say_participants(struct service *service, struct thread *thread,
                              enum message_type type, const struct identity *initiator,
                              json_t *participants);

/* Say in the thread that its topic is what it is now. */
void service_say_topic(struct service *service, struct thread *thread,
                       const struct identity *initiator);

/* Has somebody, or its retention policy, taken the thread away? Marks it so in the latter case. */
bool service_thread_is_gone(const struct service *service, struct thread *thread);

#endif
