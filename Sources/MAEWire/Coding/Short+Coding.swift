import CMAEWire
import CProtobufC
import MAEDomain

// The messages of one or two fields.

extension Accepted {
    init(_ message: Mae__Accepted) throws(WireError) {
        leases = try list(message.n_leases, message.leases, limit: WireLimits.leases, "accepted.leases") {
            lease throws(WireError) in try Lease(lease, "accepted.leases")
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

extension Cancel {
    init(_ message: Mae__Cancel) throws(WireError) {
        leases = try list(message.n_leases, message.leases, limit: WireLimits.leases, "cancel.leases") {
            lease throws(WireError) in try Lease(lease, "cancel.leases")
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
