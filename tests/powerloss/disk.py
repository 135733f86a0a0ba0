"""What a disk may hold after the power went.

    live      what the program sees
    durable   what is on the disk for sure

The data of a file is durable up to its last sync. Of the later writes any subset may
have reached the disk, each torn at a sector's end. What was done to the directory (a
file made, renamed, removed) since its last sync is kept up to any point; a file's sync
makes its own making durable as well, as ext4, xfs and btrfs have it.
"""

SECTOR = 512


class File:
    def __init__(self):
        self.durable = bytearray()
        self.pending = []  # changes since the last sync


def change(content, operation):
    """Carry out ("write", offset, data) or ("truncate", size) on a bytearray."""
    if operation[0] == "truncate":
        size = operation[1]
        del content[size:]
        content.extend(bytes(size - len(content)))
        return
    _, offset, data = operation
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset:offset + len(data)] = data


class Disk:
    def __init__(self, dice):
        self.dice = dice
        self.live, self.durable = {}, {}  # name to File
        self.steps = []  # changes of the directory since its last sync: (name, File or None)

    def apply(self, operation):
        getattr(self, operation[0])(*operation[1:])

    def create(self, name):
        if name not in self.live:
            self._enter(name, File())

    def remove(self, name):
        if name in self.live:
            self._enter(name, None)

    def rename(self, name, new_name):
        if name in self.live:
            file = self.live[name]
            self.live.pop(name)
            self.live[new_name] = file
            self.steps.append(((new_name, file), (name, None)))

    def _enter(self, name, file):
        if file:
            self.live[name] = file
        else:
            del self.live[name]
        self.steps.append(((name, file),))

    def write(self, name, offset, data, synced=False):
        self._change(name, ("write", offset, data))
        if synced:
            self._settle(self.live.get(name))

    def truncate(self, name, size):
        self._change(name, ("truncate", size))

    def _change(self, name, operation):
        if name in self.live:
            self.live[name].pending.append(operation)

    def sync(self, name):
        """Of a file, or of the directory itself."""
        file = self.live.get(name)
        self._settle(file)
        if file is None or file not in self.durable.values():
            self.durable = self._names(len(self.steps))
            self.steps = []

    @staticmethod
    def _settle(file):
        if file:
            for operation in file.pending:
                change(file.durable, operation)
            file.pending = []

    def _names(self, steps):
        names = dict(self.durable)
        for step in self.steps[:steps]:
            for name, file in step:
                if file:
                    names[name] = file
                else:
                    names.pop(name, None)
        return names

    def states(self, samples):
        """Contents by name: the least, the most, and so many in between, for some directories."""
        count = len(self.steps)
        for steps in sorted({0, count, self.dice.randint(0, count)}):
            names = self._names(steps)
            yield self._contents(names, lambda pending: [])
            yield self._contents(names, list)
            for _ in range(samples):
                yield self._contents(names, self._some)

    @staticmethod
    def _contents(names, select):
        chosen = {id(file): select(file.pending) for file in names.values()}
        contents = {}
        for name, file in names.items():
            content = bytearray(file.durable)
            for operation in chosen[id(file)]:
                change(content, operation)
            contents[name] = bytes(content)
        return contents

    def _some(self, pending):
        kind = self.dice.randrange(4)
        if kind == 0:
            some = pending[:self.dice.randint(0, len(pending))]
        elif kind == 1:
            some = [operation for operation in pending if self.dice.random() < 0.5]
        elif kind == 2 and pending:
            missing = self.dice.randrange(len(pending))
            some = pending[:missing] + pending[missing + 1:]
        else:
            some = list(pending)
        if some and self.dice.random() < 0.4:
            torn = self.dice.randrange(len(some))
            some[torn] = self._torn(some[torn])
        return some

    def _torn(self, operation):
        if operation[0] != "write" or len(operation[2]) <= SECTOR:
            return operation
        _, offset, data = operation
        cut = SECTOR * self.dice.randrange(1, (len(data) + SECTOR - 1) // SECTOR)
        if self.dice.random() < 0.5:
            return ("write", offset, data[:cut])
        return ("write", offset + cut, data[cut:])
