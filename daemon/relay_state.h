/*
 * relay_state.h - what the relay's files share; for them alone
 */
#ifndef CHATRELAY_DAEMON_RELAY_STATE_H
#define CHATRELAY_DAEMON_RELAY_STATE_H

#include "daemon/alarm.h"
#include "daemon/desk.h"
#include "daemon/intake.h"
#include "daemon/pager.h"
#include "daemon/relay.h"

enum { RELAY_SIGNALS = 3 };

struct relay {
    const char *config_path;
    struct config *config;
    const struct clock *clock;
    struct result_log *log;

    struct event_base *loop;
    struct event *signals[RELAY_SIGNALS];
    struct alarm *alarm;
    struct pager *pager;
    struct directory *directory;
    struct queue_floor *floor;
    struct chat_reader *reader;
    struct intake *intake;
    struct waits waits;
    struct dice dice;
    struct desk desk;

    char *socket_path; /* to be removed at the end; NULL when systemd made it */
    bool stop_asked, reload_asked;
    bool stopping;
    msec_t stop_by_steady_at; /* while stopping */
    msec_t changed_steady_at; /* the latest turn with a change */
    bool tended;              /* since then */
    msec_t alive_steady_at;   /* when the supervisor was told that we turn */
    char *status;             /* as the supervisor was told */
    msec_t told_steady_at;    /* then */
};

/* What people read names its times in this zone; tzset(3) has it for the whole process. */
void relay_set_time_zone(const struct config *config);

/* Read the settings again. All or nothing: bad ones change nothing, and the log says why. */
void relay_reload(struct relay *relay);

/* Say so if the outbox is a copy or a backup. */
void relay_say_if_copy(const struct relay *relay);

/* One turn. True when the next one must not wait for anything. */
bool relay_take_turn(struct relay *relay);

/* Tell the supervisor how we are. Returns how long until that is to be done again. */
msec_t relay_tell_status(struct relay *relay, struct moment now);

/* There is no next turn. */
bool relay_is_done(const struct relay *relay);

#endif
