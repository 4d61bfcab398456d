"""The worker's side of a cluster as a state machine: greeting, heartbeats, jobs in hand, results not yet acknowledged.

It is WorkerStateMachine of Sources/MAECluster, told again: it reads no clock and touches no socket. Each method takes
the time in seconds and appends to `actions` what is to be done: ("hello",), ("say", statement), ("start", job),
("cancel", lease), ("welcomed",), ("refused", text), ("left",).
"""

from . import mae_pb2 as pb

HELLO_INTERVAL = 1.0
LONGEST_HELLO_INTERVAL = 5.0
RESEND_INTERVAL = 5.0
MOST_JOBS = 16
# Leases of which the latest grant is remembered.
MOST_REMEMBERED = 1 << 16


class Session:
    """What a worker is in the middle of."""

    def __init__(self, now):
        self.phase = "greeting"
        self.next = now
        self.greetings = 0
        self.id = None
        self.heartbeat_interval = self.silence_timeout = 1.0
        self.last_heard = now
        self.waiting = []
        self.running = None
        self.is_cancelled = False
        self.unacknowledged = {}
        self.latest = {}
        self.statements = 0
        self.is_heartbeat_due = False
        self.actions = []

    def take_actions(self):
        """What is to be done, in order."""
        actions, self.actions = self.actions, []
        return actions

    def timeout(self, now):
        """Seconds until `tick` has something to do."""
        if self.phase == "gone":
            return 0.0
        moments = [self.next]
        if self.phase == "member":
            moments += [self.last_heard + self.silence_timeout]
            moments += [each[1] for each in self.unacknowledged.values()]
        return max(0.0, min(moments) - now)

    def tick(self, now):
        """Takes in that time has passed."""
        if self.phase == "member":
            if now >= self.last_heard + self.silence_timeout:
                self._greet(now)
            else:
                for lease in sorted(self.unacknowledged):
                    statement, due = self.unacknowledged[lease]
                    if now >= due:
                        self.unacknowledged[lease] = (statement, now + RESEND_INTERVAL)
                        self.actions.append(("say", statement))
                if now >= self.next or self.is_heartbeat_due:
                    self.next = now + self.heartbeat_interval
                    self.is_heartbeat_due = False
                    self.statements += 1
                    # As it is now: what follows from the same moment is told by the next one.
                    running = self.running.lease if self.running else None
                    statement = ("heartbeat", self.statements, running, self.unfinished(), sorted(self.unacknowledged))
                    self.actions.append(("say", statement))
        if self.phase == "greeting" and now >= self.next:
            self._greet_later(now)
            self.actions.append(("hello",))
        if self.running is None and self.waiting and self.phase != "gone":
            self.running, self.is_cancelled = self.waiting.pop(0), False
            self.actions.append(("start", self.running))

    def unfinished(self):
        """Leases of jobs to be finished: the one that runs, unless it was told to stop, and those that wait."""
        running = [self.running.lease] if self.running and not self.is_cancelled else []
        return running + [job.lease for job in self.waiting]

    def heard(self, now):
        """Notes that the coordinator is there."""
        self.last_heard = now

    def welcome(self, session, heartbeat, silence, now):
        """The coordinator took the worker in."""
        if session != self.id:
            if self.phase == "member":
                # It answers an earlier Hello than the one that made it a member.
                return
            self._drop_all()
        self.id, self.heartbeat_interval, self.silence_timeout = session, heartbeat, silence
        self.greetings = 0
        self.phase = "member"
        # A job of an earlier session may be about to stop: that is not worth naming yet.
        self.next = now + heartbeat if self.running and self.is_cancelled else now
        self.unacknowledged = {lease: (each[0], now) for lease, each in self.unacknowledged.items()}
        self.actions.append(("welcomed",))

    def job(self, job, now):
        """The coordinator granted a job."""
        if self.phase != "member":
            return
        if job.lease in self.unacknowledged:
            self.unacknowledged[job.lease] = (self.unacknowledged[job.lease][0], now)
        if job.lease.epoch <= self.latest.get(job.lease.id, 0):
            return
        self.waiting = [each for each in self.waiting if each.lease.id != job.lease.id]
        self.latest[job.lease.id] = job.lease.epoch
        self.waiting.append(job)
        self._forget_old_leases()

    def acknowledge(self, leases):
        """Results of these leases are in the store."""
        for lease in leases:
            self.unacknowledged.pop(lease, None)

    def revoke(self, lease):
        """Gives a job up, also one that is still to come: messages of two connections may overtake each other."""
        self.waiting = [job for job in self.waiting if job.lease != lease]
        self.latest[lease.id] = max(lease.epoch, self.latest.get(lease.id, 0))
        self.unacknowledged.pop(lease, None)
        self._forget_old_leases()
        if self.running and self.running.lease == lease and not self.is_cancelled:
            self.is_cancelled = True
            self.actions.append(("cancel", lease))

    def reject(self, reason, lease, wait, text, now):
        """The coordinator did not take something."""
        if reason == pb.Reason_UNKNOWN_WORKER:
            # Many may come for many messages: one Hello answers them all.
            if self.phase == "member":
                self._greet(now)
            return
        if reason in (pb.Reason_NAME_TAKEN, pb.Reason_TOO_MANY_HELLOS):
            self._greet(now + max(wait, HELLO_INTERVAL))
        elif reason in (pb.Reason_CLUSTER_FULL, pb.Reason_NAME_NOT_OF_KEY):
            self._greet(now + LONGEST_HELLO_INTERVAL)
        elif lease is not None and reason in (
            pb.Reason_LEASE_NEVER_GRANTED,
            pb.Reason_LEASE_OLD_EPOCH,
            pb.Reason_LEASE_OTHER_HOLDER,
        ):
            self.revoke(lease)
        self.actions.append(("refused", text))

    def goodbye(self, now):
        """The coordinator leaves; the next run may follow at once."""
        self._drop_all()
        if self.id is not None:
            self.greetings = 0
        self.id = None
        self._greet_later(now)
        self.actions.append(("left",))

    def ended(self, lease, result, now):
        """The job that ran has ended: `result` is what is to be said of it, None where it stopped because it was told
        to."""
        if not self.running or self.running.lease != lease:
            return
        cancelled = self.is_cancelled or result is None
        self.running, self.is_cancelled = None, False
        if cancelled:
            # The coordinator grants nothing while the previous heartbeat still names the job.
            self.is_heartbeat_due = True
            return
        statement = ("result", lease, result)
        due = now
        if self.phase == "member":
            self.actions.append(("say", statement))
            due = now + RESEND_INTERVAL
        self.unacknowledged[lease] = (statement, due)

    def leave(self):
        """The worker is to end."""
        if self.phase == "member":
            self.actions.append(("say", ("goodbye", "the witness was told to stop")))
        self._drop_all()
        self.phase = "gone"
        self.actions.append(("left",))

    def _greet(self, moment):
        self.phase, self.next = "greeting", moment

    def _greet_later(self, now):
        self._greet(now + min(HELLO_INTERVAL * (1 << min(self.greetings, 4)), LONGEST_HELLO_INTERVAL))
        self.greetings += 1

    def _drop_all(self):
        self.waiting, self.unacknowledged = [], {}
        if self.running:
            self.revoke(self.running.lease)
        self.latest = {}

    def _forget_old_leases(self):
        if len(self.latest) <= MOST_REMEMBERED:
            return
        held = {lease.id for lease in self.unfinished()} | {lease.id for lease in self.unacknowledged}
        self.latest = {number: epoch for number, epoch in self.latest.items() if number in held}
