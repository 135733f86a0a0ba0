#!/usr/bin/python3
"""What the relay may do and what not, tried from inside: as its token_command.

Such a program is a child of the relay and has nothing that the relay has not.
It writes what came of each try to a file beside the outbox, and prints a token.
"""

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
TRIES = {}


def tried(call):
    TRIES[call.__name__] = call
    return call


def system_call(function, *arguments):
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def write(path):
    with open(path, "w", encoding="ascii") as file:
        file.write("x")


@tried
def write_state():
    write("/var/lib/chatrelay/probed")


@tried
def read_settings():
    os.listdir("/etc/chatrelay/conf.d")


@tried
def reach_the_network():
    with socket.socket(socket.AF_INET) as way:
        way.connect(("127.0.0.1", int(sys.argv[1])))


@tried
def write_to_a_temporary_folder_of_its_own():
    write("/tmp/probed")


@tried
def write_settings():
    write("/etc/chatrelay/conf.d/99-probe.conf")


@tried
def write_beside_keys():
    write("/etc/chatrelay/keys/probe")


@tried
def write_to_the_system():
    write("/usr/bin/chatrelay")


@tried
def write_beside_the_state():
    write("/var/lib/probe")


@tried
def replace_the_socket():
    os.unlink("/run/chatrelay/socket")


@tried
def look_into_homes():
    os.listdir("/home/1")


@tried
def read_passwords():
    with open("/etc/shadow", encoding="utf-8") as file:
        file.read()


@tried
def see_other_processes():
    os.stat("/proc/1/status")


@tried
def end_other_processes():
    os.kill(1, signal.SIGCONT)


@tried
def become_root():
    os.setuid(0)


@tried
def gain_rights_from_a_program():
    with open("/proc/self/status", encoding="ascii") as file:
        facts = dict(line.rstrip().split(":\t", 1) for line in file)
    if facts["NoNewPrivs"] == "1" and int(facts["CapBnd"], 16) == 0:
        raise PermissionError("none to gain")


@tried
def make_a_file_that_gives_rights():
    os.chmod("/var/lib/chatrelay/probed", 0o4755)


@tried
def make_a_device():
    os.mknod("/var/lib/chatrelay/device", 0o600 | 0o020000, os.makedev(1, 3))


@tried
def use_a_device():
    with open("/dev/probe", "rb") as file:
        file.read(1)


@tried
def mount_something():
    system_call(LIBC.mount, b"none", b"/tmp", b"tmpfs", 0, None)


@tried
def make_a_namespace():
    system_call(LIBC.unshare, 0x10000000)


@tried
def watch_another_process():
    system_call(LIBC.ptrace, 16, os.getppid(), 0, 0)


@tried
def run_written_memory():
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


@tried
def listen_to_the_kernel():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


@tried
def see_packets():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()


@tried
def raise_a_limit():
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 16, 1 << 16))


@tried
def run_in_real_time():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


@tried
def take_turns_from_others():
    os.nice(1)


@tried
def rename_the_machine():
    socket.sethostname("probe")


@tried
def set_the_clock():
    import time  # pylint: disable=import-outside-toplevel
    time.clock_settime(time.CLOCK_REALTIME, time.time())


@tried
def leave_a_core_file():
    if resource.getrlimit(resource.RLIMIT_CORE) == (0, 0):
        raise PermissionError("not a byte of one")


def outcome(call):
    try:
        call()
    except (OSError, ValueError) as error:
        return str(error)
    return "done"


if __name__ == "__main__":
    results = {name: outcome(call) for name, call in TRIES.items()}
    with open("/var/lib/chatrelay/outcomes", "w", encoding="utf-8") as out:
        json.dump(results, out)
    with open("/var/lib/chatrelay/token", encoding="ascii") as out:
        print(out.read())
