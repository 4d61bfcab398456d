"""A running witness: the state machine of session.py with a socket, a clock, and a thread that computes.

The thread that calls `run` owns the socket and never computes, so heartbeats go on while PyTorch does.
"""

import collections
import logging
import os
import secrets
import threading
import time

import zmq

from . import limits, mae_pb2 as pb, wire
from .jobs import Cancelled, Control, JobFailure
from .link import REMINDER, Link
from .session import MOST_JOBS, Session

log = logging.getLogger("mae-witness")

_LONGEST_WAIT = 5.0
# How long a job that was told to stop is waited for when the witness leaves.
_GRACE = 5.0
# Bytes of noise that the jobs which wait may hold.
_MOST_PAYLOAD_BYTES = 2 * limits.JOB_PAYLOAD_BYTES
_NO_SUCH_WORKER = (pb.Reason_UNSUPPORTED_VERSION, pb.Reason_MALFORMED, pb.Reason_CONTENT_NOT_HELD)


class Incompatible(Exception):
    """The coordinator speaks another version of the protocol: waiting for it helps nothing."""


class Computation:
    """The thread that computes, one job at a time. `endings` are for the other thread, which `wake` wakes."""

    def __init__(self, runner, wake):
        self.runner, self.wake = runner, wake
        self.jobs = collections.deque()
        self.condition = threading.Condition()
        self.endings = collections.deque()
        self.control = None
        self.is_stopping = False
        self.thread = threading.Thread(target=self._serve, name="mae-compute", daemon=True)
        self.thread.start()

    def start(self, job):
        """Computes `job` once the one before has ended."""
        with self.condition:
            self.control = Control()
            self.jobs.append((job, self.control))
            self.condition.notify()

    def stop(self):
        """Ends the thread, unless its job does not stop within a while."""
        with self.condition:
            self.is_stopping = True
            if self.control:
                self.control.cancel()
            self.condition.notify()
        self.thread.join(_GRACE)

    def _serve(self):
        while True:
            with self.condition:
                while not self.jobs and not self.is_stopping:
                    self.condition.wait()
                if self.is_stopping:
                    return
                job, control = self.jobs.popleft()
            try:
                ending = self.runner.run(job, control)
            except Cancelled:
                ending = None
            except JobFailure as failure:
                ending = failure
            except BaseException as error:
                log.exception("a job ended in an error of the witness")
                ending = JobFailure(
                    "unexpected",
                    f"{type(error).__name__}: {error}",
                    "report this with the witness's log",
                    pb.Fault_INTERNAL,
                )
            self.endings.append((job.lease, ending))
            self.wake()


