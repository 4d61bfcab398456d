import CMAEWire
import CProtobufC

extension Heartbeat {
    init(_ message: Mae__Heartbeat) throws(WireError) {
        if let progress = message.progress { self.progress = try Progress(progress.pointee) }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Heartbeat {
        var message = Mae__Heartbeat()
        mae__heartbeat__init(&message)
        if let progress { message.progress = arena.place(try progress.message(arena)) }
        return message
    }
}

extension Heartbeat.Progress {
    init(_ message: Mae__Progress) throws(WireError) {
        lease = try LeaseReference(try required(message.lease, "heartbeat.lease"), "heartbeat.lease")
        stage = try known(message.has_stage, message.stage, "heartbeat.stage")
        step = try required(message.has_step, message.step, "heartbeat.step")
        steps = try required(message.has_steps, message.steps, "heartbeat.steps")
        if message.has_layer != 0 {
            layer = try text(message.layer, limit: WireLimits.tensorNameBytes, "heartbeat.layer")
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Progress {
        var message = Mae__Progress()
        mae__progress__init(&message)
        message.lease = arena.place(lease.message())
        (message.has_stage, message.stage) = (1, Mae__Stage(stage.rawValue))
        (message.has_step, message.step) = (1, step)
        (message.has_steps, message.steps) = (1, steps)
        if let layer {
            message.layer = try arena.text(layer, limit: WireLimits.tensorNameBytes, "heartbeat.layer")
            message.has_layer = 1
        }
        return message
    }
}
