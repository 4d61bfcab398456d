import CMAEWire
import CProtobufC
import MAEDomain

extension ShardResult {
    init(_ message: Mae__Result, payloads: [TensorPayload]) throws(WireError) {
        lease = try Lease(try required(message.lease, "result.lease"), "result.lease")
        switch message.outcome_case {
        case MAE__RESULT__OUTCOME_COMPLETED:
            outcome = .completed(
                try Completed(try required(message.completed, "result.completed"), payloads: payloads))
        case MAE__RESULT__OUTCOME_FAILED:
            outcome = .failed(try JobFailure(try required(message.failed, "result.failed")))
        default:
            throw WireError(.missingField, "result.outcome", "is missing; the peer may run another version")
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Result {
        var message = Mae__Result()
        mae__result__init(&message)
        message.lease = arena.place(lease.message())
        switch outcome {
        case .completed(let completed):
            message.outcome_case = MAE__RESULT__OUTCOME_COMPLETED
            message.completed = arena.place(try completed.message(arena))
        case .failed(let failed):
            message.outcome_case = MAE__RESULT__OUTCOME_FAILED
            message.failed = arena.place(try failed.message(arena))
        }
        return message
    }

    var payloads: [TensorPayload] {
        switch outcome {
        case .completed(let completed):
            [completed.pooled] + (completed.layernorm.map { [$0] } ?? []) + (completed.examination?.payloads ?? [])
        case .failed: []
        }
    }
}

extension JobFailure {
    init(_ message: Mae__Failed) throws(WireError) {
        self.init(
            code: try text(message.has_code, message.code, limit: WireLimits.nameBytes, "failed.code"),
            message: try text(message.has_message, message.message, limit: WireLimits.textBytes, "failed.message"),
            remedy: try text(message.has_remedy, message.remedy, limit: WireLimits.textBytes, "failed.remedy"),
            fault: try Fault(message.has_fault, message.fault, "failed.fault"))
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Failed {
        var message = Mae__Failed()
        mae__failed__init(&message)
        (message.has_code, message.code) = (1, try arena.text(code, limit: WireLimits.nameBytes, "failed.code"))
        message.message = try arena.text(self.message, limit: WireLimits.textBytes, "failed.message")
        message.remedy = try arena.text(remedy, limit: WireLimits.textBytes, "failed.remedy")
        (message.has_message, message.has_remedy) = (1, 1)
        (message.has_fault, message.fault) = (1, Mae__Fault(fault.wireNumber))
        return message
    }
}
