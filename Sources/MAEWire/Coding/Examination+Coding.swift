import CMAEWire
import CProtobufC
import MAEDomain

extension Examination {
    init(_ message: Mae__Examination, states payload: TensorPayload?) throws(WireError) {
        self.init(layer: try EncoderLayer(message.has_layer, message.layer, "examination.layer"))
        if message.has_expected != 0 {
            expected = try digests(
                message.expected, 0...ExaminationAnswer.operationLimit, "examination.expected")
        }
        images = try indices(
            message.n_images, message.images, limit: Examination.imageLimit, "examination.images")
        if message.has_operation != 0 {
            operation = try count(
                1, message.operation, 0...ExaminationAnswer.operationLimit - 1, "examination.operation")
        }
        wantsStates = message.has_wants_states != 0 && message.wants_states != 0
        if message.has_repetitions != 0 {
            repetitions = try count(
                1, message.repetitions, 0...Examination.repetitionLimit, "examination.repetitions")
        }
        if let payload {
            try payload.check(.states, dimensions: [nil, nil, nil], "examination.states")
            states = payload.tensor()
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Examination {
        var message = Mae__Examination()
        mae__examination__init(&message)
        message.layer = try arena.text(layer.name, limit: WireLimits.nameBytes, "examination.layer")
        message.has_layer = 1
        try checkLimit(expected.count, ExaminationAnswer.operationLimit, "examination.expected", "digests")
        (message.has_expected, message.expected) = (1, arena.digests(expected))
        (message.n_images, message.images) = try arena.indices(
            images, limit: Examination.imageLimit, "examination.images")
        if let operation {
            try checkLimit(operation, ExaminationAnswer.operationLimit - 1, "examination.operation", "operations")
            (message.has_operation, message.operation) = (1, UInt32(operation))
        }
        (message.has_wants_states, message.wants_states) = (1, wantsStates ? 1 : 0)
        try checkLimit(repetitions, Examination.repetitionLimit, "examination.repetitions", "runs")
        (message.has_repetitions, message.repetitions) = (1, UInt32(repetitions))
        return message
    }

    var payloads: [TensorPayload] { states.map { [TensorPayload(.states, $0)] } ?? [] }
}

extension ExaminationAnswer {
    init(_ message: Mae__Examined, payloads: ArraySlice<TensorPayload>) throws(WireError) {
        self.init(
            layer: try EncoderLayer(message.has_layer, message.layer, "examined.layer"),
            operations: try list(
                message.n_operations, message.operations, limit: Self.operationLimit, "examined.operations"
            ) { operation throws(WireError) in try ExaminedOperation(operation) },
            images: try digests(message.images_sha256, 0...Self.imageDigestLimit, "examined.images_sha256"),
            restarted: try digests(message.restarted_sha256, 0...WireLimits.layers, "examined.restarted_sha256"),
            repetitions: try list(
                message.n_repetitions, message.repetitions, limit: Examination.repetitionLimit, "examined.repetitions"
            ) { repetition throws(WireError) in try PassRepetition(repetition) })
        var rest = payloads
        if message.has_operation != 0 {
            let operation = try count(1, message.operation, 0...Self.operationLimit - 1, "examined.operation")
            guard operations.indices.contains(operation) else {
                throw WireError(
                    .invalidField, "examined.operation", "is \(operation), and \(operations.count) operations are named"
                )
            }
            let images = try indices(
                message.n_images, message.images, limit: Examination.imageLimit, "examined.images")
            guard let values = rest.popFirst() else {
                throw WireError(
                    .payloadMismatch, "examined.values", "are missing; an answer that names an operation has them")
            }
            try values.check(
                .values, dimensions: [images.count, operations[operation].rows, operations[operation].columns],
                "examined.values")
            try checkLimit(values.bytes.count, Examination.valueBytes, "examined.values", "bytes")
            output = OperationOutput(operation: operation, images: images, values: values.tensor())
        }
        if let states = rest.popFirst() {
            try states.check(.states, dimensions: [nil, nil, nil], "examined.states")
            try checkLimit(states.bytes.count, Examination.stateBytes, "examined.states", "bytes")
            self.states = states.tensor()
        }
        try checkLimit(rest.count, 0, "examined", "further payloads")
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Examined {
        var message = Mae__Examined()
        mae__examined__init(&message)
        message.layer = try arena.text(layer.name, limit: WireLimits.nameBytes, "examined.layer")
        message.has_layer = 1
        (message.n_operations, message.operations) = try arena.list(
            operations, limit: Self.operationLimit, "examined.operations"
        ) { operation throws(WireError) in try operation.message(arena) }
        try checkLimit(images.count, Self.imageDigestLimit, "examined.images_sha256", "digests")
        (message.has_images_sha256, message.images_sha256) = (1, arena.digests(images))
        if let output {
            (message.has_operation, message.operation) = (1, UInt32(output.operation))
            (message.n_images, message.images) = try arena.indices(
                output.images, limit: Examination.imageLimit, "examined.images")
        }
        try checkLimit(restarted.count, WireLimits.layers, "examined.restarted_sha256", "digests")
        (message.has_restarted_sha256, message.restarted_sha256) = (1, arena.digests(restarted))
        (message.n_repetitions, message.repetitions) = try arena.list(
            repetitions, limit: Examination.repetitionLimit, "examined.repetitions"
        ) { repetition throws(WireError) in try repetition.message(arena) }
        return message
    }

    var payloads: [TensorPayload] {
        (output.map { [TensorPayload(.values, $0.values)] } ?? []) + (states.map { [TensorPayload(.states, $0)] } ?? [])
    }
}

extension ExaminedOperation {
    fileprivate init(_ message: Mae__ExaminedOperation) throws(WireError) {
        self.init(
            kind: try Kind(message.has_kind, message.kind, "examined.kind"),
            words: try text(message.has_words, message.words, limit: WireLimits.nameBytes, "examined.words"),
            rows: try count(message.has_rows, message.rows, 0...WireLimits.tokens, "examined.rows"),
            columns: try count(message.has_columns, message.columns, 1...WireLimits.operationWidth, "examined.columns"),
            heads: try count(message.has_heads, message.heads, 1...WireLimits.width, "examined.heads"),
            digest: try MAEWire.digest(message.has_sha256, message.sha256, "examined.sha256"))
        guard columns % heads == 0 else {
            throw WireError(.invalidField, "examined.heads", "are \(heads) in \(columns) columns")
        }
    }

    fileprivate func message(_ arena: EncodingArena) throws(WireError) -> Mae__ExaminedOperation {
        var message = Mae__ExaminedOperation()
        mae__examined_operation__init(&message)
        (message.has_words, message.words) = (1, try arena.text(words, limit: WireLimits.nameBytes, "examined.words"))
        (message.has_kind, message.kind) = (1, Mae__OperationKind(kind.wireNumber))
        (message.has_rows, message.rows) = (1, UInt32(clamping: rows))
        (message.has_columns, message.columns) = (1, UInt32(clamping: columns))
        (message.has_heads, message.heads) = (1, UInt32(clamping: heads))
        (message.has_sha256, message.sha256) = (1, arena.digest(digest))
        return message
    }
}

extension PassRepetition {
    fileprivate init(_ message: Mae__Repetition) throws(WireError) {
        self.init(
            processor: message.has_processor == 0
                ? nil : try count(1, message.processor, 0...WireLimits.threads, "repetition.processor"),
            digests: try MAEWire.digests(message.sha256, 0...ExaminationAnswer.operationLimit, "repetition.sha256"))
    }

    fileprivate func message(_ arena: EncodingArena) throws(WireError) -> Mae__Repetition {
        var message = Mae__Repetition()
        mae__repetition__init(&message)
        if let processor { (message.has_processor, message.processor) = (1, UInt32(clamping: processor)) }
        try checkLimit(digests.count, ExaminationAnswer.operationLimit, "repetition.sha256", "digests")
        (message.has_sha256, message.sha256) = (1, arena.digests(digests))
        return message
    }
}

extension EncoderLayer {
    fileprivate init(_ has: protobuf_c_boolean, _ data: ProtobufCBinaryData, _ field: String) throws(WireError) {
        let name = try text(has, data, limit: WireLimits.nameBytes, field)
        guard let layer = EncoderLayer(name: name) else {
            throw WireError(.invalidField, field, "is no layer of an encoder")
        }
        self = layer
    }
}
