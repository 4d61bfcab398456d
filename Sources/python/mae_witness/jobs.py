"""What the thread that computes and the one that talks share: how a job fails, where it is, and whether it is
wanted."""

import threading

from . import mae_pb2 as pb


class Cancelled(Exception):
    """The result is not wanted any more."""


class JobFailure(Exception):
    """Why a job has no result; what a Failed message says."""

    def __init__(self, code, message, remedy="", fault=pb.Fault_INPUT_AT_FAULT):
        super().__init__(message)
        self.code, self.message, self.remedy, self.fault = code, message, remedy, fault


class Control:
    """How a computation tells where it is, and learns that it is to stop. Used by two threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._place = (pb.Stage_FETCHING, 0, 0, None)
        self._cancelled = threading.Event()

    def report(self, stage, step=0, steps=0, layer=None):
        """Tells what the job is at, and raises Cancelled where it is to stop."""
        with self._lock:
            self._place = (stage, step, steps, layer)
        self.check()

    def check(self):
        """Raises Cancelled where the job is to stop."""
        if self._cancelled.is_set():
            raise Cancelled

    def place(self):
        """Stage, step, steps, and the layer or None."""
        with self._lock:
            return self._place

    def cancel(self):
        """Makes the next `report` or `check` raise."""
        self._cancelled.set()
