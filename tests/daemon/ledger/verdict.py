"""Holds the clerks' books, the relay's database and the sandbox's ledger against each other.

A verdict is a list of sentences; an empty one is good.
"""

import collections
import re

STATES = ("scheduled", "pending", "held", "sent", "folded", "expired", "cancelled", "dead")
REFUSED_FOR_GOOD = (400, 413, 415)
KIND_DIGEST = 3

# A digest, as people read it: a line that counts, then one for each message with its time.
CLOCK = r"(?:\w{3} \d+ \w{3} )?\d\d:\d\d"
MARKS = r"; \* marks the first of each of \d+ kinds"
DIGEST_HEAD = re.compile(rf"(\d+) messages, {CLOCK}(?: to {CLOCK})? \w+(?:{MARKS})?")
DIGEST_LINE = re.compile(r"(?:\* )?\d\d:\d\d (.*)")
DIGEST_DAY = re.compile(r"\w{3} \d+ \w{3}")


class Row:
    def __init__(self, values):
        (self.id, self.lane, self.rank, state, self.remote_id, self.stamp, self.is_doubted,
         self.last_http, self.content, kind, self.into_id, self.reason) = values
        self.state = STATES[state]
        self.is_digest = kind == KIND_DIGEST


def read_rows(relay):
    query = ("SELECT id, lane, rank, state, remote_id, stamp, "
             "EXISTS (SELECT 1 FROM doubt WHERE message = m.id), "
             "last.http, content, kind, into_id, reason FROM message AS m LEFT JOIN "
             "(SELECT message, http, max(number) FROM attempt GROUP BY message) AS last "
             "ON last.message = m.id")
    return {row[0]: Row(row) for row in relay.rows(query)}


def books_balance(relay):
    """What was counted is what is there: all as state 8, and what is not pending by its own."""
    counted = relay.rows("SELECT state, sum(messages) FROM tally GROUP BY state "
                         "HAVING sum(messages) > 0 ORDER BY state")
    there = relay.rows("SELECT state, count(*) FROM message WHERE state != 1 GROUP BY state "
                       "UNION ALL SELECT 8, count(*) FROM message HAVING count(*) > 0 ORDER BY 1")
    if counted != there:
        yield f"the tally has {counted}, the rows are {there}"
    for answer, in relay.rows("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"the database is damaged: {answer}"
    for number, in relay.rows("SELECT message FROM attempt WHERE ended_at IS NULL"):
        yield f"an attempt of {number} has no end"
    for number, in relay.rows("SELECT id FROM message LEFT JOIN (SELECT message, count(*) AS filed "
                              "FROM attempt GROUP BY message) ON message = id "
                              "WHERE attempts != ifnull(filed, 0)"):
        yield f"{number} has not as many attempts as it says"
    for number, in relay.rows("SELECT message FROM attempt JOIN message AS m ON m.id = message "
                              "WHERE number = 1 AND first_attempt IS NOT attempt.id"):
        yield f"{number} does not know where its first attempt is"


def end_of(row, rows):
    """What is folded has the end of what it went into."""
    return rows[row.into_id] if row.state == "folded" else row


def nothing_lost(entries, rows, operator):
    for entry in entries:
        if entry.id is None:
            continue
        row = rows.get(entry.id)
        if not row:
            yield f"{entry.id} was accepted and is not in the database"
            continue
        if row.content != entry.content:
            yield f"{entry.id} has another content than was accepted"
        row = end_of(row, rows)
        if row.state not in ("sent", "expired", "dead", "cancelled"):
            yield f"{entry.id} ended as {row.state}"
        elif entry.was_sent and row.state != "sent":
            yield f"{entry.id} was told to be sent, and is {row.state}"
        elif row.reason == "unfolded":
            yield f"{entry.id} is in digest {row.id}, which is no more"
        elif row.state == "cancelled" and row.id not in operator.cancelled:
            yield f"{entry.id} was cancelled by nobody"
        elif row.state == "expired" and "ttl" not in entry.fields:
            yield f"{entry.id} expired without a ttl"


def nothing_made_up(entries, rows):
    """Every row is one that somebody knows of, and nothing is stored twice."""
    by_content = {entry.content: entry for entry in entries}
    seen = set()
    for row in rows.values():
        if row.is_digest:
            continue
        entry = by_content.get(row.content)
        if not entry or (entry.id != row.id and not entry.unknown):
            yield f"{row.id} is in the database, and nobody was told so"
        elif row.content in seen:
            yield f"{row.id} is stored a second time"
        seen.add(row.content)


def without_mark(message):
    """The content, without the words that say how late it is."""
    return re.sub(r"^\[sent [^]]* ago\] ", "", message["content"]["message"])


def texts_in(message):
    """Those of a digest's messages in order, or the one that it is."""
    head, *lines = message["content"]["message"].split("\n")
    counted = DIGEST_HEAD.fullmatch(head)
    if not counted:
        return [without_mark(message)]
    texts = [DIGEST_LINE.fullmatch(line)[1] for line in lines if not DIGEST_DAY.fullmatch(line)]
    return texts if len(texts) == int(counted[1]) else [f"miscounted: {head}"]


def once_in_the_chat(rows, appeared):
    by_content = collections.Counter(text for message in appeared for text in texts_in(message))
    by_stamp = {message["metadata"]["chatrelayId"]: message for message in appeared}
    stamps = collections.Counter(message["metadata"]["chatrelayId"] for message in appeared)
    for row in rows.values():
        times = stamps[row.stamp] if row.is_digest else by_content.pop(row.content, 0)
        if times != (end_of(row, rows).state == "sent"):
            yield f"{row.id} is {row.state} and appeared {times} times"
        # None is a 201 that broke off before it told the id.
        elif row.state == "sent" and row.remote_id not in (None, by_stamp[row.stamp]["id"]):
            yield f"{row.id} is not {row.remote_id} but {by_stamp[row.stamp]['id']} in the chat"
        if row.state in ("sent", "expired") and row.is_doubted:
            yield f"{row.id} is {row.state} and in doubt"
        if row.state == "dead" and row.last_http not in REFUSED_FOR_GOOD:
            yield f"{row.id} is dead after {row.last_http}"
    for content in by_content:
        yield f"{content[:60]!r} appeared and is no message of ours"


def in_order(rows, appeared, operator):
    """Within a lane, by rank; but what was held comes back to a place that others have passed."""
    by_content = {row.content: row for row in rows.values()
                  if row.id not in operator.held and not row.is_digest}
    latest = {}
    for text in (text for message in appeared for text in texts_in(message)):
        row = by_content.get(text)
        if not row:
            continue
        before = latest.setdefault(row.lane, row)
        if before.rank > row.rank:
            yield f"{before.id} appeared before {row.id} of the same lane"
        latest[row.lane] = row


def within_budget(sandbox):
    over = sandbox.count("overLimit")
    if over:
        stats = sandbox.ask("GET", "/sandbox/stats").decode()
        yield f"{over} requests were over the limit: {stats}"


def judge(entries, operator, relay, sandbox):
    """The relay must be stopped: what counts is what is on disk."""
    rows = read_rows(relay)
    appeared = sandbox.ledger()
    return [*books_balance(relay), *nothing_lost(entries, rows, operator),
            *nothing_made_up(entries, rows), *once_in_the_chat(rows, appeared),
            *in_order(rows, appeared, operator), *within_budget(sandbox)]
