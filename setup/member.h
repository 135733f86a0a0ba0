/*
 * member.h - one of the chat's users, by its access token: what it can see and do there
 *
 * Every function returns STATUS_DONE, or another status with the reason in `err`.
 */
#ifndef CHATRELAY_SETUP_MEMBER_H
#define CHATRELAY_SETUP_MEMBER_H

#include "chat/participants.h"
#include "chat/thread_list.h"
#include "queue/courier.h"
#include "setup/status.h"
#include "setup/web.h"

/* Everything is borrowed. */
struct member {
    struct web *web;
    const char *endpoint, *ca_file, *proxy, *api_version;
    const char *identity;
    const char *token; /* a secret */
};

/* ACS: the same `request_id` of the same user is the same thread. `*id` is to be freed. */
enum status member_make_thread(const struct member *member, const char *topic,
                               const char *request_id, char **id, struct error *err);

/* STATUS_NOT_FOUND: there is none; STATUS_BAD_DATA: the id is none of a thread; STATUS_DENIED: it
 * is not for this user. */
enum status member_see_thread(const struct member *member, const char *thread,
                              struct thread_properties *properties, struct error *err);

/* `list` is to be cleared, and empty before; also when it failed half-way. */
enum status member_list_threads(const struct member *member, struct thread_list *list,
                                struct error *err);

enum status member_list_people(const struct member *member, const char *thread,
                               struct participants *people, struct error *err);

/*
 * Let somebody in, who then sees what was said since `history_from_at`, an instant of the service's
 * clock. STATUS_NOT_FOUND: the chat did not take this person.
 */
enum status member_add(const struct member *member, const char *thread, const char *identity,
                       const char *name, msec_t history_from_at, struct error *err);

enum status member_remove(const struct member *member, const char *thread, const char *identity,
                          struct error *err);

/* Post `message`, of which the content, display name, type and stamp count. */
enum status member_post(const struct member *member, const char *thread,
                        const struct message *message, struct error *err);

/* A message as the chat shows it. */
struct shown {
    char *content, *name; /* "" when there is none */
    msec_t created_at;
};

/* Also for CLEANUP() and zeroed ones. */
void shown_clear(struct shown *shown);

/*
 * The message with that stamp among the newest of the thread; STATUS_NOT_FOUND when it is not
 * there. An empty stamp stands for the newest message that a person or program wrote.
 */
enum status member_find(const struct member *member, const char *thread, const char *stamp,
                        struct shown *shown, struct error *err);

#endif
