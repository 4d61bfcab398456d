"""Files that came from a coordinator, in a folder that any number of witnesses of one user share.

`files/DIGEST` holds whole files, read-only and for this user alone. A file under way has a name in `partial/` that
cannot be guessed; it takes its own name when it is whole and right. `views/` holds folders of links that give files
their names while a checkpoint is loaded.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import time

from . import content, limits, mae_pb2 as pb
from .jobs import JobFailure

_STALE = 86_400


class Held:
    """A file of the cache, which stays there as long as this is open."""

    def __init__(self, path, descriptor):
        self.path, self.descriptor = path, descriptor

    def close(self):
        """Lets the file go when room is needed."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


class Cache:
    """Whole files by their digests, and room for those to come."""

    def __init__(self, folder, limit):
        self.folder, self.limit = folder, limit
        self.verified = {}

    def open(self):
        """Makes the folders, which no other user may open; raises JobFailure."""
        try:
            for name in ("", "files", "partial", "views"):
                path = os.path.join(self.folder, name)
                os.makedirs(path, mode=0o700, exist_ok=True)
                status = os.lstat(path.rstrip("/"))
                if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
                    raise OSError(f"{path} is a link, or belongs to another user")
                if status.st_mode & 0o077:
                    os.chmod(path, 0o700)
            self._sweep()
        except OSError as error:
            raise _unwritable(error) from error

    def take(self, file, check):
        """The file of this content when it is there and its bytes are right, held; None where it is not."""
        path = self._path(file)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        try:
            if os.fstat(descriptor).st_nlink > 0 and self._is_right(path, file, check):
                os.utime(descriptor, ns=(time.time_ns(), os.fstat(descriptor).st_mtime_ns))
                return Held(path, descriptor)
        except OSError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _is_right(self, path, file, check):
        if self.verified.get(path) == content.identity(path):
            return True
        found = content.read(path, file.name, check)
        if found.chunks != file.chunks:
            os.unlink(path)
            return False
        self.verified[path] = found.identity
        return True

    def store(self, file, fill, check):
        """Takes the file of this content in: `fill` is given a function that writes a chunk at its index, and says
        whether its bytes are right. Returns it held; raises JobFailure."""
        self._make_room(file.size)
        partial = os.path.join(self.folder, "partial", f"{file.digest.hex()}-{secrets.token_hex(8)}")
        try:
            descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                os.posix_fallocate(descriptor, 0, file.size) if file.size else None

                def write(index, data):
                    digest = file.chunks[32 * index : 32 * index + 32]
                    if len(data) != file.chunk_size(index) or hashlib.sha256(data).digest() != digest:
                        return False
                    if os.pwrite(descriptor, data, index * limits.CHUNK_BYTES) != len(data):
                        raise OSError("the disk is full")
                    return True

                fill(write)
                os.fchmod(descriptor, 0o400)
                os.fsync(descriptor)
                os.rename(partial, self._path(file))
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unwritable(error) from error
        finally:
            if os.path.lexists(partial):
                os.unlink(partial)
        held = self.take(file, check)
        if held is None:
            raise JobFailure(
                "unwritable",
                f"{self._path(file)}: what was written is not what can be read",
                "check the disk of this machine",
                pb.Fault_NODE_AT_FAULT,
            )
        return held

    def view(self, files):
        """A folder in which each path of `files`, by name, has that name; `discard` removes it."""
        try:
            folder = os.path.join(self.folder, "views", secrets.token_hex(16))
            os.mkdir(folder, 0o700)
            for name, path in files.items():
                os.symlink(os.path.abspath(path), os.path.join(folder, name))
            return folder
        except OSError as error:
            raise _unwritable(error) from error

    @staticmethod
    def discard(folder):
        """Removes a view; what its links lead to stays."""
        shutil.rmtree(folder, ignore_errors=True)

    def _path(self, file):
        return os.path.join(self.folder, "files", file.digest.hex())

    def _make_room(self, size):
        folder = os.path.join(self.folder, "files")
        if size <= self.limit:
            used = []
            for name in os.listdir(folder):
                path = os.path.join(folder, name)
                try:
                    status = os.lstat(path)
                    used.append((status.st_atime_ns, status.st_size, path))
                except OSError:
                    pass
            total = size + sum(each[1] for each in used)
            for _, bytes_of, path in sorted(used):
                if total <= self.limit:
                    return
                if self._remove_unused(path):
                    total -= bytes_of
            if total <= self.limit:
                return
        raise JobFailure(
            "cacheFull",
            f"{self.folder}: there is no room for {size} bytes below the limit of {self.limit}",
            "allow more with --cache-limit",
            pb.Fault_NODE_AT_FAULT,
        )

    @staticmethod
    def _remove_unused(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
            return True
        except OSError:
            return False
        finally:
            os.close(descriptor)

    def _sweep(self):
        """Removes what witnesses that were killed left: files under way that no process holds, and views of
        yesterday."""
        folder = os.path.join(self.folder, "partial")
        for name in os.listdir(folder):
            self._remove_unused(os.path.join(folder, name))
        folder = os.path.join(self.folder, "views")
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.lstat(path).st_mtime < time.time() - _STALE:
                self.discard(path)


def _unwritable(error):
    return JobFailure(
        "unwritable", f"the cache cannot be used: {error}", "name another folder with --cache", pb.Fault_NODE_AT_FAULT
    )
