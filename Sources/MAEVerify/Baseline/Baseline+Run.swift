import MAEDomain
import MAETensor
import MAEText

extension Baseline {
    /// What a run gave, where its nodes agree.
    ///
    /// `verification` has all results of its run one by one: see ``Comparison/isCounted``.
    ///
    /// - Parameter startedAt: when it began, in ISO 8601.
    /// - Throws: ``BaselineError`` for a run whose nodes disagree, or that did not give every pinned batch by every method.
    public init(_ verification: Verification, startedAt: String?) throws {
        try self.init(verification, startedAt: startedAt) { take in verification.comparison.cells.forEach(take) }
    }

    /// The same of a long run, whose results are read one by one.
    ///
    /// - Parameter read: hands over every result of the run; re-runs are passed over.
    /// - Throws: ``BaselineError``, and what `read` throws.
    public init(
        _ verification: Verification, startedAt: String?, reading read: (_ take: (Observation) -> Void) throws -> Void
    ) throws {
        let comparison = verification.comparison
        let plan = comparison.plan
        // That it left an earlier baseline is what a new one is pinned for.
        let found = verification.findings.filter { FindingCode(rawValue: $0.code)?.isOfBaseline != true }
        guard Verdict(comparison, found).outcome != .disagree else {
            throw BaselineError(
                "run \(plan.run) disagrees, so nothing says which of its bits are right: pin a run that agrees")
        }
        var given: [Place: Result] = [:]
        var names: Set<String> = []
        try read { cell in
            guard cell.node.promisesBits, plan.isPinned(cell.batch.index), cell.attempt == 0 else { return }
            names.insert(cell.node.name)
            let place = Place(batch: cell.batch.index, method: cell.method.label)
            // Nodes of a class agree.
            given[place, default: Result(cell)].outputs[cell.node.numericClass] = cell.digests.layernorm
        }
        var results: [Result] = []
        for batch in 0..<max(plan.pinnedBatches, 0) {
            for method in plan.methods {
                guard let result = given[Place(batch: batch, method: method.label)] else {
                    throw BaselineError(
                        "run \(plan.run) has no result to batch \(batch) by \(method.label) of a node whose class promises its "
                            + "bits: pin a run that is complete")
                }
                results.append(result)
            }
        }
        self.init(
            run: plan.run, startedAt: startedAt, settings: Settings(plan),
            methods: plan.methods.map {
                Method(
                    label: $0.label, kind: $0.kind, path: $0.place, files: plan.files(.checkpoint, at: $0.path)?.digest)
            },
            machines: comparison.nodes.filter { names.contains($0.name) }.map(Machine.init)
                .sorted { NaturalOrder.precedes($0.node, $1.node) },
            results: results)
    }

    /// Why a run cannot be set against this; nil when it can.
    ///
    /// A run may do more than the baseline has: further methods, and batches that it draws for itself.
    public func obstacle(to plan: RunPlan) -> String? {
        let now = Settings(plan)
        var differences: [String] = []
        func compare(_ name: String, _ here: String?, _ there: String?) {
            guard here != there else { return }
            differences.append(
                "\(name) \(there ?? "as it comes") in the baseline, \(here ?? "as it comes") in this run")
        }
        compare("seed", "\(now.seed)", "\(settings.seed)")
        compare("batch size", "\(now.batchSize)", "\(settings.batchSize)")
        compare("noise", now.noise.rawValue, settings.noise.rawValue)
        compare("mask_ratio", now.maskRatio.map { "\($0)" }, settings.maskRatio.map { "\($0)" })
        compare("images", now.images.map { "\($0)" } ?? "drawn", settings.images.map { "\($0)" } ?? "drawn")
        if now.batches < settings.batches {
            differences.append("\(settings.batches) pinned batches in the baseline, \(now.batches) in this run")
        }
        let labels = Set(plan.methods.map(\.label))
        let missing = methods.map(\.label).filter { !labels.contains($0) }
        if !missing.isEmpty { differences.append("no method \(NumberText.list(missing)) in this run") }
        return differences.isEmpty ? nil : differences.joined(separator: "; ")
    }

    /// The place of a result.
    struct Place: Hashable {
        let batch: Int
        let method: String
    }
}

extension Baseline.Settings {
    /// What makes the pinned batches of a plan.
    init(_ plan: RunPlan) {
        self.init(
            seed: plan.seed, batches: plan.pinnedBatches, batchSize: plan.batchSize, noise: plan.noise,
            maskRatio: plan.maskRatio, images: plan.images?.count)
    }
}

extension Baseline.Result {
    /// What a node gave, with no output yet.
    fileprivate init(_ cell: Observation) {
        self.init(
            batch: cell.batch, method: cell.method.label, maskRatio: cell.maskRatio.value, weights: cell.weights.digest,
            input: cell.digests.input, noise: cell.digests.noise, mask: cell.digests.mask, outputs: [:])
    }
}

extension Baseline.Machine {
    /// What a node says of itself.
    init(_ node: NodeIdentity) {
        self.init(
            node: node.name, backend: node.backend, device: node.device, instructionSet: node.isa,
            numericClass: node.numericClass, build: node.engineBuild)
    }
}

/// Why there is no baseline, or none that fits, with the remedy.
public struct BaselineError: Error, CustomStringConvertible {
    /// What is wrong and what to do about it.
    public let description: String

    /// Describes an error.
    public init(_ description: String) { self.description = description }
}
