"""What a relay that somebody has taken over could do: tried from inside, see probe.py."""

import json
import os
import re
import shutil
import stat
import unittest

from service import KEY, SERVICE, STATE, ServiceTest, fact, run, send

ALLOWED = {"write_state", "read_settings", "reach_the_network",
           "write_to_a_temporary_folder_of_its_own"}


class Confinement(ServiceTest):
    def test_the_rating(self):
        for unit, most in ((SERVICE, 1.3), ("chatrelay-notify@x.service", 1.3)):
            said = run("systemd-analyze", "security", unit).stdout
            rating = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)[1])
            self.assertLessEqual(rating, most, said)

    def test_it_is_a_user_without_rights(self):
        self.start()
        with open(f"/proc/{fact('MainPID')}/status", encoding="ascii") as file:
            facts = dict(line.rstrip().split(":\t", 1) for line in file)
        self.assertEqual((facts["NoNewPrivs"], facts["Seccomp"]), ("1", "2"))
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(facts[name], 16), 0, name)
        self.assertNotEqual(facts["Uid"].split()[0], "0")

    def test_it_can_do_its_work_and_nothing_else(self):
        probe = shutil.copy(os.path.join(os.path.dirname(__file__), "probe.py"), "/usr/local/bin")
        os.chmod(probe, 0o755)
        # What anybody else here may use.
        os.makedirs("/home/1", mode=0o755, exist_ok=True)
        os.mknod("/dev/probe", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        os.chmod("/dev/probe", 0o666)
        self.addCleanup(os.unlink, "/dev/probe")
        shutil.move(KEY, STATE + "/token")
        shutil.chown(STATE + "/token", "chatrelay", "chatrelay")
        del self.settings.sender["token_file"]
        port = self.sandbox.endpoint.rsplit(":", 1)[1].strip("/")
        self.settings.sender["token_command"] = f"{probe} {port}"
        self.settings.write()
        send("--wait=30s", "with a token from a command")
        self.appeared("with a token from a command")
        with open(STATE + "/outcomes", encoding="utf-8") as file:
            outcomes = json.load(file)
        self.assertGreater(len(outcomes), 25)
        done = {name for name, outcome in outcomes.items() if outcome == "done"}
        self.assertEqual(done, ALLOWED, outcomes)
        self.assertFalse(os.path.exists("/tmp/probed"))
        self.assertEqual(os.stat(STATE + "/outcomes").st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
