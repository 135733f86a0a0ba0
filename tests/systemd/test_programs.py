"""docs/recipes.md with the programs themselves: each test needs one, and is skipped without it."""

import os
import re
import shutil
import subprocess
import unittest

from harness import until
from recipe import SOURCE, blocks, run_commands, write, write_files
from service import SERVICE, SOCKET, ServiceTest, fact, journal, run, systemctl


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


def make_image(folder, *programs):
    """A system of nothing but these programs and their libraries."""
    libraries = re.findall(r"(/\S+) \(0x", run("ldd", *programs).stdout)
    for path in (*programs, *libraries):
        os.makedirs(os.path.dirname(folder + path), exist_ok=True)
        shutil.copy(path, folder + path)


class Programs(ServiceTest):
    def content(self, number=1):
        until(lambda: self.sandbox.count() >= number, why=lambda:
              f"in the chat: {self.sandbox.contents()}\n{journal('--boot')[-3000:]}")
        return self.sandbox.contents()[number - 1]

    def start_program(self, unit):
        self.addCleanup(systemctl, "stop", unit)
        systemctl("restart", unit)

    @needs("cron")
    def test_cron(self):
        """At the start of cron, which is the time of day that one need not wait for."""
        write_files("cron", ("0 3 * * *", "@reboot"))
        write("/usr/local/bin/backup", "#!/bin/sh\necho no room on tape\nexit 3\n", 0o755)
        self.start_program("cron")
        self.assertRegex(self.content(), r"^/usr/local/bin/backup\nfailed on machine after .*: "
                                         r"exit status 3\nno room on tape$")

    @needs("smartd")
    @needs("gcc")
    def test_smartd(self):
        run_commands("smartd")
        os.chmod("/etc/smartmontools/run.d/10mail", 0o644)
        write("/dev/nvme0", "")
        with open("/etc/smartd.conf", encoding="utf-8") as file:
            usual = re.search("^DEVICESCAN (.*)", file.read(), re.MULTILINE)[1]
        write("/run/smartd.conf", f"/dev/nvme0 -d nvme -H {usual} -M test\n")
        run("gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", "/usr/local/lib/disk.so",
            os.path.join(SOURCE, "tests/systemd/failing_disk.c"))
        done = run("smartd", "--configfile=/run/smartd.conf", "--quit=onecheck",
                   env=dict(os.environ, LD_PRELOAD="/usr/local/lib/disk.so"))
        self.assertNotIn("unexpected output", done.stdout)
        self.assertRegex(self.content(1), r"^SMART error \(EmailTest\) detected on host: machine\n")
        self.assertRegex(self.content(2), r"(?s)^SMART error \(Health\) detected on host: machine\n.*"
                                          r"Device: /dev/nvme0, Critical Warning \(0x04\): Reliability")

    @needs("mdadm")
    def test_mdadm(self):
        """Of an array that is not there, of which the service that is restarted tells as well."""
        with open("/etc/mdadm/mdadm.conf", "a", encoding="ascii") as file:
            file.write("ARRAY /dev/md0 UUID=00000000:00000000:00000000:00000001\n")
        run_commands("mdadm")
        done = run("mdadm", "--monitor", "--scan", "--oneshot", "--test")
        self.assertEqual(done.stdout, "")
        wanted = {f"mdadm on machine: {what} /dev/md0" for what in ("TestMessage", "DeviceDisappeared")}
        until(lambda: set(self.sandbox.contents()) == wanted, why=self.sandbox.contents)

    @needs("fail2ban-server")
    def test_fail2ban(self):
        run_commands("fail2ban")
        write_files("fail2ban")
        self.start_program("fail2ban")
        until(lambda: "sshd" in run("fail2ban-client", "status", check=False).stdout)
        self.fail_to_log_in("192.0.2.7", times=5)
        self.assertEqual(self.content(),
                         "fail2ban on machine: sshd has banned 192.0.2.7 after 5 failures")

    def fail_to_log_in(self, address, times):
        """What sshd would write, by a program of that name: the journal looks at the name."""
        shutil.copy("/bin/bash", "/usr/local/bin/sshd")
        line = f"Failed password for root from {address} port 4711 ssh2"
        self.addCleanup(systemctl, "stop", "sshd.service")
        run("systemd-run", "--unit=sshd.service", "/usr/local/bin/sshd", "-c",
            f"for i in $(seq {times}); do echo '{line}'; done; sleep infinity")

    @needs("prometheus-alertmanager")
    def test_alertmanager(self):
        run_commands("Alertmanager and Uptime Kuma")
        self.addCleanup(systemctl, "disable", "--now", "chatrelay-webhook")
        # It waits for half a minute, whether there is more to tell; and looks for other machines.
        write_files("Alertmanager and Uptime Kuma",
                    ("receiver: chat\n", "receiver: chat\n  group_wait: 0s\n  group_interval: 1s\n"))
        write("/etc/default/prometheus-alertmanager", 'ARGS="--cluster.listen-address="\n')
        self.start_program("prometheus-alertmanager")
        until(lambda: self.amtool("alert").returncode == 0)

        self.alert("DiskFull", "instance=db01", "--annotation=summary=disk 97 % full")
        self.assertRegex(self.content(1), r"^\[FIRING: 1\] alertname=DiskFull\nfiring: disk 97 % full \(db01\), since "
                                          r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        systemctl("stop", SERVICE, SOCKET)
        self.alert("Down", "instance=shop")
        until(lambda: "503" in journal("--unit=chatrelay-webhook"))
        systemctl("start", SOCKET)
        self.assertIn("firing: Down (shop), since ", self.content(2))
        self.assertEqual(fact("ActiveState", "chatrelay-webhook"), "active")

    @needs("dockerd")
    def test_docker(self):
        """A container that began before the socket was made anew."""
        self.start_docker()
        make_image("/run/image", "/bin/sh", "/usr/bin/chatrelay")
        run("sh", "-c", "tar --create --directory /run/image . | docker import - chatrelay/test")
        (_, text), = blocks("Docker")
        words = text.split()[1:-1] + ["--interactive", "chatrelay/test", "/bin/sh", "-c",
                                      "echo ready; read line; chatrelay send from a container"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as container:
            if container.stdout.readline() != "ready\n":
                self.fail(container.stderr.read())
            systemctl("stop", SERVICE, SOCKET)
            systemctl("start", SOCKET)
            _, complaint = container.communicate("go\n")
        self.assertEqual(container.returncode, 0, complaint)
        self.assertEqual(self.content(), "from a container")

    def start_docker(self):
        """By hand: the machine's systemd lacks a capability that containers get. And with less
        than usual of what the kernel must have."""
        # pylint: disable-next=consider-using-with
        engine = subprocess.Popen(["dockerd", "--storage-driver=vfs", "--iptables=false", "--bridge=none"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(engine.wait)
        self.addCleanup(engine.terminate)
        until(lambda: run("docker", "info", check=False).returncode == 0)

    @staticmethod
    def amtool(*words):
        return subprocess.run(["amtool", "--alertmanager.url=http://127.0.0.1:9093", *words],
                              capture_output=True, text=True, check=False)

    def alert(self, *words):
        done = self.amtool("alert", "add", *words)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
