import Logging
import MAECluster
import MAEDomain
import MAEVerify
import MAEWire
import ZeroMQ

extension CoordinatorSession {
    /// Takes in the next message; false when none has come.
    mutating func receive() throws -> Bool {
        do {
            guard let message = try socket.receive() else { return false }
            guard let route = message.frames.first else { return true }
            let peer = Peer(route: route, identity: message.userID)
            // Its key was revoked while the message was on its way: it is answered by nothing.
            if let admission, admission.node(peer.identity) == nil { return true }
            do throws(WireError) {
                try take(try Envelope(frames: Array(message.frames.dropFirst())), from: peer)
            } catch {
                noteUnreadable(error)
                let reason: Reject.Reason = error.code == .unsupportedVersion ? .unsupportedVersion : .malformed
                try send(.reject(Reject(reason: reason, text: error.description)), session: nil, to: peer)
            }
        } catch let error as ZeroMQError where error.code == .messageTooLarge {
            noteUnreadable(error)
        }
        return true
    }

    private mutating func take(_ envelope: Envelope, from peer: Peer) throws(WireError) {
        switch envelope.body {
        case .hello(let hello):
            guard let incarnation = envelope.incarnation else {
                throw WireError(.missingField, "incarnation", "is missing; a worker's Hello names it")
            }
            guard let node = NodeID(hello.name) else {
                throw WireError(
                    .invalidField, "hello.name",
                    "is no name for a node; use up to \(NodeID.maximumLength) bytes without control characters")
            }
            if let admission, let owner = admission.node(peer.identity), owner != node {
                door.add(peer: "\(owner)", "its key was used under the name \(node)")
                if let count = misnamed.next() {
                    log.warning(
                        "the key of \(owner) was used under the name \(node) (\(count) times so far): refused",
                        metadata: .about(owner))
                }
                outbox.add(.reject(.nameNotOfKey), to: peer)
                return
            }
            introductions[node] = NodeIdentity(hello)
            handle(
                .received(
                    .hello(node, Incarnation(rawValue: incarnation), jobs: hello.maximumJobs), from: peer))
            introductions[node] = nil
        case .heartbeat(let heartbeat):
            if let progress = heartbeat.progress { tally.note(progress) }
            let progress = heartbeat.progress.flatMap { progress in
                Lease(progress.lease).map { Progress(lease: $0, step: progress.count) }
            }
            try say(.heartbeat(progress, heartbeat.holding.map(Holding.init)), envelope, from: peer)
        case .result(let result): try take(result, envelope, from: peer)
        case .goodbye: try say(.goodbye, envelope, from: peer)
        case .reject(let reject):
            let lease = reject.lease.flatMap(Lease.init)
            log.warning(
                "a worker refused a message: \(reject.text)",
                metadata: .about(
                    envelope.session.flatMap { cluster.node(in: SessionID(rawValue: $0)) },
                    shard: lease.flatMap { cluster.shard(of: $0.id) }, lease: lease))
            if let lease {
                let failure = JobFailure(isInputFault: false, message: "the node refused the job: \(reject.text)")
                try say(.failure(lease, failure), envelope, from: peer)
            }
        case .manifestRequest(let request): content.answer(request, peer)
        case .chunkRequest(let request): content.queue(request, peer)
        case .tensor, .welcome, .job, .accepted, .tensorRequest, .cancel, .manifest, .chunk:
            throw WireError(.malformed, "body", "is a message that this coordinator did not ask for")
        }
    }

