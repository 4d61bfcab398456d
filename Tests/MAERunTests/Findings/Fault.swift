import MAEDomain
import MAETensor
import MAEWire

/// Something that is wrong with some nodes or methods of a run, on purpose.
struct Fault: Sendable {
    /// Names of the nodes that have it; nil for all.
    var nodes: Set<String>?
    /// Labels of the methods that have it; nil for all.
    var methods: Set<String>?
    /// Whether the first run of a cell alone has it, and no run of the same work again.
    var isInFirstRunOnly = false
    /// Whether the batch that is drawn for a run alone has it, and no other.
    var isInFreshBatchOnly = false
    /// What the node says of itself instead.
    var introduces: @Sendable (inout NodeIdentity) -> Void = { _ in }
    /// What the engine is asked for instead; what it throws fails the job.
    var asks: @Sendable (inout JobRequest) throws -> Void = { _ in }
    /// What is answered instead of what the engine computed, which has all outputs and digests of layers.
    var answers: @Sendable (inout Completed) -> Void = { _ in }

    /// The same fault on these nodes only.
    func on(_ nodes: String...) -> Fault {
        var fault = self
        fault.nodes = Set(nodes)
        return fault
    }

    /// The same fault with these methods only.
    func with(_ methods: String...) -> Fault {
        var fault = self
        fault.methods = Set(methods)
        return fault
    }

    /// The same fault in the first run of a cell only.
    func inFirstRunOnly() -> Fault {
        var fault = self
        fault.isInFirstRunOnly = true
        return fault
    }

    /// The same fault in the batch that is drawn for a run alone.
    func inFreshBatchOnly() -> Fault {
        var fault = self
        fault.isInFreshBatchOnly = true
        return fault
    }

    /// Whether a run of a job has the fault; batches of these runs have several images, but for the one of a run alone.
    func concerns(_ job: JobRequest, isFirst: Bool) -> Bool {
        (methods?.contains(job.label) ?? true) && (isFirst || !isInFirstRunOnly)
            && (job.batchSize == 1 || !isInFreshBatchOnly)
    }
}

extension Fault {
    /// Another first value of the output, and other digests from this layer on.
    static func output(
        fromLayer layer: Int = 0, _ change: @escaping @Sendable (Float) -> Float = Float.withLastBitFlipped
    ) -> Fault {
        Fault(answers: { $0.changeOutput(fromLayer: layer, change) })
    }

    /// Another digest after this layer alone, as an error leaves that rounding hides before the output.
    static func hidden(afterLayer layer: Int) -> Fault {
        Fault(answers: { $0.layers?.states[layer] = .planted })
    }

    /// Another value of the mean over the tokens alone.
    static let pooling = Fault(answers: { $0.changePooled(Float.withLastBitFlipped) })

    /// Another mask and order from the same noise.
    static let mask = Fault(answers: { completed in
        completed.digests.mask = .planted
        completed.digests.order = .planted
        completed.changeOutput(Float.withLastBitFlipped)
    })

    /// Another value of one field of the configuration.
    static func configuration(_ name: String, _ value: String) -> Fault {
        Fault(answers: { $0.changeField(name) { $0.value = value } })
    }

    /// One field of the configuration as a guess.
    static func guess(_ name: String, reason: String) -> Fault {
        Fault(answers: { completed in
            completed.changeField(name) { ($0.origin, $0.reason) = (.guess, reason) }
        })
    }

    /// Something that the reader of the checkpoint noticed.
    static func noticed(_ finding: LoadFinding) -> Fault { Fault(answers: { $0.findings.append(finding) }) }

    /// Parameters without those of the decoder.
    static let withoutDecoder = Fault(answers: { completed in
        completed.weights.fingerprints?.removeAll { $0.name.hasPrefix("decoder.") }
        if let rest = completed.weights.fingerprints { completed.weights.digest = SHA256Digest(ofWeights: rest) }
    })

    /// A job that fails.
    static func failure(_ failure: JobFailure) -> Fault { Fault(asks: { _ in throw failure }) }
}

extension Completed {
    /// Changes the first value of the layernorm output and of its mean, with the digests of all that follows from them.
    fileprivate mutating func changeOutput(fromLayer layer: Int = 0, _ change: (Float) -> Float) {
        if let layernorm = layernorm?.changingFirst(change) {
            digests.layernorm = layernorm.tensor().digest()
            self.layernorm = layernorm
        }
        digests.returned = .planted
        for index in layers?.states.indices ?? 0..<0 where index >= layer { layers?.states[index] = .planted }
        changePooled(change)
    }

    fileprivate mutating func changePooled(_ change: (Float) -> Float) {
        pooled = pooled.changingFirst(change)
        digests.pooled = pooled.tensor().digest()
    }

    fileprivate mutating func changeField(_ name: String, _ change: (inout ConfigurationField) -> Void) {
        for index in configuration.indices where configuration[index].name == name { change(&configuration[index]) }
    }
}

extension TensorPayload {
    fileprivate func changingFirst(_ change: (Float) -> Float) -> TensorPayload {
        var elements = Array(tensor().elements)
        elements[0] = change(elements[0])
        return TensorPayload(name, Tensor(shape: shape, elements: elements))
    }
}

extension Float {
    /// The value with its lowest bit flipped.
    @Sendable static func withLastBitFlipped(_ value: Float) -> Float { Float(bitPattern: value.bitPattern ^ 1) }
}

extension SHA256Digest {
    /// A digest that nothing in a run has by itself.
    fileprivate static var planted: SHA256Digest { Tensor(shape: [1], elements: [.pi]).digest() }
}
