/// The kinds of messages, by the numbers of their fields in the header (`Envelope.body` in Proto/mae.proto), and what a
/// message of each may take.
enum MessageKind: UInt64, CaseIterable {
    case hello = 16
    case welcome = 17
    case job = 18
    case heartbeat = 19
    case result = 20
    case cancel = 23
    case reject = 24
    case goodbye = 25
    case accepted = 26
    case manifestRequest = 32
    case manifest = 33
    case chunkRequest = 34
    case chunk = 35

    /// Bytes of a header with a message of this kind.
    var headerBytes: Int {
        switch self {
        case .result, .manifest: WireLimits.headerBytes
        // Four paths or sentences, and names.
        case .hello, .job, .reject, .goodbye: 32 << 10
        // The leases of one worker.
        case .heartbeat, .cancel, .accepted: 16 << 10
        case .welcome, .manifestRequest, .chunkRequest, .chunk: 1 << 10
        }
    }

    /// Frames that follow the header.
    var payloads: Int {
        switch self {
        case .result: WireLimits.payloads
        case .job: 2
        case .chunk: 1
        case .hello, .welcome, .heartbeat, .cancel, .reject, .goodbye, .accepted, .manifestRequest, .manifest,
            .chunkRequest:
            0
        }
    }

    /// Bytes of one of these frames.
    var payloadBytes: Int {
        switch self {
        case .result: WireLimits.payloadBytes
        case .job: WireLimits.jobPayloadBytes
        case .chunk: WireLimits.chunkBytes
        case .hello, .welcome, .heartbeat, .cancel, .reject, .goodbye, .accepted, .manifestRequest, .manifest,
            .chunkRequest:
            0
        }
    }
}

extension Envelope.Body {
    /// The kind of message that this is.
    var kind: MessageKind {
        switch self {
        case .hello: .hello
        case .welcome: .welcome
        case .job: .job
        case .heartbeat: .heartbeat
        case .result: .result
        case .accepted: .accepted
        case .cancel: .cancel
        case .reject: .reject
        case .goodbye: .goodbye
        case .manifestRequest: .manifestRequest
        case .manifest: .manifest
        case .chunkRequest: .chunkRequest
        case .chunk: .chunk
        }
    }
}
