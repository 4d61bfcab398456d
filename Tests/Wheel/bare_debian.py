"""A Debian with Python, without libzmq and without Swift, in which commands are run."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
IMAGES = ROOT / "Tests/Images"
HOME = "/root/work"


class Unavailable(Exception):
    """No such root can be made here; the text says why."""


class BareDebian:
    """Keeps what commands change in a folder of its own."""

    def __init__(self, changes, shown):
        """`changes` is that folder, `shown` the folders of this machine that are seen inside, by their path there."""
        made = subprocess.run(
            [IMAGES / "bases", ROOT / ".build/images", "python"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if made.returncode == 69:
            raise Unavailable(made.stderr.strip().split("\n")[-1])
        made.check_returncode()
        self.layers = made.stdout.strip().split("\t")[1]
        self.changes = changes
        self.shown = shown
        os.makedirs(changes + HOME)

    def run(self, script, *, variables=None, code=0):
        """What bash prints that runs the script in the home folder, both streams together; it is to end with this exit code."""
        command = [IMAGES / "enter", self.layers, "--changes", self.changes, "--directory", HOME, "--tmpfs", "/tmp"]
        for inside, folder in self.shown.items():
            command += ["--show", folder, inside]
        for name, value in {"LC_ALL": "C.UTF-8", **(variables or {})}.items():
            command += ["--set", f"{name}={value}"]
        ended = subprocess.run(
            [*command, "--", "bash", "-ec", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
        if ended.returncode != code:
            raise AssertionError(f"{script}\nended with {ended.returncode} and not with {code}:\n{ended.stdout}")
        return ended.stdout
