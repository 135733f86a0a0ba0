"""chatrelayd.service and its socket: started, killed, hung, reloaded, stopped, without a network."""

import fcntl
import os
import signal
import socket
import struct
import subprocess
import time
import unittest

from client import PATIENCE
from harness import until
from service import (KEY, OUTBOX, SERVICE, SOCKET, SOCKET_PATH, STATE, ServiceTest, begin_send,
                     drop_in, fact, journal, logged, main_pid, restarts, run, send, systemctl,
                     waiting_clients)


def loopback(up):
    """What `ip link set lo up` or `down` does."""
    flags_of, set_flags, is_up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags, = struct.unpack_from("H", fcntl.ioctl(any_socket, flags_of, request), 16)
        flags = flags | is_up if up else flags & ~is_up
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", flags))


class Start(ServiceTest):
    def test_the_machine_has_booted_with_it(self):
        """It was installed before the boot, with no network but a loopback."""
        for unit in (SERVICE, SOCKET):
            self.assertEqual(systemctl("is-enabled", unit).stdout.strip(), "enabled")
        logged("no threads yet: ")

    def test_the_first_client_starts_it(self):
        self.assertEqual((fact("ActiveState"), fact("ActiveState", SOCKET)), ("inactive", "active"))
        self.assertEqual(send("--wait=30s", "hello").stdout, "1\n")
        self.assertEqual(fact("ActiveState"), "active")
        self.appeared("hello")

    def test_systemctl_status_says_how_it_is(self):
        send("--wait=30s", "hello")
        until(lambda: fact("StatusText") == "ok: nothing waiting; 1 sent today",
              why=lambda: fact("StatusText"))

    def test_everybody_may_connect_and_the_settings_decide(self):
        self.assertEqual(os.stat(SOCKET_PATH).st_mode & 0o777, 0o666)
        as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup"]
        refused = run(*as_nobody, "--clear-groups", "chatrelay", "send", "x", check=False)
        self.assertEqual(refused.returncode, 77, refused.stderr)
        self.assertIn("nobody may not send", refused.stderr)
        run(*as_nobody, "--groups=chatrelay", "chatrelay", "send", "--wait=30s", "from a member")
        self.appeared("from a member")

    def test_keys_are_for_the_relay_alone(self):
        """Members of the group may send, and read neither keys nor messages."""
        self.start()
        for path in (KEY, OUTBOX):
            done = run("setpriv", "--reuid=nobody", "--regid=nogroup", "--groups=chatrelay", "cat",
                       path, check=False)
            self.assertNotEqual(done.returncode, 0, path)

    def test_wrong_settings_are_told_and_the_first_client_after_is_served(self):
        self.settings.more = "nonsense\n"
        self.settings.write()
        for client in [begin_send("not stored") for _ in range(5)]:
            _, complaint = client.communicate(timeout=PATIENCE)
            self.assertEqual(client.returncode, 75, complaint)
            self.assertRegex(complaint, r"does not start: /etc/\S+/10-site\.conf:\d+ is wrong")
        logged("10-site.conf:")
        self.settings.more = ""
        self.settings.write()
        self.assertEqual(send("--wait=30s", "once they are right").stdout, "1\n")
        self.appeared("once they are right")

    def test_wrong_settings_do_not_have_it_started_again_and_again(self):
        """Only clients do, and not so often that the socket gives up."""
        self.settings.more = "nonsense\n"
        self.settings.write()
        self.assertNotEqual(systemctl("start", SERVICE, check=False).returncode, 0)
        self.assertEqual((fact("ActiveState"), fact("SubState")), ("failed", "failed"))
        self.assertIn("10-site.conf:", fact("StatusText"))
        began = time.monotonic()
        for _ in range(3):
            self.assertEqual(send("x", check=False).returncode, 75)
        self.assertGreater(time.monotonic() - began, 2)
        self.assertEqual((restarts(), fact("ActiveState", SOCKET)), (0, "active"))

    def test_credentials(self):
        """As in the example that is shipped: the key is root's, and systemd hands it over."""
        with open("/usr/share/doc/chatrelay/examples/credentials.conf", encoding="utf-8") as file:
            drop_in(file.read())
        os.makedirs("/etc/chatrelay/credentials", mode=0o700, exist_ok=True)
        os.rename(KEY, "/etc/chatrelay/credentials/alerts")
        os.chown("/etc/chatrelay/credentials/alerts", 0, 0)
        self.settings.sender["token_file"] = "credential:alerts"
        self.settings.write()
        send("--wait=30s", "by a credential")
        self.appeared("by a credential")

    def test_what_the_tests_below_make_shorter_is_there(self):
        for name, value in {"WatchdogUSec": "30s", "MemoryMax": str(512 << 20), "TasksMax": "512",
                            "LimitCORE": "0", "Restart": "on-failure", "StartLimitIntervalUSec": "0",
                            "TimeoutStopUSec": "10s"}.items():
            self.assertEqual(fact(name), value, name)

    def test_units_are_without_a_fault(self):
        done = run("systemd-analyze", "verify", SERVICE, SOCKET, "chatrelay-notify@x.service")
        self.assertEqual(done.stdout + done.stderr, "")


