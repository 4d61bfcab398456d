"""Finds the files that a job names by digest: at the path that it names, in the cache, or at the coordinator.

A path is looked at only in the folders of --models; elsewhere it is as if nothing were there. Used on the thread that
computes.
"""

import logging
import os
import time

import zmq

from . import content, limits, link, mae_pb2 as pb, wire
from .jobs import JobFailure

log = logging.getLogger("mae-witness")

# Chunks that are asked for and have not come; how often one with wrong bytes is asked for; seconds to ask again, to
# give up.
WINDOW = 8
TRIES = 3
REPETITION = 5.0
END = 60.0


class Place:
    """Files of a job, as long as this is open: `path` is what is opened, `named` what people read, `files` are by
    name."""

    def __init__(self, named, is_directory, files, held=(), identities=None, finding=None):
        self.named, self.is_directory, self.files = named, is_directory, files
        self.held, self.identities, self.finding = list(held), identities or {}, finding

    def changed(self):
        """A file that is no longer what it was found to be; None when all are."""
        for path, before in self.identities.items():
            try:
                if content.identity(path) != before:
                    return path
            except OSError:
                return path
        return None

    def close(self):
        """Lets the cache have the files back."""
        for each in self.held:
            each.close()


class Supply:
    """Where files come from."""

    def __init__(self, cache, folders, options, context, fetches=True):
        self.cache, self.folders, self.options, self.context, self.fetches = cache, folders, options, context, fetches

    def place(self, path, digest, names_at, control):
        """The files at `path` with the bytes that `digest` names; `names_at` lists those of a path.

        Raises JobFailure when they cannot be had, and Cancelled.
        """
        local = self._local(path, names_at, control)
        if digest is None:
            # The coordinator has no such path: there is nothing to compare with.
            if local is None:
                raise JobFailure(
                    "unreadableFile",
                    f"{path}: this worker has nothing at this path that a coordinator may have read",
                    "if it is there, its operator allows the folder with --models DIR",
                )
            return self._found(path, local)
        if local is not None and local.digest == digest:
            return self._found(path, local)
        if not self.fetches:
            here = (
                f"has the digest {local.digest.hex()} here"
                if local
                else ("is not there, cannot be read, or is in no folder of --models,")
            )
            raise JobFailure(
                "otherFile",
                f"{path}: {here} and has {digest.hex()} at the coordinator",
                "copy the coordinator's files into a folder of --models, or leave out --no-fetch",
            )
        return self._fetch(path, digest, local, control)

    def _local(self, path, names_at, control):
        if not self.folders.admit(path):
            return None
        try:
            is_directory, names = names_at(path)
            if not self.folders.admit(path, names if is_directory else ()):
                return None
            files, done = [], 0
            for name in names:
                file = os.path.join(path, name) if is_directory else path
                files.append(
                    content.read(file, name, lambda size, done=done: control.report(pb.Stage_FETCHING, done + size))
                )
                done += files[-1].size
            return content.Manifest(is_directory, files)
        except (OSError, ValueError):
            return None

    @staticmethod
    def _found(path, manifest):
        return Place(
            path,
            manifest.is_directory,
            {file.name: file.path for file in manifest.files},
            identities={file.path: file.identity for file in manifest.files},
        )

    def _fetch(self, path, digest, local, control):
        connection = Connection(self.options, self.context, control)
        held = []
        try:
            self.cache.open()
            manifest = connection.manifest(digest)
            finding = None
            if local is not None:
                finding = (
                    "other-local-files",
                    pb.Severity_WARNING,
                    (
                        f"the files at {path} are not the coordinator's; the coordinator's were fetched and used, so"
                        " look for what went stale there"
                    ),
                )
                log.warning("%s", finding[2])
            done = 0
            for file in manifest.files:

                def check(size, done=done):
                    control.report(pb.Stage_FETCHING, min(done + size, manifest.size), manifest.size)

                each = self.cache.take(file, check)
                if each is None:
                    log.info("fetching %s of %s, %d bytes", file.name, path, file.size)
                    each = self.cache.store(file, lambda write: connection.fill(file, write, check), check)
                held.append(each)
                done += file.size
            files = {file.name: each.path for file, each in zip(manifest.files, held)}
            return Place(path, manifest.is_directory, files, held, finding=finding)
        except BaseException:
            for each in held:
                each.close()
            raise
        finally:
            connection.close()


