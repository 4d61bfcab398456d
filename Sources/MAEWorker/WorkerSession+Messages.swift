import Logging
import MAECluster
import MAEDomain
import MAEWire
import ZeroMQ

extension WorkerSession {
    /// The next message that can be read; others are noted in the log.
    func receive() throws -> Envelope? {
        while true {
            do {
                guard let message = try channel.receive() else { return nil }
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
        case .welcome(let times):
            guard let session = envelope.session else { return }
            try handle(.received(.welcome(SessionID(rawValue: session), times)))
        case .job(let job):
            guard machine.waitingCount < WireLimits.leases else {
                log.warning("a job is refused: \(machine.waitingCount) wait already", metadata: .about(job))
                return try refuse(job.lease, "\(machine.waitingCount) jobs wait already")
            }
            try handle(.received(.job(job)))
        case .heartbeat: try handle(.received(.heartbeat))
        case .accepted(let accepted): try handle(.received(.acknowledge(accepted.leases)))
        case .cancel(let cancel): for lease in cancel.leases { try handle(.received(.revoke(lease))) }
        case .reject(let reject): try take(reject)
        case .goodbye(let goodbye):
            log.info("the coordinator says Goodbye: \(goodbye.reason)")
            // The coordinator waits for this before it closes: what lies unread then is lost with the connection.
            try send(.goodbye(Goodbye(reason: "heard")), session: machine.sessionID)
            try handle(.received(.goodbye))
        case .hello, .result, .manifestRequest, .chunkRequest:
            log.warning("the coordinator sent a message that only workers send")
        case .manifest, .chunk: log.warning("the coordinator sent files that were not asked for on this connection")
        }
    }

    private mutating func take(_ reject: Reject) throws {
        switch reject.rejection {
        // Nothing that the worker does next would help.
        case .unsupportedVersion, .malformed, .contentNotHeld:
            var metadata: Logger.Metadata = [:]
            if case .malformed(let lease?) = reject.rejection { metadata = .about(lease) }
            log.error("the coordinator refused a message: \(reject.text)", metadata: metadata)
        case .unknownWorker, .nameTaken, .clusterFull, .tooManyHellos, .nameNotOfKey, .result:
            try handle(.received(.reject(reject.rejection)))
        }
    }

    /// Sends what the state machine says.
    mutating func send(_ message: Machine.Message) throws {
        switch message {
        case .hello(_, _, let jobs, let identity):
            if let words = reminder.words(at: now, every: options.reminderInterval) {
                log.info("no answer yet from a coordinator at \(options.endpoint)\(words)")
            }
            try send(.hello(Hello(node: identity, maximumJobs: jobs)), session: nil)
        case .said(let statement, let session, _):
            if let frames = encodedFrames(of: statement, in: session) {
                try channel.send(Message(frames))
            } else {
                try send(body(of: statement), session: session)
            }
        }
    }

    /// The frames of a result that was encoded when its job ended; nil for everything else.
    private func encodedFrames(of statement: WorkerStatement<Completed>, in session: SessionID) -> [[UInt8]]? {
        guard case .result(let lease, _) = statement, let encodedResult, encodedResult.lease == lease,
            encodedResult.session == session
        else { return nil }
        return encodedResult.frames
    }

    private func body(of statement: WorkerStatement<Completed>) -> Envelope.Body {
        switch statement {
        case .heartbeat(let progress, let inHand):
            return .heartbeat(Heartbeat(progress: progress, inHand: inHand))
        case .result(let lease, let completed):
            return .result(ShardResult(lease: lease, outcome: .completed(completed)))
        case .failure(let lease, let failure): return .result(ShardResult(lease: lease, outcome: .failed(failure)))
        case .goodbye: return .goodbye(Goodbye(reason: "the worker was told to stop"))
        }
    }

    /// Says that a job cannot be read: otherwise the coordinator would wait for its result.
    private func refuse(_ lease: Lease, _ text: String) throws {
        try send(.reject(Reject(.malformed(lease), text: text)), session: machine.sessionID)
    }

    /// Messages that cannot be sent now are dropped: the state machine repeats the ones that matter.
    private func send(_ body: Envelope.Body, session: SessionID?) throws {
        try channel.send(Message(frames(body, session: session)))
    }

    /// The frames of a message in a session.
    func frames(_ body: Envelope.Body, session: SessionID?) throws(WireError) -> [[UInt8]] {
        try Envelope(session: session?.rawValue, incarnation: incarnation.rawValue, body).frames()
    }
}
