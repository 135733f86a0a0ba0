"""Holds the clerks' books, the relay's database and the sandbox's ledger against each other.

A verdict is a list of sentences; an empty one is good.
"""

import collections
import re

STATES = ("scheduled", "pending", "held", "sent", "folded", "expired", "cancelled", "dead")
REFUSED_FOR_GOOD = (400, 413, 415)


class Row:
    def __init__(self, values):
        (self.id, self.lane, self.rank, state, self.remote_id, self.stamp, self.is_doubted,
         self.last_http, self.content) = values
        self.state = STATES[state]


def read_rows(relay):
    query = ("SELECT id, lane, rank, state, remote_id, stamp, "
             "EXISTS (SELECT 1 FROM doubt WHERE message = m.id), "
             "(SELECT http FROM attempt WHERE message = m.id ORDER BY number DESC LIMIT 1), "
             "content FROM message AS m")
    return {row[0]: Row(row) for row in relay.rows(query)}


def books_balance(relay):
    """What was counted is what is there."""
    counted = relay.rows("SELECT state, sum(messages) FROM tally GROUP BY state "
                         "HAVING sum(messages) > 0")
    there = relay.rows("SELECT state, count(*) FROM message GROUP BY state")
    if counted != there:
        yield f"the tally has {counted}, the rows are {there}"
    for answer, in relay.rows("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"the database is damaged: {answer}"
    for number, in relay.rows("SELECT message FROM attempt WHERE ended_at IS NULL"):
        yield f"an attempt of {number} has no end"
    for number, in relay.rows("SELECT id FROM message AS m WHERE attempts != "
                              "(SELECT count(*) FROM attempt WHERE message = m.id)"):
        yield f"{number} has not as many attempts as it says"


def nothing_lost(entries, rows, operator):
    for entry in entries:
        if entry.id is None:
            continue
        row = rows.get(entry.id)
        if not row:
            yield f"{entry.id} was accepted and is not in the database"
        elif row.content != entry.content:
            yield f"{entry.id} has another content than was accepted"
        elif row.state not in ("sent", "expired", "dead", "cancelled"):
            yield f"{entry.id} ended as {row.state}"
        elif entry.was_sent and row.state != "sent":
            yield f"{entry.id} was told to be sent, and is {row.state}"
        elif row.state == "cancelled" and entry.id not in operator.cancelled:
            yield f"{entry.id} was cancelled by nobody"
        elif row.state == "expired" and "ttl" not in entry.fields:
            yield f"{entry.id} expired without a ttl"


def nothing_made_up(entries, rows):
    """Every row is one that somebody knows of, and nothing is stored twice."""
    by_content = {entry.content: entry for entry in entries}
    seen = set()
    for row in rows.values():
        entry = by_content.get(row.content)
        if not entry or (entry.id != row.id and not entry.unknown):
            yield f"{row.id} is in the database, and nobody was told so"
        elif row.content in seen:
            yield f"{row.id} is stored a second time"
        seen.add(row.content)


def without_mark(message):
    """The content, without the words that say how late it is."""
    return re.sub(r"^\[sent [^]]* ago\] ", "", message["content"]["message"])


def once_in_the_chat(rows, appeared):
    by_content = collections.Counter(without_mark(message) for message in appeared)
    by_stamp = {message["metadata"]["chatrelayId"]: message for message in appeared}
    for row in rows.values():
        times = by_content.pop(row.content, 0)
        if times != (row.state == "sent"):
            yield f"{row.id} is {row.state} and appeared {times} times"
        # "" is a 201 that broke off before it told the id.
        elif row.state == "sent" and row.remote_id not in ("", by_stamp[row.stamp]["id"]):
            yield f"{row.id} is not {row.remote_id} but {by_stamp[row.stamp]['id']} in the chat"
        if row.state in ("sent", "expired") and row.is_doubted:
            yield f"{row.id} is {row.state} and in doubt"
        if row.state == "dead" and row.last_http not in REFUSED_FOR_GOOD:
            yield f"{row.id} is dead after {row.last_http}"
    for content in by_content:
        yield f"{content[:60]!r} appeared and is no message of ours"


def in_order(rows, appeared, operator):
    """Within a lane, by rank; but what was held comes back to a place that others have passed."""
    by_stamp = {row.stamp: row for row in rows.values() if row.id not in operator.held}
    latest = {}
    for message in appeared:
        row = by_stamp.get(message["metadata"]["chatrelayId"])
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
