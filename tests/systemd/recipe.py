"""docs/recipes.md as something to follow: its files are written, its commands are run."""

import os
import re

from service import run

SOURCE = os.environ["SOURCE"]
EXAMPLES = "/usr/share/doc/chatrelay/examples/"


def blocks(title):
    """The code of one recipe: (language, text) each."""
    with open(os.path.join(SOURCE, "docs/recipes.md"), encoding="utf-8") as file:
        sections = dict(part.split("\n", 1) for part in file.read().split("\n## ")[1:])
    return re.findall(r"```(\w+)\n(.*?)```", sections[title], re.DOTALL)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def write_files(title, *changes):
    """Those whose first line is where they belong, with pairs of what is another here."""
    for language, text in blocks(title):
        place = re.match(r"# (/\S+)\n", text)
        if not place or language not in ("ini", "sh", "yaml"):
            continue
        for old, new in changes:
            text = text.replace(old, new)
        write(place[1], text)


def run_commands(title):
    """Those that are root's; a program that is not here is not restarted."""
    for language, text in blocks(title):
        for command in re.findall(r"^# (.*)$", text, re.MULTILINE) if language == "console" else ():
            run("bash", "-c", command, check=not command.startswith("systemctl restart"))
