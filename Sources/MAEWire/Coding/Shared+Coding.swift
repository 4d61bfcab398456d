import CMAEWire
import CProtobufC
import MAEDomain
import MAETensor

extension Lease {
    init(_ message: Mae__Lease, _ field: String) throws(WireError) {
        guard let id = Int(exactly: try required(message.has_id, message.id, field + ".id")) else {
            throw WireError(.invalidField, field + ".id", "is no lease that a coordinator grants")
        }
        self.init(
            id: LeaseID(rawValue: id),
            epoch: Epoch(rawValue: try required(message.has_epoch, message.epoch, field + ".epoch")))
    }

    func message() -> Mae__Lease {
        var message = Mae__Lease()
        mae__lease__init(&message)
        (message.has_id, message.id) = (1, UInt64(id.rawValue))
        (message.has_epoch, message.epoch) = (1, epoch.rawValue)
        return message
    }
}

extension NamedDigest {
    init(_ message: Mae__NamedDigest, _ field: String) throws(WireError) {
        name = try text(message.has_name, message.name, limit: WireLimits.tensorNameBytes, field + ".name")
        digest = try MAEWire.digest(message.has_sha256, message.sha256, field + ".sha256")
    }

    func message(_ arena: EncodingArena, _ field: String) throws(WireError) -> Mae__NamedDigest {
        var message = Mae__NamedDigest()
        mae__named_digest__init(&message)
        message.name = try arena.text(name, limit: WireLimits.tensorNameBytes, field + ".name")
        message.sha256 = arena.digest(digest)
        (message.has_name, message.has_sha256) = (1, 1)
        return message
    }
}

/// A payload frame as the header announces it.
struct PayloadAnnouncement {
    let name: TensorName
    let shape: [Int]
    let length: Int
    let digest: SHA256Digest

    init(_ message: Mae__Payload, _ field: String) throws(WireError) {
        name = try known(message.has_name, message.name, field + ".name")
        shape = try MAEWire.shape(message.n_shape, message.shape, field + ".shape")
        length = try count(message.has_length, message.length, 0...WireLimits.payloadBytes, field + ".length")
        digest = try MAEWire.digest(message.has_sha256, message.sha256, field + ".sha256")
        let elements = Tensor.checkedElementCount(of: shape) ?? 0
        guard elements.multipliedReportingOverflow(by: 4) == (length, false) else {
            throw WireError(.payloadMismatch, field, "announces \(length) bytes for shape \(shape)")
        }
    }

    static func message(for payload: TensorPayload, _ arena: EncodingArena) throws(WireError) -> Mae__Payload {
        try checkLimit(payload.bytes.count, WireLimits.payloadBytes, field(payload.name), "bytes")
        try checkLimit(payload.shape.count, WireLimits.dimensions, field(payload.name), "dimensions")
        var message = Mae__Payload()
        mae__payload__init(&message)
        (message.has_name, message.name) = (1, Mae__TensorName(payload.name.rawValue))
        message.n_shape = payload.shape.count
        message.shape = arena.array(payload.shape.map(UInt64.init))
        (message.has_length, message.length) = (1, UInt64(payload.bytes.count))
        (message.has_sha256, message.sha256) = (1, arena.digest(SHA256Digest(of: payload.bytes)))
        return message
    }

    /// The payload, when `frame` is what was announced.
    func payload(_ frame: [UInt8]) throws(WireError) -> TensorPayload {
        guard frame.count == length else {
            throw WireError(
                .payloadMismatch, Self.field(name), "announces \(length) bytes, and \(frame.count) came")
        }
        guard SHA256Digest(of: frame) == digest else {
            throw WireError(
                .payloadMismatch, Self.field(name),
                "has other bytes than announced; something on the way changed them")
        }
        return TensorPayload(name: name, shape: shape, bytes: frame)
    }

    /// The place of a payload in a message, for errors only: naming a tensor takes longer than checking a small one.
    private static func field(_ name: TensorName) -> String { "payload \(name)" }
}
