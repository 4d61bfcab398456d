import Logging
import MAECluster
import MAEWire
import ZeroMQ

extension WorkerSession {
    /// The next message that can be read; others are noted in the log.
    func receive() throws -> Envelope? {
        while true {
            do {
                guard let message = try socket.receive() else { return nil }
                return try Envelope(frames: message.frames)
            } catch let error as WireError {
                log.warning("a message of the coordinator cannot be read: \(error)")
                if let lease = error.lease { try refuse(lease, error.description) }
            } catch let error as ZeroMQError where error.code == .messageTooLarge {
                log.warning("a message of the coordinator cannot be read: \(error)")
            }
        }
    }

    /// Takes in one message.
    mutating func take(_ envelope: Envelope) throws {
        // A welcome for an earlier start of this process would be answered with the wrong incarnation.
        if let spokenTo = envelope.incarnation, spokenTo != incarnation.rawValue { return }
        switch envelope.body {
        case .welcome(let welcome):
            guard let session = envelope.session else { return }
            try handle(
                .received(
                    .welcome(
                        MAECluster.Welcome(
                            session: SessionID(rawValue: session), heartbeatInterval: welcome.heartbeatInterval,
                            silenceTimeout: welcome.livenessTimeout))))
        case .job(let job):
            guard let lease = Lease(job.lease), let shard = Shard(job), jobs.count < WireLimits.leases else {
                let text = "a job cannot be taken: its lease or shard is out of range, or there are too many"
                log.warning("\(text)", metadata: .about(job))
                return try refuse(job.lease, text)
            }
            jobs[lease] = job
            try handle(.received(.job(MAECluster.Job(lease: lease, shard: shard))))
        case .heartbeat: try handle(.received(.heartbeat))
        case .accepted(let accepted):
            try handle(.received(.acknowledge(accepted.leases.compactMap(Lease.init))))
        case .cancel(let cancel):
            for lease in cancel.leases.compactMap(Lease.init) { try handle(.received(.revoke(lease))) }
        case .reject(let reject):
            if let rejection = Rejection(reject) {
                try handle(.received(.reject(rejection)))
            } else {
                log.error(
                    "the coordinator refused a message: \(reject.text)",
                    metadata: reject.lease.flatMap(Lease.init).map { .about($0) } ?? [:])
            }
        case .tensorRequest(let request): try answer(request)
        case .goodbye(let goodbye):
            log.info("the coordinator says Goodbye: \(goodbye.reason)")
            // The coordinator waits for this before it closes: what lies unread then is lost with the connection.
            try send(.goodbye(Goodbye(reason: "heard")), session: session)
            try handle(.received(.goodbye))
        case .hello, .result, .tensor, .manifestRequest, .chunkRequest:
            log.warning("the coordinator sent a message that only workers send")
        case .manifest, .chunk: log.warning("the coordinator sent files that were not asked for on this connection")
        }
    }

    /// Sends what the state machine says, with what it does not know of.
    mutating func send(_ message: WorkerMessage) throws {
        switch message {
        case .hello:
            if let words = waiting.words(at: now, every: options.reminderInterval) {
                log.info("no answer yet from a coordinator at \(options.endpoint)\(words)")
            }
            try send(.hello(hello), session: nil)
        case .said(let statement, let session, _):
            try send(body(of: statement), session: session.rawValue)
        }
    }

    private func body(of statement: WorkerStatement) -> Envelope.Body {
        switch statement {
        // Which job runs, the state machine knows; how far it is, the computation does.
        case .heartbeat(let progress, let holding):
            .heartbeat(
                Heartbeat(
                    progress: progress == nil ? nil : computation.progress,
                    holding: holding.flatMap(Heartbeat.Holding.init)))
        case .result(let lease), .failure(let lease, _): .result(result(of: lease))
        case .goodbye: .goodbye(Goodbye(reason: "the worker was told to stop"))
        }
    }

    /// Says that a job cannot be taken: it would be waited for.
    private func refuse(_ lease: LeaseReference, _ text: String) throws {
        try send(.reject(Reject(reason: .malformed, text: text, lease: lease)), session: session)
    }

    private func result(of lease: Lease) -> ShardResult {
        guard let result = results[lease] else { preconditionFailure("\(lease) is kept until it is acknowledged") }
        return result
    }

    private func answer(_ request: TensorRequest) throws {
        if let lease = Lease(request.lease), let tensor = kept[request.name, lease] {
            try send(.tensor(TensorReply(lease: request.lease, payload: tensor)), session: session)
        } else {
            try send(
                .reject(
                    Reject(
                        reason: .tensorNotHeld, text: "the tensor is not held any more: let the shard run again",
                        lease: request.lease)),
                session: session)
        }
    }

    /// What cannot be sent now is dropped: the state machine repeats what matters.
    private func send(_ body: Envelope.Body, session: UInt64?) throws {
        let frames = try Envelope(session: session, incarnation: incarnation.rawValue, body).frames()
        _ = try socket.send(Message(frames))
    }
}

extension Shard {
    /// The shard of a job, as far as the state machine cares.
    package init?(_ job: MAEWire.Job) {
        guard let id = Int(exactly: job.shard), let batch = Int(exactly: job.batchIndex) else { return nil }
        self.init(id: ShardID(rawValue: id), method: job.label, batch: batch)
    }
}

extension Heartbeat.Holding {
    /// What a worker has in hand, as it travels; nil where it is more than fits into a message.
    package init?(_ holding: Holding) {
        guard holding.unfinished.count + holding.finished.count <= WireLimits.leases else { return nil }
        self.init(
            number: holding.number, unfinished: holding.unfinished.map(\.reference),
            finished: holding.finished.map(\.reference))
    }
}

extension Rejection {
    /// The rejection, when it is one that the state machine knows what to do about.
    fileprivate init?(_ reject: Reject) {
        let wait = reject.retryAfter ?? .seconds(1)
        let lease = reject.lease.flatMap(Lease.init)
        switch (reject.reason, lease) {
        case (.unknownWorker, _): self = .unknownWorker
        case (.nameTaken, _): self = .nameTaken(retryAfter: wait)
        case (.clusterFull, _): self = .clusterFull
        case (.nameNotOfKey, _): self = .nameNotOfKey
        case (.tooManyHellos, _): self = .tooManyHellos(retryAfter: wait)
        case (.leaseNeverGranted, let lease?): self = .lease(lease, .neverGranted)
        case (.leaseOldEpoch, let lease?): self = .lease(lease, .oldEpoch)
        case (.leaseOtherHolder, let lease?): self = .lease(lease, .otherHolder)
        default: return nil
        }
    }
}

extension Lease {
    /// The lease of a reference; nil when its number is none that a coordinator gives.
    package init?(_ reference: LeaseReference) {
        guard let id = Int(exactly: reference.id) else { return nil }
        self.init(id: LeaseID(rawValue: id), epoch: Epoch(rawValue: reference.epoch))
    }

    /// The lease as it travels.
    package var reference: LeaseReference { LeaseReference(id: UInt64(id.rawValue), epoch: epoch.rawValue) }
}
