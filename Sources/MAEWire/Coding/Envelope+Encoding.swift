import CMAEWire
import CProtobufC
import MAEContent

extension Envelope {
    /// The frames to send: the header, then the payloads it announces, or the bytes of a chunk.
    ///
    /// Throws ``WireError`` when the message breaks one of ``WireLimits``.
    public func frames() throws(WireError) -> [[UInt8]] {
        let (header, payloads) = try parts()
        guard case .chunk(let chunk) = body else { return [header] + payloads.map(\.bytes) }
        try checkLimit(chunk.bytes.count, WireLimits.chunkBytes, "chunk", "bytes")
        return [header, chunk.bytes]
    }

    /// The header alone, for a caller that sends the frames behind it without taking them into memory here.
    public func header() throws(WireError) -> [UInt8] { try parts().header }

    private func parts() throws(WireError) -> (header: [UInt8], payloads: [TensorPayload]) {
        let arena = EncodingArena()
        // The message points into it.
        defer { withExtendedLifetime(arena) {} }
        var message = Mae__Envelope()
        mae__envelope__init(&message)
        (message.has_version, message.version) = (1, UInt32(Self.version))
        if let session { (message.has_session, message.session) = (1, session) }
        if let incarnation { (message.has_incarnation, message.incarnation) = (1, incarnation) }
        let payloads = try writeBody(to: &message, arena)
        (message.n_payloads, message.payloads) = try arena.list(payloads, limit: WireLimits.payloads, "payloads") {
            payload throws(WireError) in try PayloadAnnouncement.message(for: payload, arena)
        }
        let size = mae__envelope__get_packed_size(&message)
        let limit = body.kind.headerBytes
        if size > limit { try checkLimit(size, limit, "\(body.kind)", "bytes") }
        let largest = payloads.reduce(0) { max($0, $1.bytes.count) }
        if largest > body.kind.payloadBytes {
            try checkLimit(largest, body.kind.payloadBytes, "payload of a \(body.kind)", "bytes")
        }
        let total = payloads.reduce(size) { $0 + $1.bytes.count }
        try checkLimit(total, WireLimits.messageBytes, "message", "bytes")
        let header = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = mae__envelope__pack(&message, buffer.baseAddress)
        }
        return (header, payloads)
    }

    /// Fills in the body and returns the payloads that go with it.
    private func writeBody(
        to message: inout Mae__Envelope, _ arena: EncodingArena
    ) throws(WireError) -> [TensorPayload] {
        switch body {
        case .hello(let hello):
            message.body_case = MAE__ENVELOPE__BODY_HELLO
            message.hello = arena.place(try hello.message(arena))
        case .welcome(let welcome):
            message.body_case = MAE__ENVELOPE__BODY_WELCOME
            message.welcome = arena.place(welcome.message())
        case .job(let job):
            message.body_case = MAE__ENVELOPE__BODY_JOB
            message.job = arena.place(try job.message(arena))
            return job.payloads
        case .heartbeat(let heartbeat):
            message.body_case = MAE__ENVELOPE__BODY_HEARTBEAT
            message.heartbeat = arena.place(try heartbeat.message(arena))
        case .result(let result):
            message.body_case = MAE__ENVELOPE__BODY_RESULT
            message.result = arena.place(try result.message(arena))
            return result.payloads
        case .accepted(let accepted):
            message.body_case = MAE__ENVELOPE__BODY_ACCEPTED
            message.accepted = arena.place(try accepted.message(arena))
        case .cancel(let cancel):
            message.body_case = MAE__ENVELOPE__BODY_CANCEL
            message.cancel = arena.place(try cancel.message(arena))
        case .reject(let reject):
            message.body_case = MAE__ENVELOPE__BODY_REJECT
            message.reject = arena.place(try reject.message(arena))
        case .goodbye(let goodbye):
            message.body_case = MAE__ENVELOPE__BODY_GOODBYE
            message.goodbye = arena.place(try goodbye.message(arena))
        case .manifestRequest(let request):
            message.body_case = MAE__ENVELOPE__BODY_MANIFEST_REQUEST
            message.manifest_request = arena.place(request.message(arena))
        case .manifest(let manifest):
            message.body_case = MAE__ENVELOPE__BODY_MANIFEST
            message.manifest = arena.place(try manifest.message(arena))
        case .chunkRequest(let request):
            message.body_case = MAE__ENVELOPE__BODY_CHUNK_REQUEST
            message.chunk_request = arena.place(request.message(arena))
        case .chunk(let chunk):
            message.body_case = MAE__ENVELOPE__BODY_CHUNK
            message.chunk = arena.place(chunk.message(arena))
        }
        return []
    }
}
