/*
 * desk.h - where requests are answered
 *
 * One line in, one line out, as chatrelay-protocol(7) has it. Whatever a
 * request changes is part of the turn, and so is its answer.
 */
#ifndef CHATRELAY_DAEMON_DESK_H
#define CHATRELAY_DAEMON_DESK_H

#include "daemon/bookmark.h"
#include "daemon/chat_reader.h"
#include "daemon/peer.h"
#include "daemon/queue_floor.h"
#include "daemon/result_log.h"
#include "daemon/today.h"
#include "daemon/token_watch.h"

/* Messages that were lost since the start, as desk_is_lost() has it. */
struct losses {
    int64_t count;
    int64_t latest_id;
    msec_t latest_at;
};

/* What the desk works with. All of it is borrowed; the relay keeps it up to date. */
struct desk {
    struct queue_floor *floor;
    struct directory *directory;
    struct result_log *log;
    struct dice *dice;
    struct waits *waits;
    struct peer *followers; /* of the log: a list */
    struct chat_reader *reader;
    struct backup_desk *backups;
    struct chat_follow *follows; /* threads that somebody follows: a list */
    struct sighting *sightings;  /* messages that somebody waits to see: a list */
    struct checkup *checkups;    /* of all threads: a list */
    int64_t latest_look;         /* the number of the latest look of theirs that was begun */
    struct checking *checkings;  /* those who asked for some: a list */
    struct token_watch token_watch;
    struct bookmarks bookmarks;
    struct moment now; /* of this turn */
    msec_t started_at;
    struct losses losses;
    struct losses new_losses; /* of this turn, which may yet be undone */
    int64_t recovered;        /* of the losses: brought back by a retry */
    int64_t new_recovered;    /* likewise of this turn */
    struct today today;
    bool has_room;    /* the file system has min_free left, or more */
    bool has_browsed; /* many rows were read in this turn: that is a turn's worth of work */
};

/* Answer one line. */
void desk_handle(struct desk *desk, struct peer *peer, const char *line, size_t length);

/* A message's state has changed: who waits for its end is called. */
void desk_notice(struct desk *desk, const struct message *message);

/* Whether its end counts as a loss: one of the relay's own word does not. */
bool desk_is_lost(const struct message *message);

/* For the files of the desk: refuse the request. */
void desk_refuse(struct desk *desk, struct peer *peer, const struct request *request,
                 const struct refusal *refusal);

/* Likewise: answer it with {"ok":true} and these members. Takes `members` over. */
void desk_answer(struct desk *desk, struct peer *peer, const struct request *request,
                 json_t *members);

/* For an answer whose times people are shown: the zone that the settings want, as `time_zone`. */
void desk_name_time_zone(const struct desk *desk, json_t *members);

/* The name of a message's thread, "" when the outbox has failed; to be freed. */
char *desk_thread_name(const struct desk *desk, const struct message *message);

/* The message `id`, if it exists and the asker may see it; else the request is refused. */
bool desk_load(struct desk *desk, struct peer *peer, const struct request *request, int64_t id,
               struct message *message);

#endif
