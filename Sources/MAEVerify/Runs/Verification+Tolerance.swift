import MAEDomain

/// Judging results again by another tolerance.
extension Verification {
    /// The verification of the same results by `tolerance`, which decides between numeric classes alone.
    ///
    /// The referee's own outputs are not kept, only how far each answer lay from them. That is told for the relative part of the
    /// tolerance at hand, so where that part changes, checks across classes stay as they were.
    ///
    /// - Parameter results: all results of the run, folded by that tolerance; needed where ``CountedBatches/dependsOnTolerance``.
    public func judgedAgain(by tolerance: Tolerance, _ results: RunResults? = nil) -> Verification {
        var plan = comparison.plan
        let isMeasured = plan.tolerance.rtol == tolerance.rtol
        plan.tolerance = tolerance
        let read = results.map { Comparison(plan: plan, results: $0) }
        let cells = read?.cells ?? comparison.cells
        var counted = read.map(\.counted) ?? comparison.counted
        if let missing = comparison.counted?.missing, !missing.isEmpty {
            counted = counted ?? CountedBatches()
            counted?.missing = missing
        }
        var comparer = PairComparer(tolerance: tolerance)
        let pairs = Comparison.places(of: cells).map { comparer.compare(cells[$0.left], cells[$0.right], at: $0) }
        var referee = isMeasured ? comparison.referee.judgedAgain(by: tolerance, comparison.nodes) : comparison.referee
        let places = Dictionary(uniqueKeysWithValues: cells.enumerated().map { ($1.cell, $0) })
        for index in referee.float64.indices {
            let sides = [referee.float64[index].left, referee.float64[index].right].compactMap { places[$0.cell] }
                .sorted()
            guard let pair = pairs.first(where: { [$0.left, $0.right] == sides }) else { continue }
            referee.float64[index].isDispute = !pair.agrees
        }
        let again = Comparison(
            plan: plan, cells: cells, pairs: pairs, reruns: comparison.reruns, failures: comparison.failures,
            copies: comparison.copies,
            circumstances: comparison.circumstances,
            referee: referee, attributions: comparison.attributions, counted: counted)
        let found = Diagnosis.findings(in: again)
        var verification = Verification(comparison: again, findings: found, verdict: Verdict(again, found))
        // A baseline holds bits, which no tolerance changes.
        for finding in findings where FindingCode(rawValue: finding.code)?.isOfBaseline ?? false {
            verification.add(ofBaseline: finding)
        }
        return verification
    }
}

extension RefereeReport {
    /// The same checks, those of other classes than this machine's by another absolute tolerance.
    fileprivate func judgedAgain(by tolerance: Tolerance, _ nodes: [NodeIdentity]) -> RefereeReport {
        let classes = Dictionary(nodes.map { ($0.name, $0.numericClass) }, uniquingKeysWith: { first, _ in first })
        let checks = checks.map { check in
            guard check.standard == .thisMachine, let metrics = check.metrics, classes[check.cell.node] != numericClass,
                check.relation == .withinTolerance || check.relation == .differs(at: .layernorm)
            else { return check }
            var check = check
            check.relation = metrics.passes(tolerance) ? .withinTolerance : .differs(at: .layernorm)
            return check
        }
        return RefereeReport(
            numericClass: numericClass, checks: checks, obstacles: obstacles, unanswered: unanswered, float64: float64)
    }
}
