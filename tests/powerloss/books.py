"""What a disk's state must hold, given what the program had said by then."""

import contextlib
import json
import os
import re
import sqlite3

SENT, FINAL = 3, (3, 4, 5, 6, 7)
BATCH = re.compile(r"\d+ of (\d+) \w* in batch (\d+)")
DATABASE = "outbox.db"


class Said:
    """What clients and the chat were told so far."""

    def __init__(self, operations):
        self.ids, self.ended = set(), {}
        self.left = set()  # stamps of messages that the chat may have
        self.last_request = {operation[1]: number for number, operation in enumerate(operations)
                             if operation[0] == "requested"}

    def hear(self, number, operation):
        if operation[0] == "answered":
            self._hear_answer(json.loads(operation[1]))
        elif operation[0] == "requested":
            self.left.add(operation[1])
        elif operation[0] == "replied":
            # It may have been a no. Then the message will be requested again.
            self.left = {stamp for stamp in self.left if self.last_request[stamp] <= number}

    def _hear_answer(self, answer):
        if answer["ok"] and "id" in answer:
            self.ids.add(answer["id"])
            if answer["state"] == "sent":
                self.ended[answer["id"]] = "sent"

    def has_spoken(self):
        return bool(self.ids or self.left)


def check(folder, said):
    """A sentence for whatever is wrong."""
    path = os.path.join(folder, DATABASE)
    if not os.path.exists(path):
        return ["there is no database"] if said.has_spoken() else []
    try:
        with contextlib.closing(sqlite3.connect(path)) as database:
            return list(_faults(database, said))
    except sqlite3.DatabaseError as failure:
        return [f"the database cannot be read: {failure}"]


def _faults(database, said):
    for answer, in database.execute("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"damaged: {answer}"
    if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'message'").fetchone():
        if said.has_spoken():
            yield "there are no messages at all"
        return
    rows = {row[0]: row for row in database.execute(
        "SELECT id, state, stamp, EXISTS (SELECT 1 FROM doubt WHERE message = m.id), content "
        "FROM message AS m")}
    yield from _promises(rows, said)
    yield from _whole_turns(database, rows)


def _promises(rows, said):
    for number in said.ids - rows.keys():
        yield f"{number} was acknowledged and is not there"
    for number in said.ended:
        if number in rows and rows[number][1] != SENT:
            yield f"{number} was told to have ended, and has not"
    by_stamp = {row[2]: row for row in rows.values()}
    for stamp in said.left:
        row = by_stamp.get(stamp)
        if not row:
            yield "a message left that is not there"
        elif row[1] not in FINAL and not row[3]:
            yield f"{row[0]} left and is not in doubt"


def _whole_turns(database, rows):
    """What a turn changes together is there together."""
    # Of the tally: all are state 8, and what is not pending is its own as well.
    counted = database.execute("SELECT state, sum(messages) FROM tally GROUP BY state "
                               "HAVING sum(messages) > 0 ORDER BY state").fetchall()
    there = database.execute("SELECT state, count(*) FROM message WHERE state != 1 GROUP BY state "
                             "UNION ALL SELECT 8, count(*) FROM message HAVING count(*) > 0 "
                             "ORDER BY 1").fetchall()
    if counted != there:
        yield f"the tally has {counted}, the rows are {there}"
    # What is in doubt learns of its attempt later.
    for number, in database.execute(
            "SELECT id FROM message LEFT JOIN (SELECT message, count(*) AS filed FROM attempt "
            "GROUP BY message) ON message = id WHERE id NOT IN (SELECT message FROM doubt) "
            "AND attempts != ifnull(filed, 0)"):
        yield f"{number} has not as many attempts as it says"
    for number, in database.execute(
            "SELECT message FROM attempt JOIN message AS m ON m.id = message "
            "WHERE number = 1 AND first_attempt IS NOT attempt.id"):
        yield f"{number} does not know where its first attempt is"
    batches = {}
    for number, _, _, _, content in rows.values():
        # Handed in with one write, taken in one turn.
        if match := BATCH.fullmatch(content or ""):
            batches.setdefault((match[2], match[1]), []).append(number)
        else:
            yield f"{number} has another content than it was handed in with"
    for (batch, size), numbers in batches.items():
        if len(numbers) != int(size):
            yield f"of the {size} messages of batch {batch} there are {len(numbers)}"
    for number, in database.execute(
            "SELECT id FROM message WHERE id > (SELECT last FROM counter)"):
        yield f"{number} is there, and will be given out again"