    private mutating func take(_ result: ShardResult, _ envelope: Envelope, from peer: Peer) throws(WireError) {
        guard let lease = Lease(result.lease) else {
            throw WireError(.invalidField, "result.lease", "was never granted")
        }
        if let shard = cluster.shard(of: lease.id), UInt64(shard.rawValue) != result.shard {
            throw WireError(.invalidField, "result.shard", "is not the shard that the lease was granted for")
        }
        switch result.outcome {
        case .failed(let failed):
            let message = failed.remedy.isEmpty ? failed.message : "\(failed.message): \(failed.remedy)"
            try say(
                .failure(lease, JobFailure(isInputFault: failed.fault == .input, code: failed.code, message: message)),
                envelope,
                from: peer)
        case .completed(let completed):
            let entry = cluster.shard(of: lease.id).map { catalogue[$0] }
            let images = entry.map { catalogue.batch(of: $0).size } ?? plan.batchSize
            if let fault = completed.fault(images: images, wantsLayernorm: entry?.isQuestion ?? false) {
                try say(.failure(lease, JobFailure(isInputFault: false, message: fault)), envelope, from: peer)
                return
            }
            arrived = completed
            defer { arrived = nil }
            try say(.result(lease), envelope, from: peer)
        }
    }

    private mutating func say(
        _ statement: WorkerStatement, _ envelope: Envelope, from peer: Peer
    ) throws(WireError) {
        guard let session = envelope.session, let incarnation = envelope.incarnation else {
            throw WireError(.missingField, "session", "is missing; say Hello first")
        }
        handle(
            .received(
                .said(
                    statement, session: SessionID(rawValue: session), incarnation: Incarnation(rawValue: incarnation)),
                from: peer))
    }

    /// Sends everything that is to be sent.
    mutating func sendAll() throws {
        for (message, peer) in outbox.takeAll() {
            var session: UInt64?
            if case .welcome(let welcome) = message { session = welcome.session.rawValue }
            let isThere = try send(body(of: message), session: session, to: peer)
            if message == .goodbye, isThere { parting.insert(peer) }
        }
        try outbox.sendHeldUp(through: socket)
    }

    /// Whether some worker has yet to answer the Goodbye of a run that is over; takes in the answers that have come.
    mutating func isParting() throws -> Bool {
        try outbox.sendHeldUp(through: socket)
        // A flood must not keep the run from ending.
        for _ in 0..<256 {
            guard let message = try? socket.receive() else { break }
            guard let route = message.frames.first,
                let envelope = try? Envelope(frames: Array(message.frames.dropFirst()))
            else { continue }
            if case .goodbye = envelope.body { parting.remove(Peer(route: route, identity: message.userID)) }
        }
        return !parting.isEmpty
    }

    private func body(of message: CoordinatorMessage) -> Envelope.Body {
        switch message {
        case .welcome(let welcome):
            .welcome(
                MAEWire.Welcome(
                    heartbeatInterval: welcome.heartbeatInterval, livenessTimeout: welcome.silenceTimeout))
        case .job(let job): .job(catalogue.job(job, wantsManifest: wantsManifest(job)))
        case .heartbeat: .heartbeat(Heartbeat())
        case .acknowledge(let leases): .accepted(Accepted(leases: leases.map(\.reference)))
        case .revoke(let lease): .cancel(Cancel(leases: [lease.reference]))
        case .reject(let rejection): .reject(Reject(rejection))
        case .goodbye: .goodbye(Goodbye(reason: "the run is over"))
        }
    }

    private func wantsManifest(_ job: MAECluster.Job) -> Bool {
        guard let node = tally.holder(of: job.lease) else { return true }
        return !manifests.contains(ManifestKey(node: node, method: job.shard.method))
    }

    @discardableResult
    private mutating func send(_ body: Envelope.Body, session: UInt64?, to peer: Peer) throws -> Bool {
        let frames = try Envelope(session: session, incarnation: nil, body).frames()
        return try outbox.send(Message([peer.route] + frames), to: peer, through: socket)
    }

    /// Logs one unreadable message for each doubling of their count: a flood of them must not fill the log.
    private mutating func noteUnreadable(_ error: any Error) {
        if (error as? WireError)?.code == .unsupportedVersion {
            door.add("it speaks another version of the protocol; update it or this program")
        }
        counters.unreadable += 1
        if let count = unreadable.next() { log.warning("a message cannot be read (\(count) so far): \(error)") }
    }
}
