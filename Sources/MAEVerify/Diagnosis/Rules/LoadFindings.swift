import MAEDomain
import MAEText

extension Diagnosis {
    /// What the checkpoint readers noticed, once for each method and text.
    static let loadFindings: Rule = { context in
        var nodes: [String: [LoadFinding: Set<String>]] = [:]
        for cell in context.cells {
            for finding in cell.loadFindings where !hasOwnFinding(finding, of: cell) {
                nodes[cell.method.label, default: [:]][finding, default: []].insert(cell.node.name)
            }
        }
        return context.comparison.methods.flatMap { method in
            (nodes[method.label] ?? [:]).sorted { ($0.key.code, $0.key.text) < ($1.key.code, $1.key.text) }
                .map { finding, seen in
                    // Readers of the engine and PyTorch's own notice other things.
                    let nodes = context.comparison.nodes.filter { seen.contains($0.name) }
                    let peers = context.comparison.nodes.filter { node in
                        nodes.contains { $0.isWitness == node.isWitness }
                    }
                    let everyone = seen.count == peers.count
                    let names = seen.sorted(by: NaturalOrder.precedes)
                    // A cause that this way of loading cannot have is only what a witness says.
                    let isClaim = nodes.allSatisfy(\.isWitness) && witnessCodes.contains(finding.code)
                    return Explanation(
                        finding: Finding(
                            code: FindingCode.load(finding.code),
                            severity: isClaim ? min(finding.severity, .warning) : finding.severity,
                            sentence: "While loading `\(method.label)`: \(finding.text)",
                            evidence: everyone ? [] : ["Seen on \(Scope.named(names)) only."]))
                }
        }
    }

    private static let witnessCodes = Set(WitnessCause.all.map(\.code.rawValue))

    /// Whether another rule tells of it: guessed values are named together, and what a witness reports is a cause.
    private static func hasOwnFinding(_ finding: LoadFinding, of cell: Observation) -> Bool {
        finding.code == FindingCode.guessedConfiguration.rawValue
            || cell.node.isWitness && WitnessCause.named(finding.code, of: cell.method.kind) != nil
    }
}