class Shell:
    """A witness that takes part until `leave` is called, or after one run with `once`."""

    version = limits.VERSION

    def __init__(self, options, hello, runner, context, once=False):
        self.options, self.hello, self.runner, self.context, self.once = options, hello, runner, context, once
        self.incarnation = secrets.randbits(64)
        self.reader, self.writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.is_leaving = False
        self.computed = 0
        self.hellos, self.told = 0, 0.0
        self.refusals = collections.OrderedDict()

    def wake(self):
        """Makes the thread of `run` look round; may be called on any thread and in a signal handler."""
        try:
            os.write(self.writer, b"!")
        except BlockingIOError:
            pass

    def leave(self):
        """Makes `run` say Goodbye and return; may be called on any thread and in a signal handler."""
        self.is_leaving = True
        self.wake()

    def run(self):
        """Takes part on the calling thread. A coordinator that is not there, yet or any more, is waited for without
        end.

        Raises KeyProblem at the start, and Incompatible.
        """
        self.link = Link(self.options, self.context)
        self.computation = Computation(self.runner, self.wake)
        self.session = Session(time.monotonic())
        try:
            while self.session.phase != "gone":
                self._wait()
                self._turn()
        finally:
            self.computation.stop()
            self.link.close()

    def _wait(self):
        poller = zmq.Poller()
        for socket in self.link.sockets() + [self.reader]:
            poller.register(socket, zmq.POLLIN)
        now = time.monotonic()
        timeouts = [self.session.timeout(now), self.link.timeout(now), _LONGEST_WAIT]
        poller.poll(int(1000 * min(each for each in timeouts if each is not None)) + 1)
        try:
            while os.read(self.reader, 4096):
                pass
        except BlockingIOError:
            pass

    def _turn(self):
        if self.is_leaving:
            self.session.leave()
            return self._carry_out()
        while self.computation.endings:
            lease, ending = self.computation.endings.popleft()
            self.session.ended(lease, None if ending is None else self._result(lease, ending), time.monotonic())
            self._carry_out()
        self.link.attend()
        # Looks at the time now and then, whatever a coordinator sends.
        for _ in range(256):
            frames = self.link.receive()
            if frames is None:
                break
            self._receive(frames)
        self.session.tick(time.monotonic())
        self._carry_out()

    def _receive(self, frames):
        try:
            message = wire.decode(frames, limits.SMALL_HEADER_BYTES)
        except wire.OtherVersion as error:
            raise Incompatible(
                f"the coordinator at {self.options.endpoint} speaks another version of the protocol: {error}; "
                "install the same release on both sides"
            ) from error
        except wire.WireError as error:
            self._warn("unreadable", f"a message of the coordinator cannot be read: {error}")
            if error.lease is not None:
                self._refuse(error.lease, str(error))
            return
        if message.incarnation is not None and message.incarnation != self.incarnation:
            return
        self.session.heard(time.monotonic())
        self._take(message)
        self._carry_out()

    def _take(self, message):
        now, body = time.monotonic(), message.body
        if message.kind == "welcome":
            if message.session is not None:
                self.session.welcome(
                    message.session, body.heartbeat_milliseconds / 1000, body.liveness_milliseconds / 1000, now
                )
        elif message.kind == "job":
            reason = self._reason_to_refuse(message.job)
            if reason is not None:
                self._warn("job refused", f"a job is refused: {reason}")
                return self._refuse(message.job.lease, reason)
            self.session.job(message.job, now)
        elif message.kind == "accepted":
            self.session.acknowledge(message.leases)
        elif message.kind == "cancel":
            for lease in message.leases:
                self.session.revoke(lease)
        elif message.kind == "reject":
            text = body.text.decode()
            if body.reason == pb.Reason_UNSUPPORTED_VERSION:
                raise Incompatible(f"the coordinator at {self.options.endpoint} refused this witness: {text}")
            if body.reason in _NO_SUCH_WORKER:
                self._warn("message refused", f"the coordinator refused a message: {text}")
            else:
                wait = body.retry_milliseconds / 1000 if body.HasField("retry_milliseconds") else 1.0
                self.session.reject(body.reason, message.leases[0] if message.leases else None, wait, text, now)
        elif message.kind == "goodbye":
            log.info("the coordinator says Goodbye: %s", body.reason.decode())
            # The coordinator waits for this before it closes: what is unread then is lost with the connection.
            self._send_goodbye("heard")
            self.session.goodbye(now)
        elif message.kind in ("manifest", "chunk"):
            self._warn("files", "the coordinator sent files that were not asked for on this connection")

    def _reason_to_refuse(self, job):
        waiting = self.session.waiting
        if any(each.lease.id == job.lease.id for each in waiting):
            return None
        if len(waiting) >= MOST_JOBS:
            return f"{len(waiting)} jobs wait already"
        size = job.payload_bytes + sum(each.payload_bytes for each in waiting)
        return f"what comes with jobs that wait would take {size} bytes" if size > _MOST_PAYLOAD_BYTES else None

    def _carry_out(self):
        # One action may lead to others.
        while actions := self.session.take_actions():
            for action in actions:
                getattr(self, "_do_" + action[0])(*action[1:])

    def _do_hello(self):
        self.hellos += 1
        now = time.monotonic()
        if self.hellos == 2 or self.hellos > 2 and now - self.told >= REMINDER:
            self.told = now
            log.info("no answer yet from a coordinator at %s: trying again until there is one", self.options.endpoint)
        envelope = self._envelope(None)
        envelope.hello.CopyFrom(self.hello)
        self.link.send(wire.encode(envelope))

    def _do_say(self, statement):
        if statement[0] == "heartbeat":
            return self._send_heartbeat(*statement[1:])
        if statement[0] == "goodbye":
            return self._send_goodbye(statement[1])
        _, lease, (result, payloads) = statement
        envelope = self._envelope(self.session.id)
        envelope.result.CopyFrom(result)
        self.link.send(wire.encode(envelope, payloads, limits.HEADER_BYTES))

    def _do_start(self, job):
        log.debug("computing batch %d, %s", job.batch_index, job.label)
        self.computation.start(job)

    def _do_cancel(self, lease):
        log.info("stopping: no longer wanted")
        if self.computation.control:
            self.computation.control.cancel()

    def _do_welcomed(self):
        self.hellos = 0
        log.info("joined the cluster at %s as %s", self.options.endpoint, self.options.node)

    def _do_refused(self, text):
        self._warn("refused", f"the coordinator refused: {text}")

    def _do_left(self):
        log.info("parted from the coordinator, after %d shards", self.computed)
        self.hellos = 0
        if self.once and self.computed:
            self.leave()
        self.computed = 0

    def _result(self, lease, ending):
        """What is to be said of a job: a Result with its payloads, within the limits of the wire."""
        if not isinstance(ending, JobFailure):
            completed, payloads = ending
            result = pb.Result()
            wire.set_lease(result.lease, lease)
            result.completed.CopyFrom(completed)
            try:
                envelope = self._envelope(self.session.id)
                envelope.result.CopyFrom(result)
                wire.encode(envelope, payloads, limits.HEADER_BYTES)
                self.computed += 1
                return result, payloads
            except wire.WireError as error:
                ending = JobFailure("resultTooLarge", f"the result cannot be sent: {error}", "use smaller batches")
        log.error("%s", ending.message)
        result = pb.Result()
        wire.set_lease(result.lease, lease)
        result.failed.code = limits.clipped(ending.code, limits.NAME_BYTES).encode()
        result.failed.message = limits.clipped(ending.message).encode()
        result.failed.remedy = limits.clipped(ending.remedy).encode()
        result.failed.fault = ending.fault
        return result, []

    def _send_heartbeat(self, number, running, unfinished, finished):
        envelope = self._envelope(self.session.id)
        heartbeat = envelope.heartbeat
        if running is not None:
            stage, step, steps, layer = self.computation.control.place()
            progress = heartbeat.progress
            wire.set_lease(progress.lease, running)
            progress.stage, progress.step, progress.steps = stage, step, steps
            if layer is not None:
                progress.layer = limits.clipped(layer, limits.TENSOR_NAME_BYTES).encode()
        if len(unfinished) + len(finished) <= limits.LEASES:
            heartbeat.holding.number = number
            for lease in unfinished:
                wire.set_lease(heartbeat.holding.unfinished.add(), lease)
            for lease in finished:
                wire.set_lease(heartbeat.holding.finished.add(), lease)
        self.link.send(wire.encode(envelope))

    def _send_goodbye(self, reason):
        envelope = self._envelope(self.session.id)
        envelope.goodbye.reason = reason.encode()
        self.link.send(wire.encode(envelope))

    def _refuse(self, lease, text):
        """Says that a job cannot be read: otherwise the coordinator would wait for its result."""
        envelope = self._envelope(self.session.id)
        envelope.reject.reason = pb.Reason_MALFORMED
        envelope.reject.text = limits.clipped(text).encode()
        wire.set_lease(envelope.reject.lease, lease)
        self.link.send(wire.encode(envelope))

    def _envelope(self, session):
        envelope = wire.envelope(session, self.incarnation)
        envelope.version = self.version
        return envelope

    def _warn(self, kind, text):
        """Writes a line that a coordinator may cause, at most one of a kind in ten seconds."""
        now = time.monotonic()
        if now - self.refusals.get(kind, -60.0) >= 10.0:
            self.refusals[kind] = now
            log.warning("%s", text)
