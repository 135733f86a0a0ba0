"""docs/recipes.md, followed; who sends is played here, and real in test_programs.py."""

import configparser
import json
import os
import re
import shutil
import socket
import subprocess
import unittest
import urllib.error
import urllib.request

from harness import until
from recipe import EXAMPLES, SOURCE, blocks, run_commands, write, write_files
from service import SERVICE, SOCKET, SOCKET_PATH, ServiceTest, logged, run, systemctl


class Recipes(ServiceTest):
    def content(self, number=1):
        until(lambda: self.sandbox.count() >= number, why=self.sandbox.contents)
        return self.sandbox.contents()[number - 1]

    def test_cron(self):
        (_, text), = blocks("cron")
        line = text.splitlines()[1].split(" ", 6)
        self.assertEqual(line[:6], ["0", "3", "*", "*", "*", "root"])
        write("/usr/local/bin/backup", "#!/bin/sh\nseq 100\nexit ${STATUS:-0}\n", 0o755)
        run("sh", "-c", line[6])
        failing = f"STATUS=1 {line[6]}; test $? = 1"
        run("sh", "-c", failing)
        said = self.content()
        self.assertRegex(said, r"^/usr/local/bin/backup\nfailed on machine after .*: exit status 1\n"
                               r"\[\.\.\. 80 lines before\]\n81\n")
        self.assertRegex(said, r"99\n100$")

    def test_a_unit_that_fails(self):
        write_files("systemd: a unit that fails")
        self.addCleanup(systemctl, "daemon-reload")
        for path in ("service.d", "backup.service.d", "chatrelay-notify@.service.d"):
            self.addCleanup(shutil.rmtree, f"/etc/systemd/system/{path}")
        write("/etc/systemd/system/backup.service",
              "[Service]\nType=oneshot\nExecStart=/usr/bin/python3 -c \"import sys; "
              "print('no room on tape', flush=True); open('/run/backup.go').read(); sys.exit(3)\"\n")
        os.mkfifo("/run/backup.go")
        systemctl("daemon-reload")
        systemctl("start", "--no-block", "backup")
        # systemd's journal knows the unit of a line only while its process lives.
        logged("no room on tape", "--unit=backup")
        with open("/run/backup.go", "w", encoding="ascii") as file:
            file.write("\n")
        said = self.content()
        self.assertRegex(said, r"^machine: backup\.service failed with exit status 3\n")
        self.assertIn("no room on tape", said)
        self.assertLessEqual(len(said.splitlines()), 11)
        self.assertEqual(self.sandbox.ledger()[0]["threadId"], "19:ops@thread.v2")

    def test_the_messenger_does_not_send_for_itself(self):
        write_files("systemd: a unit that fails")
        self.addCleanup(systemctl, "daemon-reload")
        for path in ("service.d", "backup.service.d", "chatrelay-notify@.service.d"):
            self.addCleanup(shutil.rmtree, f"/etc/systemd/system/{path}")
        systemctl("daemon-reload")
        said = systemctl("show", "--property=OnFailure", "--value", "chatrelay-notify@x.service")
        self.assertEqual(said.stdout.strip(), "")
        said = systemctl("show", "--property=OnFailure", "--value", "dbus.service")
        self.assertEqual(said.stdout.strip(), "chatrelay-notify@dbus.service.service")

    @unittest.skipIf(shutil.which("smartd"), "tried with smartd itself")
    def test_smartd(self):
        os.makedirs("/etc/smartmontools/run.d", exist_ok=True)
        run_commands("smartd")
        write("/run/message", "Device: /dev/sda, 8 Currently unreadable (pending) sectors\n")
        done = run("run-parts", "--report", "--lsbsysinit", "--arg=/run/message", "--arg=-s",
                   "/etc/smartmontools/run.d",
                   env=dict(os.environ, SMARTD_SUBJECT="SMART error detected on host: machine"))
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.content(), "SMART error detected on host: machine\n"
                         "Device: /dev/sda, 8 Currently unreadable (pending) sectors")

    def test_mdadm(self):
        os.makedirs("/etc/mdadm", exist_ok=True)
        run_commands("mdadm")
        with open("/etc/mdadm/mdadm.conf", encoding="ascii") as file:
            program = re.search(r"^PROGRAM (\S+)$", file.read(), re.MULTILINE)[1]
        run(program, "Fail", "/dev/md0", "/dev/sdb1")
        self.assertEqual(self.content(), "mdadm on machine: Fail /dev/md0 /dev/sdb1")

    def test_fail2ban(self):
        os.makedirs("/etc/fail2ban/action.d", exist_ok=True)
        run_commands("fail2ban")
        action = configparser.ConfigParser(interpolation=None)
        action.read("/etc/fail2ban/action.d/chatrelay.conf")
        command = action["Definition"]["actionban"]
        for name, value in {"thread": action["Init"]["thread"], "fq-hostname": "machine",
                            "name": "sshd", "ip": "192.0.2.7", "failures": "5"}.items():
            command = command.replace(f"<{name}>", value)
        run("sh", "-c", command)
        self.assertEqual(self.content(),
                         "fail2ban on machine: sshd has banned 192.0.2.7 after 5 failures")

    def test_bash(self):
        (_, script), = blocks("bash")
        write("/usr/local/bin/import", "#!/bin/bash\n" + script + "echo not reached\n", 0o755)
        done = run("/usr/local/bin/import", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("not reached", done.stdout)
        self.assertEqual(self.content(), "import on machine\nthe import begins")
        self.assertEqual(self.content(2), "import on machine\nline 6: false failed with 1")

    def test_python(self):
        run("python3", EXAMPLES + "send.py", "ops", "from Python")
        self.assertEqual(self.content(), "from Python")

    def test_c(self):
        run("cc", "-Wall", "-Wextra", "-Werror", "-o", "/usr/local/bin/send", EXAMPLES + "send.c")
        run("/usr/local/bin/send", "ops", 'from "C"\n')
        self.assertEqual(self.content(), 'from "C"\n')

    @unittest.skipUnless(shutil.which("go"), "Go is not installed")
    def test_go(self):
        run("go", "run", EXAMPLES + "send.go", "ops", "from Go",
            env=dict(os.environ, GOCACHE="/run/go", HOME="/run"))
        self.assertEqual(self.content(), "from Go")

    @unittest.skipUnless(shutil.which("nc"), "netcat is not installed")
    def test_netcat(self):
        (_, command), = blocks("Python, Go, C")
        self.assertIn('"ok":true', run("sh", "-c", command).stdout)
        self.assertEqual(self.content(), "hello")

    def test_a_mounted_folder_sees_the_next_socket(self):
        """What a container sees: the folder in one mount namespace, made anew in another."""
        words = ["unshare", "--mount", "sh", "-ec",
                 "mkdir -p /run/container; mount --bind /run/chatrelay /run/container; "
                 "umount /run/chatrelay 2>/dev/null || true; echo ready; read line; "
                 "chatrelay send --socket /run/container/socket 'from a container'"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as container:
            self.assertEqual(container.stdout.readline(), "ready\n")
            before = os.stat(SOCKET_PATH).st_ino
            systemctl("stop", SERVICE, SOCKET)
            systemctl("start", SOCKET)
            self.assertNotEqual(os.stat(SOCKET_PATH).st_ino, before)
            _, complaint = container.communicate("go\n")
            self.assertEqual(container.returncode, 0, complaint)
        self.assertEqual(self.content(), "from a container")


ALERTS = {"version": "4", "groupKey": '{}:{alertname="DiskFull"}', "status": "firing",
          "groupLabels": {"alertname": "DiskFull"},
          "alerts": [{"status": "firing", "startsAt": "2026-11-22T01:00:00.025Z",
                      "labels": {"alertname": "DiskFull", "instance": "db01"},
                      "annotations": {"summary": "disk 97 % full"}}]}
BEAT = {"heartbeat": {"monitorID": 1, "status": 0, "time": "2026-11-22 01:00:00.000"},
        "monitor": {"id": 1, "name": "shop"}, "msg": "[shop] [Down] connect ECONNREFUSED"}


class Webhook(ServiceTest):
    THREADS = ("ops", "db")

    def setUp(self):
        super().setUp()
        self.settings.more = "[relay]\ndefault_thread = ops\n"
        self.settings.write()
        run_commands("Alertmanager and Uptime Kuma")
        self.addCleanup(systemctl, "disable", "--now", "chatrelay-webhook")
        until(self.is_up)

    @staticmethod
    def is_up():
        with socket.socket() as way:
            return way.connect_ex(("127.0.0.1", 9099)) == 0

    def post(self, path, body):
        """The status and what was said."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request("http://127.0.0.1:9099" + path, data, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def path_of(self, form):
        text = "".join(text for _, text in blocks("Alertmanager and Uptime Kuma"))
        with open(os.path.join(SOURCE, "docs/recipes.md"), encoding="utf-8") as file:
            text += file.read()
        return re.search(rf"http://127\.0\.0\.1:9099(/{form}/ops)", text)[1]

    def test_alerts(self):
        path = self.path_of("alertmanager")
        self.assertEqual(self.post(path, ALERTS), (200, "1\n"))
        resolved = dict(ALERTS, alerts=[dict(ALERTS["alerts"][0], status="resolved")])
        self.assertEqual(self.post(path, resolved), (200, "2\n"))
        self.appeared("[FIRING: 1] alertname=DiskFull\n"
                      "firing: disk 97 % full (db01), since 2026-11-22T01:00:00Z",
                      "[RESOLVED] alertname=DiskFull\n"
                      "resolved: disk 97 % full (db01), since 2026-11-22T01:00:00Z")

    def test_what_is_sent_again_is_stored_once(self):
        for _ in range(3):
            self.assertEqual(self.post("/alertmanager", ALERTS), (200, "1\n"))
            self.assertEqual(self.post("/uptime-kuma", BEAT), (200, "2\n"))
        self.assertEqual(len(self.connect().ask({"op": "list"})["messages"]), 2)

    def test_another_thread_gets_it_as_well(self):
        for form, alert in (("alertmanager", ALERTS), ("uptime-kuma", BEAT)):
            for thread in ("ops", "db", "db"):
                self.assertEqual(self.post(f"/{form}/{thread}", alert)[0], 200, thread)
        until(lambda: self.sandbox.count() == 4, why=self.sandbox.contents)
        self.assertEqual(sorted(self.sandbox.contents("db")), sorted(self.sandbox.contents("ops")))

    def test_a_button_that_is_pressed_again_sends_again(self):
        for number in (1, 2):
            self.assertEqual(self.post("/uptime-kuma", {"msg": "Testing"}), (200, f"{number}\n"))

    def test_uptime_kuma(self):
        self.assertEqual(self.post(self.path_of("uptime-kuma"), BEAT)[0], 200)
        self.assertEqual(self.post("/uptime-kuma", {"msg": "shop Testing"})[0], 200)
        self.appeared("[shop] [Down] connect ECONNREFUSED", "shop Testing")

    def test_what_can_succeed_later_is_503(self):
        self.settings.threads["ops"]["most_messages"] = "1"
        self.settings.write()
        self.sandbox.fault(op="send", status=503, count=0)
        self.assertEqual(self.post("/uptime-kuma", BEAT)[0], 200)
        self.assertEqual(self.post("/uptime-kuma", dict(BEAT, msg="another"))[0], 503)
        systemctl("stop", SERVICE, SOCKET)
        self.assertEqual(self.post("/uptime-kuma", dict(BEAT, msg="and one"))[0], 503)

    def test_what_cannot_is_400(self):
        for path, body in (("/alertmanager", b"{"), ("/alertmanager", b"[" * 100000),
                           ("/alertmanager", {}), ("/uptime-kuma", []),
                           ("/uptime-kuma/nowhere", BEAT), ("/uptime-kuma", {"msg": ""})):
            self.assertEqual(self.post(path, body)[0], 400, (path, body))
        self.assertEqual(self.post("/elsewhere", BEAT)[0], 404)

    def test_of_what_is_too_long_the_beginning_is_taken(self):
        self.assertEqual(self.post("/uptime-kuma", dict(BEAT, msg="ä" * 20000))[0], 200)
        until(lambda: self.sandbox.count() == 1)
        self.assertLessEqual(len(self.sandbox.contents()[0].encode()), 28672)

    def test_a_thread_that_takes_less_gets_less(self):
        self.settings.threads["ops"]["content_limit"] = "4000"
        self.settings.threads["db"]["most_bytes"] = "1 KiB"
        self.settings.write()
        for thread in ("ops", "db"):
            for number in range(2):  # sent again, it is the same message
                with self.subTest(thread=thread, number=number):
                    answer = self.post(f"/uptime-kuma/{thread}", dict(BEAT, msg="x" * 5000))
                    self.assertEqual(answer[0], 200, answer)
            until(lambda thread=thread: self.sandbox.count(thread=thread) == 1)
            self.assertRegex(self.sandbox.contents(thread)[0], r"^x{500,} \.\.\.$")


if __name__ == "__main__":
    unittest.main()
