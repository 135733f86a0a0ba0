/*
 * relay.h - one question to the relay, asked until it is answered
 *
 * A relay that is away (it restarts, it is being upgraded) is tried again, with
 * pauses, within the time-out. A question whose connection broke is asked again,
 * so it must be harmless to do twice what it asks:
 *
 *     send                            carries a `once`
 *     show, list, log, read, ...      only read
 *     cancel, hold, release, pause,   leave what they have changed already as it is; for how long a
 *     resume, flush                   thread pauses counts from the last time
 *     retry                           brings back only what has ended
 *     edit                            puts the same text there again
 *     unsend                          takes nothing back twice
 *
 * What was changed by the first try may have another state by the second, which is then refused:
 * that is EXIT_CODE_UNKNOWN, and not "not done"; so is a change that was never answered.
 *
 * An answer that names a `time_zone` sets the process's, tzset(3), in which all
 * times are shown.
 */
#ifndef CHATRELAY_CLIENT_RELAY_H
#define CHATRELAY_CLIENT_RELAY_H

#include "base/text.h"
#include "client/connection.h"
#include "client/verb.h"
#include "wire/answer.h"

enum { RELAY_CHAT_TAKES_MS = 60 * 1000 }; /* for an answer about one thread or message */

struct relay {
    const char *path;
    msec_t timeout_ms;
    int passes_fd;                /* an open file that goes along with the question; 0 for none */
    struct connection connection; /* kept open from question to question */
};

enum relay_result {
    RELAY_ANSWERED,
    RELAY_UNREACHABLE, /* nobody there in time; nothing was handed over */
    RELAY_FORBIDDEN,   /* we may not open the socket; nothing was handed over */
    RELAY_IMPOSSIBLE,  /* the path is wrong; nothing was handed over */
    RELAY_SILENT,      /* handed over, and no answer came: it may or may not have been done */
    RELAY_GARBLED,     /* what came was no answer; it may or may not have been done */
};

/* By --socket, $CHATRELAY_SOCKET or the usual place. Nothing is opened yet. */
struct relay relay_named_by(const struct common_options *options);

/*
 * Hand over `line` (with its newline) and read the answer, which the caller
 * clears. The answer must be there by `answer_by`, an instant of the steady clock;
 * a connection that held for a while renews the time to reach the relay. `*repeated` says that the
 * line had been handed over before, without an answer. On anything but RELAY_ANSWERED `err` says
 * why.
 */
MUST_CHECK enum relay_result relay_ask(struct relay *relay, const struct text *line,
                                       msec_t answer_by, struct answer *answer, bool *repeated,
                                       struct error *err);

/*
 * The same for a request that time changes: `make` writes its line, into an empty text,
 * each time it is handed over.
 */
MUST_CHECK enum relay_result relay_ask_anew(struct relay *relay,
                                            void (*make)(void *context, struct text *line),
                                            void *context, msec_t answer_by, struct answer *answer,
                                            struct error *err);

/* The instant at which the time-out is over, if it begins now. */
msec_t relay_deadline(const struct relay *relay);

/*
 * Ask within the time-out, and turn everything but an answer that is ok into words on
 * standard error and an exit code; what would be refused in any case, even while the relay is
 * away. True: `answer` is ok, the caller clears it.
 */
MUST_CHECK bool relay_ask_simply(struct relay *relay, const struct text *line, bool json,
                                 struct answer *answer, enum exit_code *code);

/*
 * The same of what changes something: handed over and not answered it may have been done, which is
 * EXIT_CODE_UNKNOWN. `look` is the command that tells, such as "chatrelay show 42".
 */
MUST_CHECK bool relay_ask_change(struct relay *relay, const struct text *line, const char *look,
                                 bool json, struct answer *answer, enum exit_code *code);

/*
 * Have the relay answer a hello within the time-out, unless the connection is open already: for
 * what may take much longer than the time-out, but not because nobody is there. False after saying
 * why, with the exit code.
 */
MUST_CHECK bool relay_greet(struct relay *relay, bool json, enum exit_code *code);

/*
 * Ask what the relay asks the chat first, within the chat's limits: the time-out is for
 * reaching the relay, as relay_greet() does, and the answer may take so much longer.
 */
MUST_CHECK bool relay_ask_chat(struct relay *relay, const struct text *line, msec_t chat_takes_ms,
                               bool json, struct answer *answer, enum exit_code *code);

enum exit_code relay_exit_code(enum relay_result result);

void relay_close(struct relay *relay);

#endif
