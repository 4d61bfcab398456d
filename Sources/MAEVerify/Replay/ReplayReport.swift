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
        /// What it is of: what a node was given, a layer, or what came out.
        public let kind: Kind

        /// What a digest is of.
        public enum Kind: Sendable {
            case given, layer, output
        }

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

    /// The first step at which a side parts from this machine; nil where it does not.
    public func firstDifference(_ side: Int) -> String? { steps.first { agrees($0, side) == false }?.name }

    /// Whether a side agrees with this machine in a step; nil where that is not known.
    ///
    /// Other bits of a layer say nothing of a side whose bits are not promised; its outputs are held to the tolerance.
    public func agrees(_ step: Step, _ side: Int) -> Bool? {
        guard step.agrees(side) == false, !sides[side].isBitwise else { return step.agrees(side) }
        switch step.kind {
        case .given: return false
        case .layer: return nil
        case .output: return sides[side].agrees
        }
    }

    private static func steps(_ machine: Observation, _ sides: [Observation]) -> [Step] {
        func step(_ name: String, _ kind: Step.Kind, _ digest: (Observation) -> SHA256Digest) -> Step {
            Step(name: name, digest: digest(machine), sides: sides.map(digest), kind: kind)
        }
        let states = machine.layers?.states ?? []
        let layers = zip(machine.layers?.layers ?? [], states).enumerated().map { index, layer in
            Step(
                name: layer.0.name, digest: layer.1,
                sides: sides.map { $0.layers.flatMap { $0.states.count == states.count ? $0.states[index] : nil } },
                kind: .layer)
        }
        return [
            step("weights", .given, \.weights.digest), step("input", .given, \.digests.input),
            step("noise", .given, \.digests.noise), step("mask", .given, \.digests.mask),
        ] + layers
            + [step("layernorm", .output, \.digests.layernorm), step("pooled", .output, \.digests.pooled)]
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
