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
            guard let message = try transport.receive() else { return false }
            guard let route = message.frames.first else { return true }
            let peer = Peer(route: route, identity: message.userID)
            if isKeptOut(peer) { return true }
            let cost = PeerShares.cost(bytes: message.frames.reduce(0) { $0 + $1.count })
            do throws(WireError) {
                let envelope = try Envelope(frames: message.frames.dropFirst())
                let isFree = bringsForward(envelope, from: peer)
                try take(envelope, from: peer)
                if !isFree { charge(cost, to: peer) }
            } catch {
                noteUnreadable(error, from: peer)
                charge(cost, to: peer)
                let reason: Rejection = error.code == .unsupportedVersion ? .unsupportedVersion : .malformed()
                try send(.reject(Reject(reason, text: error.description)), session: nil, to: peer)
            }
        } catch let error as ZeroMQError where error.code == .messageTooLarge {
            noteUnreadable(error, from: nil)
            // Each of its frames costs what a small message does, and no worker sends so many: no credit is given for that.
            if let sender = error.sender {
                let peer = Peer(route: sender.route, identity: sender.userID)
                if !isKeptOut(peer) { keepOut(peer, "it sent a message of more frames than any has") }
            }
        }
        return true
    }

    private mutating func take(_ envelope: Envelope, from peer: Peer) throws(WireError) {
        switch envelope.body {
        case .hello(let hello):
            guard let incarnation = envelope.incarnation else {
                throw WireError(.missingField, "incarnation", "is missing; a worker's Hello names it")
            }
            guard let node = NodeID(hello.node.name) else {
                throw WireError(
                    .invalidField, "hello.name",
                    "is no name for a node; use up to \(NodeID.maximumLength) bytes without control characters")
            }
            if let authorizer, let owner = authorizer.node(peer.identity), owner != node {
                refusals.add(
                    peer: "\(owner)",
                    "its key was used under the name \(node); leave out --name there, or make a key for that name with mae-coord "
                        + "keys add")
                if let count = nameMismatches.next() {
                    log.warning(
                        "the key of \(owner) was used under the name \(node) (\(count) times so far): refused",
                        metadata: .about(owner))
                }
                outbox.add(.reject(.nameNotOfKey), to: peer)
                return
            }
            greeting = incarnation
            defer { greeting = nil }
            handle(
                .received(
                    .hello(node, Incarnation(rawValue: incarnation), jobs: hello.maximumJobs, hello.node), from: peer))
        case .heartbeat(let heartbeat):
            if let progress = heartbeat.progress, let session = envelope.session, let process = envelope.incarnation,
                let node = machine.node(
                    in: SessionID(rawValue: session), Incarnation(rawValue: process), from: peer),
                machine.holder(of: progress.lease) == node
            {
                tally.note(progress, from: node)
            }
            try receive(.heartbeat(heartbeat.progress, heartbeat.inHand), envelope, from: peer)
        case .result(let result): try take(result, envelope, from: peer)
        case .goodbye: try receive(.goodbye, envelope, from: peer)
        case .reject(let reject):
            var lease: Lease?
            if case .malformed(let named) = reject.rejection { lease = named }
            var node: NodeID?
            if let session = envelope.session, let process = envelope.incarnation {
                node = machine.node(in: SessionID(rawValue: session), Incarnation(rawValue: process), from: peer)
            }
            writeLine(.warning, "refused message", of: node, lease: lease) {
                "a worker refused a message: \(reject.text)"
            }
            if let lease {
                let failure = JobFailure(message: "the node refused the job: \(reject.text)", fault: .node)
                try receive(.failure(lease, failure), envelope, from: peer)
            }
        case .manifestRequest(let request): content.answer(request, peer)
        case .chunkRequest(let request): content.queue(request, peer)
        case .welcome, .job, .accepted, .cancel, .manifest, .chunk:
            throw WireError(.malformed, "body", "is a message that this coordinator did not ask for")
        }
    }

    private mutating func take(_ result: ShardResult, _ envelope: Envelope, from peer: Peer) throws(WireError) {
        switch result.outcome {
        case .failed(let failure): try receive(.failure(result.lease, failure), envelope, from: peer)
        case .completed(let completed):
            let shard = machine.shard(of: result.lease.id)
            let images = shard.map { factory.batch(of: $0).size } ?? plan.batchSize
            if let fault = completed.fault(images: images, of: shard?.work) {
                return try receive(
                    .failure(result.lease, JobFailure(message: fault, fault: .node)), envelope, from: peer)
            }
            try receive(.result(result.lease, HandedIn(completed)), envelope, from: peer)
        }
    }

    private mutating func receive(
        _ statement: WorkerStatement<HandedIn>, _ envelope: Envelope, from peer: Peer
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
            if case .job(let job) = message, job.shard.work.isRerun {
                transport.expect(expectedBytes(of: job), from: peer.route)
            }
            var session: UInt64?
            if case .welcome(let id, _) = message { session = id.rawValue }
            let isThere = try send(body(of: message), session: session, to: peer)
            if case .goodbye = message, isThere { leaving.insert(peer) }
        }
        try outbox.sendHeldUp(through: transport)
    }

    /// Whether some worker has yet to answer the Goodbye of a run that is over; takes in the answers that have come.
    mutating func isAnyLeaving() throws -> Bool {
        try outbox.sendHeldUp(through: transport)
        // A flood must not keep the run from ending.
        for _ in 0..<256 {
            guard let message = try? transport.receive() else { break }
            guard let route = message.frames.first,
                let envelope = try? Envelope(frames: message.frames.dropFirst())
            else { continue }
            if case .goodbye = envelope.body { leaving.remove(Peer(route: route, identity: message.userID)) }
        }
        return !leaving.isEmpty
    }

    private func body(of message: CoordinatorMessage<RunJob>) -> Envelope.Body {
        switch message {
        case .welcome(_, let times): .welcome(times)
        case .job(let job): .job(factory.job(job, wantsFingerprints: wantsFingerprints(job)))
        case .heartbeat: .heartbeat(Heartbeat())
        case .acknowledge(let leases): .accepted(Accepted(leases: leases))
        case .revoke(let lease): .cancel(Cancel(leases: [lease]))
        case .reject(let rejection): .reject(Reject(rejection))
        case .goodbye: .goodbye(Goodbye(reason: "the run is over"))
        }
    }

    private func wantsFingerprints(_ job: RunJob) -> Bool {
        guard let node = machine.holder(of: job.lease) else { return true }
        return !fingerprinted.contains(FingerprintsKey(node: node, method: job.shard.method))
    }

    @discardableResult
    private mutating func send(_ body: Envelope.Body, session: UInt64?, to peer: Peer) throws -> Bool {
        let frames = try Envelope(session: session, incarnation: nil, body).frames()
        return try outbox.send(Message([peer.route] + frames), to: peer, through: transport)
    }

    /// Logs one unreadable message for each doubling of their count: a flood of them must not fill the log.
    private mutating func noteUnreadable(_ error: any Error, from peer: Peer?) {
        if (error as? WireError)?.code == .unsupportedVersion {
            let node = peer.flatMap { authorizer?.node($0.identity) }
            refusals.add(
                peer: node?.name ?? "",
                "it speaks another version of the protocol; update it or this program")
        }
        counters.unreadable += 1
        if let count = unreadable.next() { log.warning("a message cannot be read (\(count) so far): \(error)") }
    }
}
