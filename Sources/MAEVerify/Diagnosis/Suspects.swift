import MAEDomain
import MAEText

extension Verification {
    /// Nodes that were found to compute wrongly, by name: none of their results is to be trusted, those that look right included.
    ///
    /// A finding that blames them is not enough where the others are no more than they: then it must be the answers of this
    /// machine that say so. Where every node is blamed, the fault may lie elsewhere.
    public var suspectNodes: [String] {
        let all = Set(comparison.nodes.map(\.name))
        let checks = comparison.referee.checks
        // What a witness says of a model that it ran is no fault of its machine, where it accounts for what differs: an error then.
        let causes = Set(WitnessCause.all.map(\.code.rawValue))
        let explained = Set(
            findings.filter { finding in causes.contains(finding.code) && finding.severity == .error }
                .flatMap(\.cells).map(NodeMethod.init))
        // Other files are no other computation.
        let wrong = Set(
            checks.filter { check in
                guard case .differs(let stage) = check.relation else { return false }
                return stage != .weights && stage != .configuration && !explained.contains(NodeMethod(check.cell))
            }.map(\.cell.node))
        var suspects = wrong.count > 1 && wrong == Set(checks.map(\.cell.node)) ? [] : wrong
        for finding in findings where finding.blamesNodes {
            let blamed = Set(finding.cells.map(\.node))
            // A node that does not repeat itself has given the proof alone.
            if finding.has(.rerunDiffers) || 2 * blamed.count < all.count { suspects.formUnion(blamed) }
        }
        return suspects.sorted(by: NaturalOrder.precedes)
    }
}
