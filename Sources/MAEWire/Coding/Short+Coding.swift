import CMAEWire
import CProtobufC

// The messages of one or two fields.

extension Accepted {
    init(_ message: Mae__Accepted) throws(WireError) {
        leases = try list(message.n_leases, message.leases, limit: WireLimits.leases, "accepted.leases") {
            lease throws(WireError) in try LeaseReference(lease, "accepted.leases")
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Accepted {
        var message = Mae__Accepted()
        mae__accepted__init(&message)
        (message.n_leases, message.leases) = try arena.list(leases, limit: WireLimits.leases, "accepted.leases") {
            lease throws(WireError) in lease.message()
        }
        return message
    }
}

extension TensorRequest {
    init(_ message: Mae__TensorRequest) throws(WireError) {
        lease = try LeaseReference(try required(message.lease, "tensor_request.lease"), "tensor_request.lease")
        name = try known(message.has_name, message.name, "tensor_request.name")
    }

    func message(_ arena: EncodingArena) -> Mae__TensorRequest {
        var message = Mae__TensorRequest()
        mae__tensor_request__init(&message)
        message.lease = arena.place(lease.message())
        (message.has_name, message.name) = (1, Mae__TensorName(name.rawValue))
        return message
    }
}

extension TensorReply {
    init(_ message: Mae__Tensor, payloads: [TensorPayload]) throws(WireError) {
        lease = try LeaseReference(try required(message.lease, "tensor.lease"), "tensor.lease")
        guard payloads.count == 1 else {
            throw WireError(.payloadMismatch, "tensor", "came with \(payloads.count) payloads; it has one")
        }
        payload = payloads[0]
    }

    func message(_ arena: EncodingArena) -> Mae__Tensor {
        var message = Mae__Tensor()
        mae__tensor__init(&message)
        message.lease = arena.place(lease.message())
        return message
    }
}

extension Cancel {
    init(_ message: Mae__Cancel) throws(WireError) {
        leases = try list(message.n_leases, message.leases, limit: WireLimits.leases, "cancel.leases") {
            lease throws(WireError) in try LeaseReference(lease, "cancel.leases")
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Cancel {
        var message = Mae__Cancel()
        mae__cancel__init(&message)
        (message.n_leases, message.leases) = try arena.list(leases, limit: WireLimits.leases, "cancel.leases") {
            lease throws(WireError) in lease.message()
        }
        return message
    }
}

extension Reject {
    init(_ message: Mae__Reject) throws(WireError) {
        reason = try known(message.has_reason, message.reason, "reject.reason")
        text = try MAEWire.text(message.has_text, message.text, limit: WireLimits.textBytes, "reject.text")
        if let lease = message.lease { self.lease = try LeaseReference(lease.pointee, "reject.lease") }
        if message.has_retry_milliseconds != 0 {
            retryAfter = try interval(1, message.retry_milliseconds, "reject.retry_milliseconds")
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Reject {
        var message = Mae__Reject()
        mae__reject__init(&message)
        (message.has_reason, message.reason) = (1, Mae__Reason(reason.rawValue))
        (message.has_text, message.text) = (1, try arena.text(text, limit: WireLimits.textBytes, "reject.text"))
        if let lease { message.lease = arena.place(lease.message()) }
        if let retryAfter {
            (message.has_retry_milliseconds, message.retry_milliseconds) = (1, retryAfter.wireMilliseconds)
        }
        return message
    }
}

extension Goodbye {
    init(_ message: Mae__Goodbye) throws(WireError) {
        reason = try text(message.has_reason, message.reason, limit: WireLimits.textBytes, "goodbye.reason")
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Goodbye {
        var message = Mae__Goodbye()
        mae__goodbye__init(&message)
        message.reason = try arena.text(reason, limit: WireLimits.textBytes, "goodbye.reason")
        message.has_reason = 1
        return message
    }
}
