"""Who may do what: the kernel says who asks, the settings say what they may."""

import contextlib
import grp
import os
import pwd
import resource
import unittest

from harness import RelayTest

NOBODY, GAMES, DAEMON = "nobody", "games", "daemon"
GROUP = "mail"
MOST_CONNECTIONS = 1000


@contextlib.contextmanager
def acting_as(user, groups):
    """What is connected meanwhile is this user's; the kernel looks at that moment only."""
    entry, before = pwd.getpwnam(user), os.getgroups()
    os.setgroups([grp.getgrnam(name).gr_gid for name in groups])
    os.setegid(entry.pw_gid)
    os.seteuid(entry.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)


@unittest.skipIf(os.geteuid() != 0, "only root can act as other users")
class Access(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"
        sections["access"] = {"allow": f"{NOBODY}, @{GROUP}, @no-such-group, no-such-user",
                              "operators": GAMES}
        sections["thread backup"]["allow"] = GAMES

    def ask(self, user, *requests, groups=()):
        with acting_as(user, groups):
            client = self.connect()
        client.say(*requests)
        answers = client.answers(len(requests))
        return answers if len(answers) > 1 else answers[0]

    def test_who_may_send(self):
        self.assertTrue(self.ask(NOBODY, {"content": "x"})["ok"])
        self.refused(self.ask(DAEMON, {"content": "x"}), "denied", "to",
                     "daemon may not send to thread ops (setting allow)")
        self.assertTrue(self.connect().ask({"content": "the relay's own user"})["ok"])

    def test_who_holds_connections_shuts_nobody_out(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most < MOST_CONNECTIONS + 100:
            self.skipTest(f"only {most} open files are allowed here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
        with acting_as(DAEMON, ()):
            crowd = [self.connect() for _ in range(MOST_CONNECTIONS // 2)]
            self.refused(crowd[-1].ask({"content": "x"}), "denied", "to")
            late = self.connect()
        self.refused(late.answer(), "busy", message="500 connections of yours are open already, and a user may hold half "
                     "of what the others leave free, which is 500; try again later")
        self.assertEqual(late.rest(), [])
        with acting_as(GAMES, ()):
            crowd += [self.connect() for _ in range(MOST_CONNECTIONS // 4)]
            self.assertTrue(crowd[-1].ask({"op": "hello"})["ok"])
            late = self.connect()
        self.refused(late.answer(), "busy", message="250 connections of yours are open already")
        self.assertTrue(self.ask(NOBODY, {"content": "another user"})["ok"])
        self.assertTrue(self.connect().ask({"content": "the relay's own"})["ok"])

    def test_a_threads_allow_replaces_the_general_one(self):
        self.assertTrue(self.ask(GAMES, {"content": "x", "to": "backup"})["ok"])
        self.refused(self.ask(NOBODY, {"content": "x", "to": "backup"}), "denied", "to")
        self.refused(self.ask(GAMES, {"content": "x", "to": "ops"}), "denied", "to")

    def test_supplementary_groups_count(self):
        self.assertTrue(self.ask(DAEMON, {"content": "x"}, groups=[GROUP])["ok"])
        many = [entry.gr_name for entry in grp.getgrall() if entry.gr_name != "root"][:30]
        self.assertTrue(self.ask(DAEMON, {"content": "x"}, groups=[*many, GROUP])["ok"])
        others = [name for name in many if name != GROUP]
        self.refused(self.ask(DAEMON, {"content": "x"}, groups=others), "denied", "to")

    def test_a_user_sees_own_messages_only(self):
        self.connect().send("secret of root")
        own, listed, other, waited, shown, stats = self.ask(
            NOBODY, {"content": "mine"}, {"op": "list"}, {"op": "show", "id": 1},
            {"op": "wait", "id": 1}, {"op": "show", "id": 2}, {"op": "stats"})
        self.assertEqual(own["id"], 2)
        self.assertEqual([row["content"] for row in listed["messages"]], ["mine"])
        for answer in (other, waited):
            self.refused(answer, "not-found", "id", "there is no message 1 of yours")
        self.assertEqual((shown["user"], shown["content"]), (NOBODY, "mine"))
        self.assertEqual(sum(stats["totals"].values()), 1)
        self.refused(self.ask(NOBODY, {"op": "list", "user": "root"}), "denied", "user")
        self.refused(self.ask(NOBODY, {"op": "show", "id": 99}), "not-found", "id",
                     "there is no message 99 of yours")

    def test_operators_see_everything(self):
        self.connect().send("one of root")
        self.ask(NOBODY, {"content": "one of nobody"})
        listed, shown, stats = self.ask(GAMES, {"op": "list"}, {"op": "show", "id": 1},
                                        {"op": "stats"})
        self.assertEqual([row["user"] for row in listed["messages"]], ["root", NOBODY])
        unknown = self.ask(GAMES, {"op": "show", "id": 99})
        self.assertEqual(unknown["message"], "there is no message 99")
        self.assertEqual(shown["content"], "one of root")
        self.assertEqual(sum(stats["totals"].values()), 2)
        listed = self.ask(GAMES, {"op": "list", "user": NOBODY})
        self.assertEqual([row["id"] for row in listed["messages"]], [2])

    def test_once_is_each_users_own(self):
        self.assertEqual(self.connect().send("a", once="k"), 1)
        answer = self.ask(NOBODY, {"content": "b", "once": "k"})
        self.assertEqual((answer["id"], "duplicate" in answer), (2, False))

    def test_who_sent_it_is_written_down(self):
        self.ask(NOBODY, {"content": "x"})
        uid = pwd.getpwnam(NOBODY).pw_uid
        self.relay.logged(rf"id=1 accepted thread=ops user=nobody\({uid}\) pid=\d+ ")

    def test_a_quota_is_for_each_member_alone(self):
        self.relay.sections["quota @" + GROUP] = {"waiting": "2"}
        self.relay.adopt()
        late = {"content": "x", "at": "+1h"}
        first, second, third = self.ask(DAEMON, late, late, late, groups=[GROUP])
        self.assertTrue(first["ok"] and second["ok"])
        self.refused(third, "full", message="2 messages of daemon wait already")
        self.assertTrue(self.ask(GAMES, dict(late, to="backup"), groups=[GROUP])["ok"])
        self.assertTrue(all(answer["ok"] for answer in self.ask(NOBODY, late, late, late)))


if __name__ == "__main__":
    unittest.main()
