import CMAEWire
import CProtobufC
import MAEDomain

extension Heartbeat {
    init(_ message: Mae__Heartbeat) throws(WireError) {
        if let progress = message.progress { self.progress = try JobProgress(progress.pointee) }
        if let holding = message.holding { inHand = try LeasesInHand(holding.pointee) }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Heartbeat {
        var message = Mae__Heartbeat()
        mae__heartbeat__init(&message)
        if let progress { message.progress = arena.place(try progress.message(arena)) }
        if let inHand { message.holding = arena.place(try inHand.message(arena)) }
        return message
    }
}

extension LeasesInHand {
    init(_ message: Mae__Holding) throws(WireError) {
        let number = try required(message.has_number, message.number, "heartbeat.number")
        try Self.check(message.n_unfinished, message.n_finished)
        let unfinished = try list(
            message.n_unfinished, message.unfinished, limit: WireLimits.leases, "heartbeat.unfinished"
        ) { lease throws(WireError) in try Lease(lease, "heartbeat.unfinished") }
        let finished = try list(
            message.n_finished, message.finished, limit: WireLimits.leases, "heartbeat.finished"
        ) { lease throws(WireError) in try Lease(lease, "heartbeat.finished") }
        self.init(number: number, unfinished: unfinished, finished: finished)
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Holding {
        try Self.check(unfinished.count, finished.count)
        var message = Mae__Holding()
        mae__holding__init(&message)
        (message.has_number, message.number) = (1, number)
        (message.n_unfinished, message.unfinished) = try arena.list(
            unfinished, limit: WireLimits.leases, "heartbeat.unfinished"
        ) { lease throws(WireError) in lease.message() }
        (message.n_finished, message.finished) = try arena.list(
            finished, limit: WireLimits.leases, "heartbeat.finished"
        ) { lease throws(WireError) in lease.message() }
        return message
    }

    private static func check(_ unfinished: Int, _ finished: Int) throws(WireError) {
        // Each alone first, so that the sum cannot overflow.
        try checkLimit(unfinished, WireLimits.leases, "heartbeat.unfinished", "entries")
        try checkLimit(finished, WireLimits.leases, "heartbeat.finished", "entries")
        try checkLimit(unfinished + finished, WireLimits.leases, "heartbeat.holding", "entries")
    }
}

extension JobProgress {
    init(_ message: Mae__Progress) throws(WireError) {
        self.init(
            lease: try Lease(try required(message.lease, "heartbeat.lease"), "heartbeat.lease"),
            stage: try Stage(message.has_stage, message.stage, "heartbeat.stage"),
            step: try required(message.has_step, message.step, "heartbeat.step"),
            of: try required(message.has_steps, message.steps, "heartbeat.steps"))
        if message.has_layer != 0 {
            layer = try text(message.layer, limit: WireLimits.tensorNameBytes, "heartbeat.layer")
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Progress {
        var message = Mae__Progress()
        mae__progress__init(&message)
        message.lease = arena.place(lease.message())
        (message.has_stage, message.stage) = (1, Mae__Stage(stage.wireNumber))
        (message.has_step, message.step) = (1, step)
        (message.has_steps, message.steps) = (1, steps)
        if let layer {
            message.layer = try arena.text(layer, limit: WireLimits.tensorNameBytes, "heartbeat.layer")
            message.has_layer = 1
        }
        return message
    }
}
