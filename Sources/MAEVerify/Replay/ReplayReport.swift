import MAEDomain
import MAETensor

/// What came of computing a cell again on one machine: which of the stored results it agrees with, step by step.
public struct ReplayReport: Sendable {
    /// A stored result, as this machine's relates to it.
    public struct Side: Sendable {
        /// The result.
        public let observation: Observation
        /// How the two relate.
        public let relation: PairComparison.Relation
        /// How far the outputs lie apart; nil where they have the same bits, or other shapes.
        public let metrics: DifferenceMetrics?
        /// Whether the two had to agree bit for bit.
        public let isBitwise: Bool
        /// Whether they agree: bit for bit after every layer, or within the tolerance of the run in another numeric class.
        public let agrees: Bool
    }

    /// One thing that has a digest, from the weights to the pooled vectors.
    public struct Step: Sendable, Equatable {
        /// `input`, `vit.encoder.layer.3` and so on.
        public let name: String
        /// This machine's digest.
        public let digest: SHA256Digest
        /// That of each side; nil where it is not known.
        public let sides: [SHA256Digest?]

        /// Whether a side has this machine's bits; nil where that is not known.
        public func agrees(_ side: Int) -> Bool? { sides[side].map { $0 == digest } }
    }

    /// The plan of the run.
    public let plan: RunPlan
    /// What this machine computed.
    public let machine: Observation
    /// The cell, and where there is one the result that it is set against.
    public let sides: [Side]
    /// What was compared, in the order of computation.
    public let steps: [Step]
    /// What a close look at one layer shows; nil where there was none.
    public let look: ReplayLook?

    /// Sets what this machine computed against stored results.
    ///
    /// - Parameter answer: what this machine found in the layer that it was asked about.
    public init(_ replayed: ReplayedCell, _ machine: Observation, plan: RunPlan, answer: ExaminationAnswer? = nil) {
        self.plan = plan
        self.machine = machine
        let others = [replayed.cell] + [replayed.reference].compactMap(\.self)
        var comparer = PairComparer(tolerance: plan.tolerance)
        sides = others.map { Side($0, machine, &comparer) }
        steps = Self.steps(machine, others)
        look = answer.map { ReplayLook($0, Array(replayed.answers.prefix(others.count))) }
    }

    /// Whether this machine agrees with the cell: nothing is shown again then.
    public var agrees: Bool { sides[0].agrees }

    /// The first step at which a side has other bits than this machine; nil where it has none.
    public func firstDifference(_ side: Int) -> String? { steps.first { $0.agrees(side) == false }?.name }

    private static func steps(_ machine: Observation, _ sides: [Observation]) -> [Step] {
        func step(_ name: String, _ digest: (Observation) -> SHA256Digest) -> Step {
            Step(name: name, digest: digest(machine), sides: sides.map(digest))
        }
        let states = machine.layers?.states ?? []
        let layers = zip(machine.layers?.layers ?? [], states).enumerated().map { index, layer in
            Step(
                name: layer.0.name, digest: layer.1,
                sides: sides.map { $0.layers.flatMap { $0.states.count == states.count ? $0.states[index] : nil } })
        }
        return [
            step("weights", \.weights.digest), step("input", \.digests.input), step("noise", \.digests.noise),
            step("mask", \.digests.mask),
        ] + layers + [step("layernorm", \.digests.layernorm), step("pooled", \.digests.pooled)]
    }
}

extension ReplayReport.Side {
    fileprivate init(_ observation: Observation, _ machine: Observation, _ comparer: inout PairComparer) {
        let pair = comparer.compare(observation, machine, at: (0, 1))
        // NaN agrees with nothing, but the same bits are no difference.
        let isSame = observation.weights.digest == machine.weights.digest && observation.digests == machine.digests
        self.observation = observation
        relation = isSame ? .identical : pair.relation
        metrics = pair.metrics
        isBitwise = pair.bitwise
        agrees = (isSame || pair.agrees) && !(pair.bitwise && pair.differing.has(.layers))
    }
}
