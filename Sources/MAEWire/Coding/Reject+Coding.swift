import CMAEWire
import CProtobufC
import MAEDomain

extension Reject {
    init(_ message: Mae__Reject) throws(WireError) {
        rejection = try Rejection(message)
        text = try MAEWire.text(message.has_text, message.text, limit: WireLimits.textBytes, "reject.text")
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Reject {
        var message = Mae__Reject()
        mae__reject__init(&message)
        (message.has_reason, message.reason) = (1, rejection.reason)
        (message.has_text, message.text) = (1, try arena.text(text, limit: WireLimits.textBytes, "reject.text"))
        switch rejection {
        case .result(let lease, _), .malformed(let lease?): message.lease = arena.place(lease.message())
        case .nameTaken(let wait), .tooManyHellos(let wait):
            (message.has_retry_milliseconds, message.retry_milliseconds) = (1, wait.wireMilliseconds)
        case .unknownWorker, .unsupportedVersion, .malformed(nil), .contentNotHeld, .clusterFull, .nameNotOfKey: break
        }
        return message
    }
}

extension Rejection {
    /// How long to wait where a peer does not say.
    private static let defaultWait = Duration.seconds(1)

    fileprivate init(_ message: Mae__Reject) throws(WireError) {
        let lease = try Self.lease(message)
        var wait = Self.defaultWait
        if message.has_retry_milliseconds != 0 {
            wait = try interval(1, message.retry_milliseconds, "reject.retry_milliseconds")
        }
        switch try required(message.has_reason, message.reason, "reject.reason") {
        case MAE__REASON__UNKNOWN_WORKER: self = .unknownWorker
        case MAE__REASON__UNSUPPORTED_VERSION: self = .unsupportedVersion
        case MAE__REASON__MALFORMED: self = .malformed(lease)
        case MAE__REASON__NAME_TAKEN: self = .nameTaken(retryAfter: wait)
        case MAE__REASON__CLUSTER_FULL: self = .clusterFull
        case MAE__REASON__TOO_MANY_HELLOS: self = .tooManyHellos(retryAfter: wait)
        case MAE__REASON__LEASE_NEVER_GRANTED: self = .result(try Self.named(lease), .neverGranted)
        case MAE__REASON__LEASE_OLD_EPOCH: self = .result(try Self.named(lease), .oldEpoch)
        case MAE__REASON__LEASE_OTHER_HOLDER: self = .result(try Self.named(lease), .otherHolder)
        case MAE__REASON__CONTENT_NOT_HELD: self = .contentNotHeld
        case MAE__REASON__NAME_NOT_OF_KEY: self = .nameNotOfKey
        case let other:
            throw WireError(.invalidField, "reject.reason", "is \(other.rawValue), which means nothing to this version")
        }
    }

    private static func lease(_ message: Mae__Reject) throws(WireError) -> Lease? {
        guard let lease = message.lease else { return nil }
        return try Lease(lease.pointee, "reject.lease")
    }

    private static func named(_ lease: Lease?) throws(WireError) -> Lease {
        guard let lease else { throw WireError(.missingField, "reject.lease", "is missing; this reason is about one") }
        return lease
    }

    fileprivate var reason: Mae__Reason {
        switch self {
        case .unknownWorker: MAE__REASON__UNKNOWN_WORKER
        case .unsupportedVersion: MAE__REASON__UNSUPPORTED_VERSION
        case .malformed: MAE__REASON__MALFORMED
        case .contentNotHeld: MAE__REASON__CONTENT_NOT_HELD
        case .nameTaken: MAE__REASON__NAME_TAKEN
        case .clusterFull: MAE__REASON__CLUSTER_FULL
        case .tooManyHellos: MAE__REASON__TOO_MANY_HELLOS
        case .nameNotOfKey: MAE__REASON__NAME_NOT_OF_KEY
        case .result(_, .neverGranted): MAE__REASON__LEASE_NEVER_GRANTED
        case .result(_, .oldEpoch): MAE__REASON__LEASE_OLD_EPOCH
        case .result(_, .otherHolder): MAE__REASON__LEASE_OTHER_HOLDER
        }
    }
}
