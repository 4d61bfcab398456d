import CMAEWire
import CProtobufC
import MAEContent
import MAEDomain

extension Envelope {
    /// Reads a message from the frames that arrived, without a ROUTER's peer name.
    ///
    /// Throws ``WireError`` for anything that is not a whole, well-formed message within ``WireLimits`` whose payloads
    /// have the announced sizes and digests.
    public init(frames: [[UInt8]]) throws(WireError) { try self.init(frames: frames[...]) }

    /// Reads a message from the frames that arrived, as ``init(frames:)-([[UInt8]])`` does.
    public init(frames: ArraySlice<[UInt8]>) throws(WireError) {
        guard let header = frames.first else { throw WireError(.malformed, "header", "is missing") }
        try checkLimit(header.count, WireLimits.headerBytes, "header", "bytes")
        try checkLimit(frames.reduce(0) { $0 + $1.count }, WireLimits.messageBytes, "message", "bytes")
        // What is not even this is told so by unpacking it.
        let payloads = frames.dropFirst()
        try HeaderOutline(header)?.check(
            headerBytes: header.count, payloads: payloads.count,
            payloadBytes: payloads.reduce(0) { max($0, $1.count) })
        let budget = UnpackBudget(headerBytes: header.count)
        self = try budget.withAllocator { allocator throws(WireError) in
            guard let message = mae__envelope__unpack(allocator, header.count, header) else {
                throw WireError(.malformed, "header", "is no message of this protocol")
            }
            do throws(WireError) {
                return try Envelope(message.pointee, frames: frames.dropFirst())
            } catch {
                var error = error
                error.lease = message.pointee.leaseOfJob
                throw error
            }
        }
    }

    private init(_ message: Mae__Envelope, frames: ArraySlice<[UInt8]>) throws(WireError) {
        let version = try required(message.has_version, message.version, "version")
        guard version == Self.version else {
            throw WireError(
                .unsupportedVersion, "version",
                "is \(version) and we speak \(Self.version); install the same release on both sides")
        }
        session = message.has_session == 0 ? nil : message.session
        incarnation = message.has_incarnation == 0 ? nil : message.incarnation

        if message.body_case == MAE__ENVELOPE__BODY_CHUNK {
            body = .chunk(try Chunk(try required(message.chunk, "chunk"), frames: frames))
            return
        }
        let announced = try list(message.n_payloads, message.payloads, limit: WireLimits.payloads, "payloads") {
            payload throws(WireError) in try PayloadAnnouncement(payload, "payload")
        }
        guard announced.count == frames.count else {
            throw WireError(
                .payloadMismatch, "payloads", "announces \(announced.count) frames, and \(frames.count) came")
        }
        var payloads: [TensorPayload] = []
        payloads.reserveCapacity(frames.count)
        for (announcement, frame) in zip(announced, frames) { payloads.append(try announcement.payload(frame)) }
        body = try Body(message, payloads: payloads)
        if !payloads.isEmpty && !body.takesPayloads {
            throw WireError(.payloadMismatch, "payloads", "came with a message that has none")
        }
    }
}

extension Mae__Envelope {
    /// The lease of the job that this is, whatever else is wrong with it.
    fileprivate var leaseOfJob: Lease? {
        guard body_case == MAE__ENVELOPE__BODY_JOB, let lease = job?.pointee.lease?.pointee else { return nil }
        return try? Lease(lease, "job.lease")
    }
}

extension Envelope.Body {
    fileprivate init(_ message: Mae__Envelope, payloads: [TensorPayload]) throws(WireError) {
        switch message.body_case {
        case MAE__ENVELOPE__BODY_HELLO: self = .hello(try Hello(try required(message.hello, "hello")))
        case MAE__ENVELOPE__BODY_WELCOME: self = .welcome(try Welcome(try required(message.welcome, "welcome")))
        case MAE__ENVELOPE__BODY_JOB:
            self = .job(try JobRequest(try required(message.job, "job"), payloads: payloads))
        case MAE__ENVELOPE__BODY_HEARTBEAT:
            self = .heartbeat(try Heartbeat(try required(message.heartbeat, "heartbeat")))
        case MAE__ENVELOPE__BODY_RESULT:
            self = .result(try ShardResult(try required(message.result, "result"), payloads: payloads))
        case MAE__ENVELOPE__BODY_ACCEPTED:
            self = .accepted(try Accepted(try required(message.accepted, "accepted")))
        case MAE__ENVELOPE__BODY_CANCEL: self = .cancel(try Cancel(try required(message.cancel, "cancel")))
        case MAE__ENVELOPE__BODY_REJECT: self = .reject(try Reject(try required(message.reject, "reject")))
        case MAE__ENVELOPE__BODY_GOODBYE: self = .goodbye(try Goodbye(try required(message.goodbye, "goodbye")))
        case MAE__ENVELOPE__BODY_MANIFEST_REQUEST:
            self = .manifestRequest(try ManifestRequest(try required(message.manifest_request, "manifest_request")))
        case MAE__ENVELOPE__BODY_MANIFEST:
            self = .manifest(try Manifest(try required(message.manifest, "manifest")))
        case MAE__ENVELOPE__BODY_CHUNK_REQUEST:
            self = .chunkRequest(try ChunkRequest(try required(message.chunk_request, "chunk_request")))
        default: throw WireError(.malformed, "body", "is missing or of a kind that this version does not know")
        }
    }

    fileprivate var takesPayloads: Bool {
        switch self {
        case .job: true
        case .result(let result): if case .completed = result.outcome { true } else { false }
        default: false
        }
    }
}
