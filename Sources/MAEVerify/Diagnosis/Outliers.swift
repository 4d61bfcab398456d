import MAEDomain
import MAETensor
import MAEText

/// Cells whose output bits differ from those of others that did the same computation in the same numeric class.
struct Outliers {
    /// Cells that a single cause seems to stand behind.
    struct Suspect {
        /// The odd cells.
        var cells: [Int]
        /// What they have in common.
        var scope: Scope
        /// Cells that did the same computation and are not odd.
        var reference: [Int]
        /// Whether the other side is no larger, so that it may as well be the one at fault.
        var isTie: Bool
    }

    /// The suspects: whole nodes first, then whole methods, then single cells of a node.
    private(set) var suspects: [Suspect] = []

    /// Everything that must be equal before outputs can be expected to be.
    private struct Computation: Hashable {
        var batch: Int
        var weights: Int
        var maskRatio: Double
        var input: SHA256Digest
        var mask: SHA256Digest
        var numericClass: String
    }

    /// What a computation gave.
    private struct Output: Hashable {
        let layers: LayerDigests?
        let layernorm: SHA256Digest

        init(_ observation: Observation, withLayers: Bool) {
            (layers, layernorm) = (withLayers ? observation.layers : nil, observation.digests.layernorm)
        }
    }

    /// Looks through the layernorm differences that are not explained yet.
    init(_ context: DiagnosisContext) {
        var disputed = Set(
            context.cells(in: context.pairs(with: .layernorm) { pair, _, _ in pair.bitwise && !pair.agrees }))
        guard !disputed.isEmpty else { return }
        // What rounding hid in some batches is of the same cause.
        disputed.formUnion(context.cells(in: context.pairs(with: .layers) { pair, _, _ in pair.bitwise }))
        let alike = Split(context.cells.indices.filter { context.cells[$0].node.promisesBits }) { index in
            let cell = context.cells[index]
            return Computation(
                batch: cell.batch.index, weights: context.weightsGroups[index], maskRatio: cell.maskRatio.value,
                input: cell.digests.input, mask: cell.digests.mask, numericClass: cell.node.numericClass)
        }.sides.filter { $0.count > 1 }
        let disputes = Disputes(context.comparison)
        let universe = alike.flatMap(\.self).sorted()
        var odd: Set<Int> = []
        var tied: Set<Int> = []
        for group in alike where group.contains(where: disputed.contains) {
            // A worker that takes no digests after layers is compared by its output.
            let hasLayers = group.allSatisfy { context.cells[$0].layers != nil }
            let split = Split(
                Split(group) { Output(context.cells[$0], withLayers: hasLayers) }, decidedBy: disputes, context.cells)
            let strange = split.odd.flatMap(\.self).filter(disputed.contains)
            odd.formUnion(strange)
            if split.isTie { tied.formUnion(strange) }
        }
        partition(odd, tied, universe, context)
    }

    /// Gives whole nodes, then whole methods, then what is left of each node to a suspect of its own.
    private mutating func partition(
        _ odd: Set<Int>, _ tied: Set<Int>, _ universe: [Int], _ context: DiagnosisContext
    ) {
        var rest = odd
        func add(_ cells: [Int]) {
            rest.subtract(cells)
            suspects.append(
                Suspect(
                    cells: cells, scope: Scope(cells, among: universe, in: context),
                    reference: universe.filter { !odd.contains($0) }, isTie: cells.contains(where: tied.contains)))
        }
        let byNode = Split(universe) { context.cells[$0].node.name }.sides
        let wholeNodes = byNode.filter { $0.allSatisfy(odd.contains) }
        if wholeNodes.count < byNode.count {
            for cells in Self.joined(wholeNodes, context) { add(cells) }
        }
        let byMethod = Split(universe.filter { !wholeNodes.joined().contains($0) }) { context.cells[$0].method.label }
            .sides
        let wholeMethods = byMethod.filter { $0.allSatisfy(rest.contains) }
        if wholeMethods.count < byMethod.count {
            for cells in wholeMethods { add(cells) }
        }
        for cells in Split(rest.sorted(), by: { context.cells[$0].node.name }).sides { add(cells) }
    }

    /// Nodes that share a trait which no other node has become one suspect.
    private static func joined(_ nodes: [[Int]], _ context: DiagnosisContext) -> [[Int]] {
        let names = nodes.compactMap { $0.first.map { context.cells[$0].node.name } }
        let trait = SharedTrait(of: names, among: context.comparison.nodes)
        return nodes.count > 1 && trait != nil ? [nodes.flatMap(\.self).sorted()] : nodes
    }
}

