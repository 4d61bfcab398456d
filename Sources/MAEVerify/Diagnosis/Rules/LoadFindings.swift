import MAEDomain
import MAEText

extension Diagnosis {
    /// What the checkpoint readers noticed, once for each method and text.
    static let loadFindings: Rule = { context in
        var nodes: [String: [LoadFinding: Set<String>]] = [:]
        for cell in context.cells {
            // Guessed values have a finding of their own, which names them all.
            for finding in cell.loadFindings where finding.code != FindingCode.guessedConfiguration.rawValue {
                nodes[cell.method.label, default: [:]][finding, default: []].insert(cell.node.name)
            }
        }
        return context.comparison.methods.flatMap { method in
            (nodes[method.label] ?? [:]).sorted { ($0.key.code, $0.key.text) < ($1.key.code, $1.key.text) }
                .map { finding, seen in
                    let everyone = seen.count == context.comparison.nodes.count
                    let names = seen.sorted(by: NaturalOrder.precedes)
                    return Explanation(
                        finding: Finding(
                            code: FindingCode.load(finding.code), severity: finding.severity,
                            sentence: "While loading `\(method.label)`: \(finding.text)",
                            evidence: everyone ? [] : ["Seen on \(Scope.named(names)) only."]))
                }
        }
    }
}
