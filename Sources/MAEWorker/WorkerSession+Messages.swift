import Logging
import MAECluster
import MAEDomain
import MAEText
import MAEWire
import ZeroMQ

extension WorkerSession {
    /// The next message that can be read; others are noted in the log.
    mutating func receive() throws -> Envelope? {
        while true {
            do {
                guard let message = try channel.receive() else { return nil }
                return try Envelope(frames: message.frames)
            } catch let error as WireError {
                writeLine(.warning, "unreadable") { "a message of the coordinator cannot be read: \(error)" }
                if let lease = error.lease { try refuse(lease, error.description) }
            } catch let error as ZeroMQError where error.code == .messageTooLarge {
                writeLine(.warning, "unreadable") { "a message of the coordinator cannot be read: \(error)" }
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
            if let reason = reasonToRefuse(job) {
                writeLine(.warning, "job refused", .about(job)) { "a job is refused: \(reason)" }
                return try refuse(job.lease, reason)
            }
            try handle(.received(.job(job)))
        case .heartbeat: try handle(.received(.heartbeat))
        case .accepted(let accepted): try handle(.received(.acknowledge(accepted.leases)))
        case .cancel(let cancel): for lease in cancel.leases { try handle(.received(.revoke(lease))) }
        case .reject(let reject): try take(reject)
        case .goodbye(let goodbye):
            writeLine(.info, "goodbye") { "the coordinator says Goodbye: \(goodbye.reason)" }
            // The coordinator waits for this before it closes: what lies unread then is lost with the connection.
            try send(.goodbye(Goodbye(reason: "heard")), session: machine.sessionID)
            try handle(.received(.goodbye))
        case .hello, .result, .manifestRequest, .chunkRequest:
            writeLine(.warning, "worker's message") { "the coordinator sent a message that only workers send" }
        case .manifest, .chunk:
            writeLine(.warning, "files") { "the coordinator sent files that were not asked for on this connection" }
        }
    }

    /// Why a job is not taken: more wait than this worker has said that it takes, or what comes with them fills too much memory.
    private func reasonToRefuse(_ job: JobRequest) -> String? {
        if machine.waitingJobs.contains(where: { $0.lease.id == job.lease.id }) { return nil }
        let count = machine.waitingJobs.count
        guard count < options.policy.mostJobs else { return "\(count) jobs wait already" }
        let bytes = (machine.waitingJobs + [job]).reduce(0) { $0 + $1.payloadBytes }
        guard bytes <= Self.mostPayloadBytes else { return "what comes with jobs that wait would take \(bytes) bytes" }
        return nil
    }

    /// Bytes of noise and states that the jobs which wait may hold.
    private static let mostPayloadBytes = 2 * WireLimits.jobPayloadBytes

    /// Writes a line that the coordinator may cause, unless there were many of its kind.
    mutating func writeLine(
        _ level: Logger.Level, _ kind: String, _ metadata: Logger.Metadata? = nil, _ text: () -> String
    ) {
        guard level >= log.logLevel, let count = lines.next(kind) else { return }
        log.log(level: level, "\(text())\(LineLimiter.suffix(count))", metadata: metadata)
    }

    private mutating func take(_ reject: Reject) throws {
        switch reject.rejection {
        // Nothing that the worker does next would help.
        case .unsupportedVersion, .malformed, .contentNotHeld:
            var metadata: Logger.Metadata = [:]
            if case .malformed(let lease?) = reject.rejection { metadata = .about(lease) }
            writeLine(.error, "message refused", metadata) { "the coordinator refused a message: \(reject.text)" }
        case .unknownWorker, .nameTaken, .clusterFull, .tooManyHellos, .nameNotOfKey, .result:
            try handle(.received(.reject(reject.rejection)))
        }
    }

    /// Sends what the state machine says.
    mutating func send(_ message: Machine.Message) throws {
        switch message {
        case .hello(let node, _, let jobs, var identity):
            identity.name = node.name
            if let words = reminder.words(at: now, every: options.reminderInterval) {
                log.info("no answer yet from a coordinator at \(options.address)\(words)")
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

extension JobRequest {
    /// Bytes that the noise of its batch takes in memory.
    fileprivate var payloadBytes: Int {
        let states = (examination?.states?.count ?? 0) * MemoryLayout<Float>.stride
        return if case .given(let noise) = noise { noise.bytes.count + states } else { states }
    }
}