extension DiagnosisContext {
    /// The suspects whose scope `condition` accepts, each with a finding that `describe` writes.
    func outliers(
        where condition: (Scope.Kind) -> Bool, describe: (Outliers.Suspect) -> Finding
    ) -> [Explanation] {
        Outliers(self).suspects.filter { condition($0.scope.kind) }.map { suspect in
            let differing = Set(pairs(with: .layernorm)).union(pairs(with: .layers) { pair, _, _ in pair.bitwise })
            let touched = pairs(differing.sorted(), involving: suspect.cells)
            var finding = describe(suspect)
            finding.evidence += firstLayer(of: suspect)
            // Where two sides were of equal size, the one that was suspected need not be the one at fault.
            let found = attribution(of: suspect.cells) ?? reversedAttribution(of: suspect.cells)
            let attribution = suspect.isTie ? found?.undecided : found
            finding.sentence += attribution?.beginning ?? ""
            finding.evidence += attribution?.evidence ?? []
            finding.remedy = remedy(attribution) ?? finding.remedy
            finding.evidence += worstDifference(in: touched)
            finding.evidence += refereeEvidence(on: Set(suspect.cells.map { cells[$0].node.name }))
            if case .nodes = suspect.scope.kind {
                finding.evidence += machineEvidence(
                    on: Set(suspect.cells.map { cells[$0].node.name }),
                    and: Set(suspect.reference.map { cells[$0].node.name }))
            }
            finding.cells = places(suspect.cells)
            finding.evidence += float64Evidence(on: finding.cells)
            return Explanation(finding: finding, explains: explaining(.outputs, in: touched))
        }
    }

    /// What a tie adds to a sentence: neither side was outvoted.
    func tieEvidence(_ suspect: Outliers.Suspect) -> [String] {
        guard suspect.isTie else { return [] }
        let others = NumberText.list(
            Split(suspect.reference) { cells[$0].node.name }.sides.compactMap {
                $0.first.map { cells[$0].node.name }
            })
        return [
            "No majority: the fault may as well lie with the other side (\(others)). One more node would decide it."
        ]
    }

    /// What this machine's own answers say of nodes that are blamed, as a sentence; empty where it says nothing.
    func refereeEvidence(on nodes: Set<String>) -> [String] {
        let checks = comparison.referee.checks.filter { nodes.contains($0.cell.node) }
        guard let first = checks.first, first.standard == .thisMachine else { return [] }
        let wrong = checks.filter(\.isWrong)
        return [
            wrong.isEmpty
                ? "Its answers to what this machine computed too are right."
                : "This machine computed what was drawn for the run: \(wrong.count) of \(NumberText.count(checks.count, "answer")) "
                    + "of \(NumberText.list(nodes.sorted())) \(wrong.count == 1 ? "is" : "are") wrong."
        ]
    }

    /// What nodes found when they were asked about one of these cells; nil where they were not.
    func attribution(of suspects: [Int]) -> Attribution? {
        let places = Set(suspects.map { cells[$0].cell })
        return comparison.attributions.first { places.contains($0.suspected) }
    }

    /// What was found about any cell of the node of this one.
    func attribution(ofNode cell: Int) -> Attribution? {
        attribution(of: cells.indices.filter { cells[$0].node.name == cells[cell].node.name })
    }

    /// What to do about what an examination shows; nil where nothing stands out.
    func remedy(_ attribution: Attribution?) -> String? {
        guard let attribution, let hint = attribution.hint,
            let cell = cells.first(where: { $0.cell == attribution.suspected })
        else { return nil }
        return hint.remedy(on: cell.node, attribution)
    }

    /// What differs between the machines of nodes that are blamed and of those that they are compared with, as a sentence.
    func machineEvidence(on some: Set<String>, and others: Set<String>) -> [String] {
        func nodes(_ names: Set<String>) -> [NodeIdentity] {
            comparison.nodes.filter { names.contains($0.name) }
        }
        return [MachineDifference(between: nodes(some), and: nodes(others.subtracting(some))).sentence]
            .compactMap(\.self)
    }

    /// What was found of one of these cells when another was set against it; nil where none was.
    private func reversedAttribution(of suspects: [Int]) -> Attribution? {
        let places = Set(suspects.map { cells[$0].cell })
        return comparison.attributions.first { places.contains($0.reference) }?.reversed
    }

    private func firstLayer(of suspect: Outliers.Suspect) -> [String] {
        for odd in suspect.cells where cells[odd].layers != nil {
            let partner = suspect.reference.first {
                cells[$0].batch.index == cells[odd].batch.index && cells[$0].layers != nil
                    && cells[$0].digests.layernorm != cells[odd].digests.layernorm
            }
            if let partner { return FirstLayer.evidence(cells[partner], cells[odd]) }
        }
        return []
    }
}
