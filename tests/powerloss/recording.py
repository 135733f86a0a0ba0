"""A program's deeds, as strace saw them.

Operations on the files of a folder come as disk.Disk has them. Between them, in order:

    ("answered", line)    a line went out to a client
    ("requested", stamp)  a message went out to the chat
    ("replied",)          the chat said something
"""

import os
import re
import subprocess

CALLS = ("openat,open,creat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,rename,"
         "renameat,renameat2,unlink,unlinkat,lseek,close,sendto,sendmsg,recvfrom,mmap")
LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)(?:<(.*?)>)?(?: .*)?$", re.S)
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
FILE = re.compile(r"(\d+|AT_FDCWD)<([^>]*)>")
STAMP = re.compile(rb'"chatrelayId":"([0-9a-f]{32})"')


def command(log):
    """The words before a program's own that have it recorded. The program is the child."""
    return ["strace", "-D", "-f", "-y", "-xx", "-q", "-s", "16777216", "-o", log,
            "-e", "trace=" + CALLS, "--"]


def can_trace():
    words = ["strace", "-o", os.devnull, "-e", "trace=none", "true"]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def is_complete(log, process):
    """Whether the end of that process has been recorded."""
    if not os.path.exists(log):
        return False
    with open(log, encoding="ascii") as file:
        return re.search(rf"^{process} +\+\+\+ (exited|killed)", file.read(), re.M) is not None


def _decode(text):
    return bytes.fromhex(text.replace("\\x", ""))


def _calls(log):
    """Each call that succeeded, in the order in which they returned."""
    begun = {}
    with open(log, encoding="ascii") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.endswith("<unfinished ...>"):
                begun[line.split(" ", 1)[0]] = line[:-len("<unfinished ...>")].rstrip()
                continue
            if resumed := RESUMED.match(line):
                line = begun.pop(resumed[1]) + resumed[2]
            if (match := LINE.match(line)) and not match[4].startswith("-"):
                yield match[2], match[3], int(match[4], 0), match[5]


class Recording:
    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.offsets, self.flags, self.sizes, self.streams = {}, {}, {}, {}

    def operations(self, log):
        """May be called for one log after the other: the files go on."""
        self.offsets, self.flags, self.streams = {}, {}, {}
        for call, arguments, result, result_path in _calls(log):
            handler = getattr(self, "_" + call.rstrip("0123456789"), None)
            if handler:
                yield from handler(arguments, result, result_path)

    # ---- files

    def _name(self, path):
        path = _decode(path).decode() if path.startswith("\\x") else path
        if path == self.folder or path.startswith(self.folder + "/"):
            return os.path.relpath(path, self.folder)
        return None

    def _of_descriptor(self, arguments):
        match = FILE.match(arguments)
        return (int(match[1]), self._name(match[2])) if match else (-1, None)

    def _paths(self, arguments):
        """The paths in the arguments of a call that names files."""
        folders = [_decode(path).decode() for _, path in FILE.findall(arguments)]
        names = [_decode(text).decode() for text in STRING.findall(arguments)]
        for number, name in enumerate(names):
            folder = folders[min(number, len(folders) - 1)] if folders else os.getcwd()
            path = os.path.join(folder, name)
            yield os.path.relpath(path, self.folder) if path.startswith(self.folder) else None

    def _openat(self, arguments, fd, path):
        name = self._name(path)
        if name is None:
            return
        self.offsets[fd] = None if "O_APPEND" in arguments else 0
        self.flags[fd] = arguments
        if "O_CREAT" in arguments:
            yield ("create", name)
        if "O_TRUNC" in arguments:
            self.sizes[name] = 0
            yield ("truncate", name, 0)

    _open = _openat

    def _unlink(self, arguments, _result, _path):
        for name in self._paths(arguments):
            if name:
                yield ("remove", name)

    _unlinkat = _unlink

    def _rename(self, arguments, _result, _path):
        name, new_name = self._paths(arguments)
        if name and new_name:
            self.sizes[new_name] = self.sizes.get(name, 0)
            yield ("rename", name, new_name)

    _renameat = _rename

    def _lseek(self, arguments, result, _path):
        self.offsets[self._of_descriptor(arguments)[0]] = result
        return ()

    def _written(self, arguments, offset, result):
        fd, name = self._of_descriptor(arguments)
        if name is None:
            return
        data = b"".join(map(_decode, STRING.findall(arguments)))[:result]
        if offset is None:
            offset = self.offsets.get(fd)
            if offset is None:
                offset = self.sizes.get(name, 0)
            else:
                self.offsets[fd] = offset + result
        self.sizes[name] = max(self.sizes.get(name, 0), offset + result)
        yield ("write", name, offset, data, "SYNC" in self.flags.get(fd, ""))

    def _pwrite(self, arguments, result, _path):
        return self._written(arguments, int(arguments.rsplit(",", 1)[1]), result)

    _pwritev = _pwrite

    def _write(self, arguments, result, _path):
        return self._written(arguments, None, result)

    _writev = _write

    def _ftruncate(self, arguments, _result, _path):
        name = self._of_descriptor(arguments)[1]
        if name:
            self.sizes[name] = int(arguments.rsplit(",", 1)[1])
            yield ("truncate", name, self.sizes[name])

    def _fsync(self, arguments, _result, _path):
        name = self._of_descriptor(arguments)[1]
        if name:
            yield ("sync", name)

    _fdatasync = _fsync

    def _mmap(self, arguments, _result, _path):
        match = FILE.search(arguments)
        if match and "MAP_SHARED" in arguments and "PROT_WRITE" in arguments:
            if self._name(match[2]):
                raise ValueError("a file is written through shared memory, which strace cannot see")
        return ()

    # ---- sockets

    def _close(self, arguments, _result, _path):
        self.streams.pop(self._of_descriptor(arguments)[0], None)
        return ()

    def _sendto(self, arguments, result, _path):
        fd = self._of_descriptor(arguments)[0]
        stream = self.streams.get(fd, b"") + _decode(STRING.search(arguments)[1])[:result]
        if stream.startswith(b"{"):
            *lines, stream = stream.split(b"\n")
            for line in lines:
                yield ("answered", line)
        elif stamp := STAMP.search(stream):
            yield ("requested", stamp[1].decode())
            stream = b""
        self.streams[fd] = stream

    def _sendmsg(self, arguments, _result, _path):
        if b"POST " in _decode((STRING.search(arguments) or ("", ""))[1]):
            raise ValueError("requests leave by sendmsg, which is not looked into")
        return ()

    def _recvfrom(self, arguments, result, _path):
        if result > 0 and not _decode(STRING.search(arguments)[1]).startswith(b"{"):
            yield ("replied",)
