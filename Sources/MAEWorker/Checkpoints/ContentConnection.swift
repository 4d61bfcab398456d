import MAEContent
import MAEDomain
import MAETensor
import MAEWire
import ZeroMQ

/// A connection of its own to the coordinator, over which files come: what is queued there holds up no heartbeat, nor does a name
/// server that is slow to tell where the coordinator is.
///
/// Used on the thread that made it.
struct ContentConnection {
    /// Chunks that are asked for and have not come.
    static let window = 8
    /// How often a chunk with wrong bytes is asked for.
    static let tries = 3

    /// What the coordinator may make the connection hold: the chunks that were asked for, once more where they were asked for
    /// again, or a manifest.
    static var limits: ConnectionLimits {
        let bytes = 2 * window * (WireLimits.chunkBytes + 4096)
        var limits = ConnectionLimits(pendingBytes: bytes, pendingBytesInAll: bytes)
        limits.firstBytes = bytes
        limits.heldBytes = 64 << 20
        return limits
    }

    /// How long to wait for an answer before asking again, and before giving up.
    struct Timeouts {
        var repetition = Duration.seconds(5)
        var end = Duration.seconds(60)
    }

    private let socket: Socket
    private let poller: Poller
    private let timeouts: Timeouts
    private let isCancelled: @Sendable () -> Bool

    init(_ socket: Socket, timeouts: Timeouts = Timeouts(), isCancelled: @escaping @Sendable () -> Bool) {
        self.socket = socket
        poller = Poller(sockets: [socket], in: socket.context)
        self.timeouts = timeouts
        self.isCancelled = isCancelled
    }

    /// The manifest with `digest`.
    ///
    /// Throws `JobFailure` when the coordinator does not have it or does not answer.
    func manifest(_ digest: SHA256Digest) throws -> Manifest {
        var manifest: Manifest?
        try converse {
            [.manifestRequest(ManifestRequest(digest: digest))]
        } until: { body in
            // Its digest is computed from what it lists: a list that was changed on the way has another one.
            if case .manifest(let answer) = body, answer.digest == digest { manifest = answer }
            return manifest != nil
        }
        guard let manifest else { preconditionFailure("the conversation ends with the manifest") }
        return manifest
    }

    /// Fetches the chunks that `partial` lacks; `progress` is told of each.
    ///
    /// Throws `JobFailure` when the coordinator does not have them, does not answer, or sends other bytes again and again.
    func fill(_ partial: PartialFile, progress: () -> Void) throws {
        let file = partial.content.digest
        var missing = partial.missing[...]
        var outstanding = Set<Int>()
        var wrong: [Int: Int] = [:]
        if missing.isEmpty { return }
        func next() -> [Envelope.Body] {
            let indices = missing.prefix(Self.window - outstanding.count)
            missing.removeFirst(indices.count)
            outstanding.formUnion(indices)
            return indices.map { .chunkRequest(ChunkRequest(file: file, index: $0)) }
        }
        try converse {
            // Whatever was asked for before is asked for again.
            missing = (outstanding.sorted() + missing)[...]
            outstanding = []
            return next()
        } until: { body in
            guard case .chunk(let chunk) = body, chunk.file == file, outstanding.contains(chunk.index) else {
                return false
            }
            let isRight = try chunk.bytes.withUnsafeBytes { bytes in try partial.write(chunk: chunk.index, bytes) }
            outstanding.remove(chunk.index)
            if !isRight {
                wrong[chunk.index, default: 0] += 1
                guard wrong[chunk.index, default: 0] < Self.tries else {
                    throw JobFailure(
                        code: "wrongContent",
                        message: "chunk \(chunk.index) of the file \(file) came with other bytes than its digest, "
                            + "\(Self.tries) times",
                        remedy: "check the memory and the network of both machines", fault: .node)
                }
                missing = ([chunk.index] + missing)[...]
            } else {
                progress()
            }
            try next().forEach(send)
            return outstanding.isEmpty
        }
    }

    /// Sends `questions`, takes answers until `isDone`, and sends the questions again when none comes.
    private func converse(
        _ questions: () -> [Envelope.Body], until isDone: (Envelope.Body) throws -> Bool
    ) throws {
        try questions().forEach(send)
        var lastHeard = ContinuousClock.now
        var lastAsked = lastHeard
        while true {
            if isCancelled() { throw CancellationError() }
            while let message = try socket.receive() {
                lastHeard = .now
                lastAsked = lastHeard
                // What cannot be read is as good as no answer.
                guard let envelope = try? Envelope(frames: message.frames) else { continue }
                if case .reject(let reject) = envelope.body {
                    throw JobFailure(code: "contentNotHeld", message: reject.text, fault: .input)
                }
                if try isDone(envelope.body) { return }
                if isCancelled() { throw CancellationError() }
            }
            let now = ContinuousClock.now
            guard now - lastHeard < timeouts.end else {
                throw JobFailure(
                    code: "noAnswer",
                    message: "the coordinator has sent no part of the checkpoint for \(timeouts.end)",
                    remedy: "check the network between the two machines", fault: .node)
            }
            if now - lastAsked >= timeouts.repetition {
                lastAsked = now
                try questions().forEach(send)
            }
            try poller.wait(atMost: .milliseconds(100))
        }
    }

    private func send(_ body: Envelope.Body) throws {
        // What cannot be sent now is asked for again.
        _ = try socket.send(Message(Envelope(session: nil, incarnation: nil, body).frames()))
    }
}
