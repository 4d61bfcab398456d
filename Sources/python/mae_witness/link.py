"""The socket to the coordinator, with whatever keeps it from being of use told in the log.

A socket belongs to one thread: the one that makes the Link, and no other.
"""

import logging
import time

import zmq
from zmq.utils.monitor import parse_monitor_message

from . import keys as key_files
from . import limits

log = logging.getLogger("mae-witness")

# How long to wait after a handshake failed, before the key file is read again and another one begins.
HANDSHAKE_PAUSE = 5.0
REMINDER = 60.0
# Threads of a context, one for messages and one for files: such a thread also asks name servers, and heartbeats would wait
# for that.
IO_THREADS, MESSAGE_THREAD, FILE_THREAD = 2, 0, 1


class Options:
    """How a witness takes part: the endpoint, its name, and where its keys are."""

    def __init__(self, endpoint, node, key_file=None):
        self.endpoint, self.node, self.key_file = endpoint, node, key_file

    def read_keys(self):
        """The keys as they are now; None where none are used. Raises KeyProblem."""
        if self.key_file is None:
            return None
        keys = key_files.read(self.key_file)
        if keys.node != self.node:
            raise key_files.KeyProblem(f"{self.key_file}: holds the key of {keys.node}: start a witness of that name")
        return keys

    def socket(self, context, most_frame_bytes, keys, thread):
        """A socket that is not connected yet, of one of the context's threads; every buffer is bounded, and nothing
        waits for ever."""
        socket = context.socket(zmq.DEALER)
        socket.setsockopt(zmq.AFFINITY, 1 << thread)
        socket.setsockopt(zmq.LINGER, 1000)
        socket.setsockopt(zmq.SNDHWM, 64)
        socket.setsockopt(zmq.RCVHWM, 64)
        socket.setsockopt(zmq.MAXMSGSIZE, most_frame_bytes)
        socket.setsockopt(zmq.RECONNECT_IVL, 100)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 10_000)
        socket.setsockopt(zmq.HANDSHAKE_IVL, 10_000)
        socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
        socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, 30)
        socket.setsockopt(zmq.TCP_KEEPALIVE_INTVL, 10)
        socket.setsockopt(zmq.TCP_KEEPALIVE_CNT, 3)
        socket.setsockopt(zmq.IPV6, int(self.endpoint.startswith("tcp://[")))
        if keys is not None:
            socket.setsockopt(zmq.CURVE_SERVERKEY, keys.coordinator)
            socket.setsockopt(zmq.CURVE_PUBLICKEY, keys.public)
            socket.setsockopt(zmq.CURVE_SECRETKEY, keys.secret)
        return socket


class Link:
    """The connection that messages go over. After a handshake that failed, the key file is read again and a new socket
    is made: libzmq does not try again by itself once it was refused."""

    def __init__(self, options, context):
        self.options, self.context = options, context
        self.keys = options.read_keys()
        self.retry = self.told = None
        self._open()

    def sockets(self):
        """What to wait for."""
        return [self.socket, self.monitor]

    def timeout(self, now):
        """Seconds until `attend` has something to do; None while it has not."""
        return None if self.retry is None else max(0.0, self.retry - now)

    def receive(self):
        """The frames of the next message; None when none has come."""
        try:
            return self.socket.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            return None

    def send(self, frames):
        """Sends a message, or drops it when it cannot be sent now: what matters is said again."""
        try:
            self.socket.send_multipart(frames, zmq.DONTWAIT)
        except zmq.Again:
            pass

    def attend(self):
        """Takes in what has happened to the connection, and connects again when it is time."""
        while self.monitor.poll(0):
            event = parse_monitor_message(self.monitor.recv_multipart())["event"]
            if event == zmq.EVENT_CONNECTED:
                self.is_shaking_hands = True
            elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.is_shaking_hands, self.broken, self.told = False, 0, None
            elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                self._note("refused")
            elif event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
                self._note("mismatch")
            elif event == zmq.EVENT_DISCONNECTED and self.is_shaking_hands:
                self.is_shaking_hands = False
                self.broken += 1
                # Once may be a coordinator that ended just then. CURVE has no other answer to a wrong key than silence.
                if self.broken > 1 and self.keys is not None:
                    self._note("other key")
        if self.retry is not None and time.monotonic() >= self.retry:
            self.retry = None
            try:
                self.keys = self.options.read_keys()
            except key_files.KeyProblem as problem:
                log.error("keeping the old key: %s", problem)
            self.close(0)
            self._open()

    def close(self, linger=1000):
        """Ends the connection; what was sent has `linger` milliseconds to leave."""
        self.socket.disable_monitor()
        self.monitor.close(0)
        self.socket.close(linger)

    def _open(self):
        self.is_shaking_hands, self.broken = False, 0
        self.socket = self.options.socket(self.context, limits.JOB_PAYLOAD_BYTES, self.keys, MESSAGE_THREAD)
        # What has no peer to go to is then not held back until it is stale.
        self.socket.setsockopt(zmq.IMMEDIATE, 1)
        self.monitor = self.socket.get_monitor_socket(
            zmq.EVENT_CONNECTED
            | zmq.EVENT_DISCONNECTED
            | zmq.EVENT_HANDSHAKE_SUCCEEDED
            | zmq.EVENT_HANDSHAKE_FAILED_AUTH
            | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
        )
        self.socket.connect(self.options.endpoint)

    def _note(self, trouble):
        self.is_shaking_hands = False
        if self.retry is not None:
            return
        now = time.monotonic()
        self.retry = now + HANDSHAKE_PAUSE
        if self.told and self.told[0] == trouble and now - self.told[1] < REMINDER:
            return
        self.told = (trouble, now)
        log.error("%s; trying again", self._words(trouble))

    def _words(self, trouble):
        endpoint = self.options.endpoint
        if trouble == "refused" and self.keys is not None:
            name, public = self.keys.node, self.keys.public.decode()
            return (
                f"the coordinator at {endpoint} refused the key of {name}. If it was never added there, do so with: "
                f"mae-coord keys add '{name}' --public-key '{public}'. If it was revoked, get another from: mae-coord "
                f"keys add '{name}'"
            )
        if trouble == "refused":
            return f"the coordinator at {endpoint} refused this witness"
        if trouble == "mismatch" and self.keys is None:
            return (
                f"the coordinator at {endpoint} wants keys: make a node file there with `mae-coord keys add NODE`, copy"
                " it to this machine, and give it with --key FILE"
            )
        if trouble == "mismatch":
            return f"the coordinator at {endpoint} uses no keys: start it with --secure, or this witness without --key"
        return (
            f"the program that listens at {endpoint} has another key than the coordinator's in {self.options.key_file}:"
            " its keys were made again, or it is another coordinator; get a new node file from `mae-coord keys add"
            " NODE` there"
        )