class Connection:
    """A connection of its own to the coordinator, over which files come: what is queued there holds up no heartbeat,
    nor does a name server that is slow to tell where the coordinator is."""

    def __init__(self, options, context, control):
        self.control = control
        self.socket = options.socket(context, limits.HEADER_BYTES, options.read_keys(), link.FILE_THREAD)
        self.socket.connect(options.endpoint)

    def close(self):
        """Ends it; nothing is left to be said."""
        self.socket.close(0)

    def manifest(self, digest):
        """The list that `digest` names; it was computed from what it lists, so a list changed on the way has another
        one."""
        found = []

        def ask():
            envelope = wire.envelope(None, None)
            envelope.manifest_request.sha256 = digest
            return [envelope]

        def take(message):
            manifest = content.manifest_of(message.body) if message.kind == "manifest" else None
            if manifest is not None and manifest.digest == digest:
                found.append(manifest)
            return [], bool(found)

        self._converse(ask, take)
        return found[0]

    def fill(self, file, write, check):
        """Fetches every chunk of `file`; `write` says whether a chunk is right."""
        missing = list(range(-(-file.size // limits.CHUNK_BYTES)))
        if not missing:
            return
        outstanding, wrong, name, count = set(), {}, file.digest, 0

        def next_ones():
            questions = []
            while missing and len(outstanding) < WINDOW:
                index = missing.pop(0)
                outstanding.add(index)
                envelope = wire.envelope(None, None)
                envelope.chunk_request.file, envelope.chunk_request.index = name, index
                questions.append(envelope)
            return questions

        def ask():
            # Whatever was asked for before is asked for again.
            missing[:0] = sorted(outstanding)
            outstanding.clear()
            return next_ones()

        def take(message):
            nonlocal count
            if message.kind != "chunk" or message.body.file != name or message.body.index not in outstanding:
                return [], False
            index = message.body.index
            outstanding.discard(index)
            if write(index, message.chunk):
                count += len(message.chunk)
                check(count)
            else:
                wrong[index] = wrong.get(index, 0) + 1
                if wrong[index] >= TRIES:
                    raise JobFailure(
                        "wrongContent",
                        f"chunk {index} of the file {name.hex()} came with other bytes than its digest, {TRIES} times",
                        "check the memory and the network of both machines",
                        pb.Fault_NODE_AT_FAULT,
                    )
                missing.insert(0, index)
            return next_ones(), not outstanding and not missing

        self._converse(ask, take)

    def _converse(self, ask, take):
        """Sends what `ask` gives, lets `take` have answers until it says that it is done, asks again when none
        comes."""
        self._send(ask())
        heard = asked = time.monotonic()
        while True:
            self.control.check()
            if self.socket.poll(100):
                frames = self.socket.recv_multipart(zmq.DONTWAIT)
                heard = asked = time.monotonic()
                try:
                    message = wire.decode(frames)
                except wire.WireError:
                    # What cannot be read is as good as no answer.
                    continue
                if message.kind == "reject":
                    raise JobFailure("contentNotHeld", message.body.text.decode())
                questions, is_done = take(message)
                if is_done:
                    return
                self._send(questions)
            now = time.monotonic()
            if now - heard >= END:
                raise JobFailure(
                    "noAnswer",
                    f"the coordinator has sent no part of the checkpoint for {END:.0f} seconds",
                    "check the network between the two machines",
                    pb.Fault_NODE_AT_FAULT,
                )
            if now - asked >= REPETITION:
                asked = now
                self._send(ask())

    def _send(self, envelopes):
        for envelope in envelopes:
            try:
                self.socket.send_multipart(wire.encode(envelope), zmq.DONTWAIT)
            except zmq.Again:
                # What cannot be sent now is asked for again.
                pass
