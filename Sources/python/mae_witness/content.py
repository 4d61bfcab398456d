"""Files by their content: digests of chunks, lists of files, and which files of this machine a coordinator may name.

docs/formats.md tells how digests are made: SHA-256 of the SHA-256s of chunks of 1 MiB; a list is a line for each file.
"""

import hashlib
import json
import os
import stat
from dataclasses import dataclass

from . import limits

WEIGHT_FILES = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_MOST_INDEX_BYTES = 64 << 20


@dataclass
class FileEntry:
    """One file of a list: name, size, the digests of its chunks joined, and where it is on this machine."""

    name: str
    size: int
    chunks: bytes
    path: str = ""
    identity: tuple = ()

    @property
    def digest(self):
        """The name of the content."""
        return hashlib.sha256(self.chunks).digest()

    def chunk_size(self, index):
        """Bytes of a chunk: only the last one has fewer than 1 MiB."""
        return min(limits.CHUNK_BYTES, self.size - index * limits.CHUNK_BYTES)


@dataclass
class Manifest:
    """Files of a checkpoint, by name."""

    is_directory: bool
    files: list

    def __post_init__(self):
        self.files = sorted(self.files, key=lambda file: file.name.encode())

    @property
    def digest(self):
        """The name of the checkpoint."""
        lines = ["directory\n" if self.is_directory else "file\n"]
        lines += [f"{file.digest.hex()} {file.size} {file.name}\n" for file in self.files]
        return hashlib.sha256("".join(lines).encode()).digest()

    @property
    def size(self):
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def manifest_of(message):
    """The Manifest that a message tells, None where it is none: names lead nowhere else, and sizes fit the chunks."""
    if not message.HasField("is_directory") or not 1 <= len(message.files) <= limits.CONTENT_FILES:
        return None
    if not message.is_directory and len(message.files) != 1:
        return None
    files, names, chunks = [], set(), 0
    for each in message.files:
        try:
            name = each.name.decode()
        except UnicodeDecodeError:
            return None
        plain = 0 < len(each.name) <= limits.FILE_NAME_BYTES and name not in (".", "..")
        if not plain or name in names or any(ord(letter) < 32 or letter in "/\\\x7f" for letter in name):
            return None
        count = -(-each.size // limits.CHUNK_BYTES)
        chunks += count
        if chunks > limits.CONTENT_CHUNKS or len(each.chunks) != 32 * count:
            return None
        names.add(name)
        files.append(FileEntry(name, each.size, each.chunks))
    return Manifest(message.is_directory, files)


def identity(descriptor_or_path):
    """What tells that a file is another one by now, or was written to."""
    status = os.stat(descriptor_or_path)
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def read(path, name, check=lambda done: None):
    """The content of the file at `path` as it is now; raises OSError where it is no regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no regular file")
        before = identity(descriptor)
        chunks, size = [], 0
        while data := file.read(limits.CHUNK_BYTES):
            chunks.append(hashlib.sha256(data).digest())
            size += len(data)
            check(size)
        if identity(descriptor) != before or size != before[2]:
            raise OSError(f"{path} was written to while it was read")
        return FileEntry(name, size, b"".join(chunks), path, before)


def checkpoint_names(path):
    """Files of the checkpoint at `path`, and whether it is a folder: what opening it reads, and nothing more.

    Raises OSError where nothing is there, ValueError for an index that cannot be read.
    """
    if not os.path.isdir(path):
        return False, [os.path.basename(path)]
    form = next((name for name in WEIGHT_FILES if os.path.isfile(os.path.join(path, name))), None)
    if form is None:
        raise OSError(f"{path} holds no weights")
    shards = []
    if form.endswith(".index.json"):
        shards = shard_names(os.path.join(path, form))
    configuration = ["config.json"] if os.path.isfile(os.path.join(path, "config.json")) else []
    return True, configuration + [form] + shards


def shard_names(path):
    """Names of the shards that an index lists; raises ValueError and OSError."""
    with open(path, "rb") as file:
        data = file.read(_MOST_INDEX_BYTES + 1)
    if len(data) > _MOST_INDEX_BYTES:
        raise ValueError(f"{path} is too large for an index")
    try:
        document = json.loads(data)
    except RecursionError as error:
        raise ValueError(f"{path} is nested too deeply for an index") from error
    names = document.get("weight_map") if isinstance(document, dict) else None
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise ValueError(f"{path} is no index of shards")
    names = sorted(set(names.values()))
    if any("/" in name or name in (".", "..", "") for name in names):
        raise ValueError(f"{path} names files in other folders")
    return names


def configuration_names(path):
    """The file of the configuration at `path`, a file or a folder with a config.json, and whether it is a folder."""
    return (True, ["config.json"]) if os.path.isdir(path) else (False, [os.path.basename(path)])


def image_names(path):
    """Files of images at `path`, and whether it is a folder of them; raises OSError where there are none."""
    if os.path.isfile(path):
        return False, [os.path.basename(path)]
    names = sorted((name for name in os.listdir(path) if name.endswith(".npy")), key=str.encode)
    if not names:
        raise OSError(f"{path} holds no .npy file")
    return True, names


class ModelFolders:
    """The folders of this machine in which jobs may name files. A path that leads elsewhere, links followed, is as good
    as one where nothing is."""

    def __init__(self, folders):
        self.folders = list(folders)

    def admit(self, path, names=()):
        """Whether the file or folder at `path`, and each of `names` in it, may be looked at.

        With it goes what readers look at in the same folder, so no link there may lead out of the folders either.
        """
        if not self.folders:
            return False
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        if not self._contain(path) or not self._contain(folder):
            return False
        try:
            with os.scandir(folder or ".") as entries:
                if not all(self._contain(entry.path) for entry in entries if entry.is_symlink()):
                    return False
        except OSError:
            return False
        return all(self._contain(os.path.join(folder, name)) for name in names)

    def _contain(self, path):
        place = os.path.realpath(path)
        return any(
            place == folder or place.startswith(folder.rstrip("/") + "/")
            for folder in map(os.path.realpath, self.folders)
            if os.path.isdir(folder)
        )
