import MAEDomain
import MAEText

extension Diagnosis {
    /// What only PyTorch shows: each cause that witnesses report, once for all their cells that have it.
    static let witnessCauses: Rule = { context in
        WitnessCause.all.flatMap { cause -> [Explanation] in
            let some = context.cells.indices.filter { context.reports(cause, $0) }
            // Training mode says of dropout what there is to say.
            let told =
                cause.code == .dropout
                ? some.filter { cell in
                    !context.cells[cell].loadFindings.contains { $0.code == FindingCode.trainingMode.rawValue }
                } : some
            let fitting = told.filter { context.fits(cause, $0) }
            let beyond = told.filter { !fitting.contains($0) }
            return [
                context.explanation(of: cause, in: fitting), context.insufficient(cause, in: beyond),
            ].compactMap(\.self)
        }
    }
}

extension DiagnosisContext {
    /// The work of some cells: `` `full` and `state-dict` on node torch ``.
    func work(of some: [Int]) -> String {
        func distinct(_ name: (Observation) -> String) -> [String] {
            some.map { name(cells[$0]) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        return "\(Scope.quoted(distinct(\.method.label))) on \(Scope.named(distinct(\.node.name)))"
    }

    fileprivate func reports(_ cause: WitnessCause, _ cell: Int) -> Bool {
        let kind = cells[cell].method.kind
        return cells[cell].node.isWitness
            && cells[cell].loadFindings.contains {
                $0.code == cause.code.rawValue && WitnessCause.named($0.code, of: kind) != nil
            }
    }

    /// The cause as that of what differs in these cells, or as a warning where all of it agrees.
    fileprivate func explanation(of cause: WitnessCause, in told: [Int]) -> Explanation? {
        guard let first = told.first, let witness = Witness(cells[first].node) else { return nil }
        let touched = pairs(Array(comparison.pairs.indices), involving: told).filter { canExplain(cause, $0) }
        let places = Set(told.map { cells[$0].cell })
        // A note is of something that changes no output, such as training mode without dropout.
        let isHarmless = reported(cause, in: told) == .note
        let stages = isHarmless ? [] : cause.stages
        let disagrees =
            !stages.isEmpty && (touched.contains { !comparison.pairs[$0].agrees } || isWrong(places))
        // What rounds more than fp32 may leave such a difference, and dropout any, and so may something else.
        let doubt =
            cause.bound == nil
            ? cause.onlyKind == nil
                ? []
                : [
                    "Dropout may leave a difference of any size. That this one comes of it is not proved: what still differs after eval() "
                        + "is something else."
                ]
            : ["A difference of this size may come of it; that it does is not proved."]
                + float64Evidence(on: Array(places))
                + layerEvidence(on: Array(places))
        return Explanation(
            finding: Finding(
                code: cause.code,
                severity: disagrees ? .error : min(reported(cause, in: told), .warning),
                sentence: cause.sentence(work(of: told), witness.program),
                evidence: texts(of: cause, in: told) + drawnTensors(cause, told, touched)
                    + (disagrees ? doubt + worstDifference(in: touched) : []),
                remedy: cause.remedy, python: cause.python, cells: self.places(told)),
            explains: explaining(stages, in: touched),
            explainsAnswers: stages.isEmpty ? [] : Set(places.map(NodeMethod.init)))
    }

    /// What witnesses report of cells whose difference it cannot leave: a warning, which explains nothing.
    fileprivate func insufficient(_ cause: WitnessCause, in told: [Int]) -> Explanation? {
        guard let first = told.first, let witness = Witness(cells[first].node) else { return nil }
        let reason =
            cause.bound.map {
                "It does not explain what differs: it leaves \(NumberText.short($0)) at most, relative to values above 1, "
                    + "and makes no engine wrong."
            } ?? "It does not explain what differs: the weights are those of the engine."
        return Explanation(
            finding: Finding(
                code: cause.code, severity: min(reported(cause, in: told), .warning),
                sentence: cause.sentence(work(of: told), witness.program),
                evidence: texts(of: cause, in: told) + [reason], remedy: cause.remedy, python: cause.python,
                cells: places(told)))
    }

    /// Whether the cause accounts for all that the referee holds against a cell, and for some pair that disagrees, if any does.
    fileprivate func fits(_ cause: WitnessCause, _ cell: Int) -> Bool {
        let share = NodeMethod(cells[cell].cell)
        let wrong = comparison.referee.checks.filter { $0.isWrong && NodeMethod($0.cell) == share }
        guard wrong.allSatisfy({ canExplain(cause, $0) }) else { return false }
        let apart = pairs(Array(comparison.pairs.indices), involving: [cell]).filter { !comparison.pairs[$0].agrees }
        return apart.isEmpty || apart.contains { canExplain(cause, $0) }
    }

    /// Whether the cause can leave what a check found.
    private func canExplain(_ cause: WitnessCause, _ check: RefereeReport.Check) -> Bool {
        if cause.code == .drawnWeights, check.relation == .differs(at: .layernorm) { return false }
        return check.metrics.map(cause.leaves) ?? true
    }

    /// Whether the cause can leave what differs in a pair: nothing that a witness does makes an engine wrong.
    fileprivate func canExplain(_ cause: WitnessCause, _ index: Int) -> Bool {
        let pair = comparison.pairs[index]
        if cause.code == .drawnWeights, !pair.agrees, !pair.differing.has(.weights) { return false }
        guard cause.bound != nil else { return true }
        let engines = [pair.left, pair.right].map { cells[$0].node }.filter { !$0.isWitness }.map(\.name)
        let isEngineWrong = comparison.referee.float64.contains { check in
            check.wrong.map { engines.contains($0.cell.node) } ?? false
        }
        return !isEngineWrong && (pair.metrics.map(cause.leaves) ?? true)
    }

    /// What the witnesses themselves say, each text once.
    fileprivate func texts(of cause: WitnessCause, in some: [Int]) -> [String] {
        let codes =
            [cause.code.rawValue] + (cause.code == .trainingMode ? [FindingCode.dropout.rawValue] : [])
        var seen: Set<String> = []
        return some.flatMap { cells[$0].loadFindings }.filter { codes.contains($0.code) }.map(\.text)
            .filter { seen.insert($0).inserted }
    }

    /// How much it matters by what the witnesses say.
    fileprivate func reported(_ cause: WitnessCause, in some: [Int]) -> Severity {
        some.flatMap { cells[$0].loadFindings }.filter { $0.code == cause.code.rawValue }.map(\.severity).max() ?? .note
    }

    /// Whether this machine computed another answer to what was asked of these nodes by these methods.
    fileprivate func isWrong(_ places: Set<Cell>) -> Bool {
        let shares = Set(places.map(NodeMethod.init))
        return comparison.referee.checks.contains { $0.isWrong && shares.contains(NodeMethod($0.cell)) }
    }

    /// Which tensors are other ones than an engine loaded, where weights were drawn.
    fileprivate func drawnTensors(_ cause: WitnessCause, _ some: [Int], _ touched: [Int]) -> [String] {
        guard cause.code == .drawnWeights else { return [] }
        for index in touched where comparison.pairs[index].differing.has(.weights) {
            let pair = comparison.pairs[index]
            let (left, right) = (cells[pair.left], cells[pair.right])
            guard left.node.isWitness != right.node.isWitness else { continue }
            let (mine, theirs) = left.node.isWitness ? (left, right) : (right, left)
            let isClose = comparison.pairs[index].metrics?.passes(comparison.plan.tolerance) ?? true
            return WeightsWords.evidence(mine.weights, theirs.weights)
                + (isClose ? ["The encoder's output is within the tolerance all the same."] : [])
        }
        return []
    }
}
