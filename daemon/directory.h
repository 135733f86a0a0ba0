/*
 * directory.h - the threads of the settings, and who may do what with them
 *
 * What the settings say in names, the directory has in the numbers that the
 * kernel and the outbox use.
 */
#ifndef CHATRELAY_DAEMON_DIRECTORY_H
#define CHATRELAY_DAEMON_DIRECTORY_H

#include "daemon/access.h"
#include "queue/dispatcher.h"
#include "wire/refusal.h"

struct directory_thread {
    const struct config_thread *settings;
    struct access_list allow;
    int64_t number; /* outbox_thread(); 0 until directory_number() */
};

struct directory_quota {
    struct access_list who;
    int64_t waiting; /* messages */
};

struct directory {
    const struct config *config;
    struct directory_thread *threads; /* by name */
    size_t thread_count;
    struct directory_quota *quotas;
    size_t quota_count;
    struct access_list operators;
};

/* `config` is borrowed. The daemon's own user may do everything. */
struct directory *directory_new(const struct config *config);

/* NULL is fine. */
void directory_free(struct directory *directory);

/* Learn, or give out, the numbers of all threads. */
void directory_number(struct directory *directory, struct outbox *outbox);

/* NULL when there is none of that name; a name of NULL asks for the default thread. */
const struct directory_thread *directory_find(const struct directory *directory, const char *name);

/* By its number; NULL when it is not in the settings. */
const struct directory_thread *directory_by_number(const struct directory *directory,
                                                   int64_t number);

/*
 * There is no `what` ("thread", perhaps also something else) of that name, but
 * perhaps a thread of a similar one. Always false.
 */
bool directory_refuse_unknown(const struct directory *directory, const char *what, const char *name,
                              const char *field, struct refusal *refusal);

bool directory_is_operator(const struct directory *directory, const struct asker *asker);
bool directory_admits(const struct directory_thread *thread, const struct asker *asker);

/* A thread is for those who may send to it, a message for its owner; both for operators. */
bool directory_may_see_thread(const struct directory *directory, const struct asker *asker,
                              const struct directory_thread *thread);
bool directory_may_see_message(const struct directory *directory, const struct asker *asker,
                               const struct message *message);

/* The most messages that the asker may have waiting; INT64_MAX without a quota. */
int64_t directory_quota_of(const struct directory *directory, const struct asker *asker);

/* What the dispatcher needs to know of every thread. The caller frees the array; strings are
 * borrowed. */
struct route_setup *directory_routes(const struct directory *directory);

#endif
