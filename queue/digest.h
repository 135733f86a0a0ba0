/*
 * digest.h - waiting messages, read at a glance
 *
 *     133 messages, 03:12 to 03:19 UTC
 *     03:12 db01: disk full
 *     03:12 (x17 until 03:19) db02: connection refused
 *     03:13 Traceback (most recent call last):
 *         File "backup.py", line 7
 *     ...
 *
 * Times are to the minute and without a day, unless that is another than today.
 * A name stands in front of a text when the messages do not all have the same.
 * Where most lines differ from others in numbers alone (see likeness.h), the head
 * says so, and the first of each kind is marked, so that the rare ones are found:
 *
 *     242 messages, 02:04 to 04:12 UTC; * marks the first of each of 3 kinds
 *     * 02:04 sshd[20882]: failed for root from 218.188.2.4
 *     02:04 sshd[20884]: failed for root from 218.188.2.4
 *     * 04:06 logrotate: ALERT exited abnormally with [1]
 *     ...
 *
 * Pure: what goes into one, and how it reads, follows from the messages, the
 * settings and the time.
 */
#ifndef CHATRELAY_QUEUE_DIGEST_H
#define CHATRELAY_QUEUE_DIGEST_H

#include "base/attributes.h"
#include "queue/message.h"

/* On disk in no place: may be renumbered. */
enum digest_mode { DIGEST_OFF, DIGEST_BACKLOG, DIGEST_ALWAYS };

enum { DIGEST_MOST_MESSAGES = 1000 };

/* What the settings of a thread say. Zeroed, there are no digests. */
struct digest_rule {
    enum digest_mode mode;
    msec_t after_ms;  /* DIGEST_BACKLOG: when sent singly the last would wait longer than this */
    int64_t messages; /* most in one, up to DIGEST_MOST_MESSAGES */
    int64_t limit;    /* of content */
    bool utf16;       /* the limit counts UTF-16 units, else bytes */
};

/* Whether a lane is to send digests whose last message would wait so long without. */
bool digest_is_due(const struct digest_rule *rule, enum priority priority, msec_t wait_ms);

struct digest;

/* An empty one, to be composed now. `rule` is copied. */
struct digest *digest_new(const struct digest_rule *rule, msec_t now_at);
void digest_free(struct digest *digest);

/*
 * Join a lane's next message. False when it cannot be part of this one, and so
 * neither can those behind it: there is no room; it is of another type than
 * those before; it has metadata of its own, html that would change what follows
 * it, no content, or a doubt about it; or it is worthless by now.
 */
MUST_CHECK bool digest_join(struct digest *digest, const struct message *message);

/* Messages joined so far. */
size_t digest_count(const struct digest *digest);

/* What reads the digest's messages: text, to be freed. At least one has been joined. */
char *digest_compose(const struct digest *digest);

/* Their type, and the display name that all of them have; NULL if they differ, or have none. */
enum message_type digest_type(const struct digest *digest);
const char *digest_display_name(const struct digest *digest);

/* The time of the earliest of them. */
msec_t digest_since_at(const struct digest *digest);

/*
 * How many sends go before the message at `position` (from 1) of a lane where
 * `waiting` messages of so many bytes wait, and go into digests. `singly` is
 * how many of them can be sent within after_ms, and are not worth a digest.
 */
int64_t digest_sends_before(const struct digest_rule *rule, int64_t position, int64_t waiting,
                            int64_t bytes, int64_t singly);

#endif
