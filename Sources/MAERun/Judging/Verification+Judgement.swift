import MAEStore
import MAEVerify

extension Verification {
    /// The judgement as the store keeps it.
    var judgement: Judgement {
        let cells = comparison.cells.map(\.cell)
        return Judgement(
            comparisons: comparison.pairs.map { pair in
                var stage: String?
                if case .differs(let first) = pair.relation { stage = first.name }
                return ComparisonRecord(
                    left: cells[pair.left], right: cells[pair.right], relation: pair.relation.name, stage: stage,
                    maximum: pair.metrics?.maximum)
            },
            findings: findings.map(FindingRecord.init))
    }
}

extension FindingRecord {
    /// A finding as the store keeps it.
    init(_ finding: Finding) {
        self.init(
            code: finding.code, severity: finding.severity, text: finding.sentence, node: nil, method: nil, batch: nil)
    }
}
