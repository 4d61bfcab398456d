"""Key files of nodes, as docs/formats.md describes them and `mae-coord keys add` writes them."""

import os
import stat
import struct
from dataclasses import dataclass, field

import zmq
from zmq.utils import z85

from . import limits

_TITLE = b"mae-key 1 node"
_FIELDS = (b"name", b"public-key", b"secret-key", b"coordinator-key")
_MOST_BYTES = 4096


class KeyProblem(Exception):
    """What is wrong with a key file, and what to do about it."""


@dataclass
class NodeKeys:
    """A node's name, its own pair, and the coordinator's public key: 40 characters of Z85 each."""

    node: str
    public: bytes
    secret: bytes = field(repr=False)
    coordinator: bytes = b""


def read(path):
    """The keys in the file at `path`, which its owner alone may touch; raises KeyProblem."""
    lines = _bytes(path).split(b"\n")
    if lines.pop() != b"":
        raise KeyProblem(f"{path}: is no key file as it must be: does not end with a whole line")
    if not lines or lines[0] != _TITLE:
        raise KeyProblem(f'{path}: is no key file as it must be: must begin with the line "{_TITLE.decode()}"')
    fields = {}
    for number, line in enumerate(lines[1:], 2):
        name, colon, value = line.partition(b": ")
        if name not in _FIELDS or not colon or name in fields:
            raise KeyProblem(f"{path}: is no key file as it must be: line {number} is no field, or one that was there")
        fields[name] = value
    if len(fields) != len(_FIELDS):
        raise KeyProblem(
            f"{path}: is no key file as it must be: it has the fields name, public-key, secret-key and coordinator-key"
        )
    for name in _FIELDS[1:]:
        try:
            whole = len(fields[name]) == 40 and len(z85.decode(fields[name])) == 32
        except (ValueError, KeyError, IndexError, struct.error):
            whole = False
        if not whole:
            raise KeyProblem(f"{path}: {name.decode()} is no key; a key has 40 characters (Z85)")
    if zmq.curve_public(fields[b"secret-key"]) != fields[b"public-key"]:
        raise KeyProblem(f"{path}: public-key and secret-key do not belong together")
    try:
        node = fields[b"name"].decode()
    except UnicodeDecodeError as error:
        raise KeyProblem(f"{path}: name is not UTF-8") from error
    if not is_name(node):
        raise KeyProblem(f"{path}: name is no name for a node")
    return NodeKeys(node, fields[b"public-key"], fields[b"secret-key"], fields[b"coordinator-key"])


def is_name(text):
    """Whether `text` can be the name of a node."""
    return 0 < len(text.encode()) <= limits.NODE_NAME_BYTES and not any(
        ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text
    )


def _bytes(path):
    try:
        # A link could lead to a file that is checked in another's place; a pipe would be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise KeyProblem(f"{path}: cannot be opened: {error.strerror}; name the file itself, no link") from error
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeyProblem(f"{path}: is no regular file")
        if status.st_uid != os.geteuid():
            raise KeyProblem(
                f"{path}: belongs to user {status.st_uid}, and this program runs as user {os.geteuid()}; "
                "give it to that user"
            )
        if status.st_mode & 0o077:
            raise KeyProblem(
                f"{path}: is open to others (mode {status.st_mode & 0o7777:o}); close it with: chmod 600 "
                f"'{path}', and make new keys if others may have read it"
            )
        data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise KeyProblem(f"{path}: is too large for a key file")
        return data