class Trouble(ServiceTest):
    def test_killed_while_clients_wait_to_be_accepted(self):
        self.start()
        pid = main_pid()
        os.kill(pid, signal.SIGSTOP)
        clients = [begin_send(f"message {i}") for i in range(5)]
        until(lambda: waiting_clients() == 5)
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(len(set(self.finished(clients))), 5)
        self.assertNotEqual(main_pid(), pid)
        self.appeared(*(f"message {i}" for i in range(5)))

    def test_killed_while_clients_wait_for_the_end(self):
        """Their connections break: they come back by themselves, and nothing is doubled."""
        stalled = self.sandbox.fault(op="send", what="stall")
        self.start()
        clients = [begin_send("--wait=30s", f"message {i}") for i in range(5)]
        until(lambda: self.sandbox.hits(stalled) == 1)
        asker = self.connect()
        until(lambda: asker.ask({"op": "status"})["pending"] == 5)
        os.kill(main_pid(), signal.SIGKILL)
        self.sandbox.mend()
        self.assertEqual(len(set(self.finished(clients))), 5)
        self.appeared(*(f"message {i}" for i in range(5)))
        self.assertEqual(self.connect().ask({"op": "list"})["messages"][-1]["id"], 5)

    def test_killed_while_nobody_is_there_to_start_it(self):
        self.sandbox.fault(op="send", status=503, count=0)
        send("nobody waits for it")
        self.sandbox.mend()
        os.kill(main_pid(), signal.SIGKILL)
        self.appeared("nobody waits for it")

    def test_killed_again_and_again(self):
        self.start()
        wanted = [f"{client}.{i}" for client in range(5) for i in range(8)]
        loops = [subprocess.Popen(["bash", "-ec", f"for i in $(seq 0 7); do "
                                   f"chatrelay send --timeout 30s {client}.$i; done"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                 for client in range(5)]
        killed = {0}
        while len(killed) <= 3:
            pid = until(lambda: self.sandbox.count() > 10 * (len(killed) - 1) and main_pid())
            if pid not in killed:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        self.finished(loops)
        self.appeared(*wanted)

    def test_a_loop_that_hangs_is_ended(self):
        drop_in("[Service]\nWatchdogSec=500ms\n")
        self.start()
        pid = main_pid()
        os.kill(pid, signal.SIGSTOP)
        client = begin_send("--wait=30s", "sent to a relay that hangs")
        self.assertEqual(self.finished([client]), ["1"])
        self.assertNotEqual(main_pid(), pid)
        logged("Watchdog timeout")
        self.appeared("sent to a relay that hangs")

    def test_memory_that_runs_wild_is_ended_and_the_relay_is_not(self):
        """What a token_command would be: a process of the service's cgroup."""
        drop_in("[Service]\nMemoryMax=64M\n")
        self.start()
        pid = main_pid()
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
            group = dict(line.strip().split(":", 2)[1:] for line in file)
        if "memory" in group:
            procs = f"/sys/fs/cgroup/memory{group['memory']}/cgroup.procs"
        else:
            procs = f"/sys/fs/cgroup{group['']}/cgroup.procs"
        hog = run("sh", "-c", f"echo $$ >{procs} && exec tail /dev/zero", check=False)
        self.assertEqual(hog.returncode, -signal.SIGKILL)
        send("--wait=30s", "still here")
        self.assertEqual(main_pid(), pid)

    def test_the_state_outlives_a_restart(self):
        self.sandbox.fault(op="send", status=503, count=0)
        send("before")
        systemctl("restart", SERVICE)
        self.sandbox.mend()
        self.assertEqual(send("--wait=30s", "after").stdout, "2\n")
        self.assertEqual(self.sandbox.contents(), ["before", "after"])
        self.assertEqual(os.stat(STATE).st_mode & 0o777, 0o700)

    def test_it_stops_by_itself_while_the_chat_hangs(self):
        stalled = self.sandbox.fault(op="send", what="stall", stored=True)
        send("stored, and never answered")
        until(lambda: self.sandbox.hits(stalled) == 1)
        systemctl("stop", SERVICE)
        self.assertEqual(fact("Result"), "success", "it was killed, when TimeoutStopSec was over")
        self.sandbox.mend()
        self.start()
        self.connect().ask({"op": "wait", "id": 1, "timeout": "30s"})
        self.appeared("stored, and never answered")

    def test_there_is_no_network_yet(self):
        self.addCleanup(loopback, True)
        loopback(False)
        self.start()
        pid = main_pid()
        self.assertEqual(send("kept until there is a network").stdout, "1\n")
        logged("status=deferred")
        loopback(True)
        self.appeared("kept until there is a network")
        self.assertEqual((main_pid(), restarts()), (pid, 0))


class Reload(ServiceTest):
    THREADS = ("ops", "db")

    def test_settings_are_taken_over(self):
        settings = self.settings.threads.pop("db")
        self.settings.write()
        self.start()
        pid = main_pid()
        self.assertEqual(send("--to", "db", "x", check=False).returncode, 67)
        self.settings.threads["db"] = settings
        self.settings.write()
        systemctl("reload", SERVICE)
        send("--to", "db", "--wait=30s", "to a new thread")
        self.assertEqual(main_pid(), pid)
        self.appeared("to a new thread")

    def test_wrong_settings_change_nothing(self):
        self.start()
        self.settings.more = "nonsense\n"
        self.settings.write()
        systemctl("reload", SERVICE)
        self.assertRegex(journal(), r"10-site\.conf:\d+: (?s:.*)settings not reloaded")
        send("--to", "ops", "--wait=30s", "as before")
        self.appeared("as before")


if __name__ == "__main__":
    unittest.main()
