import MAEDomain
import MAEText

extension Diagnosis {
    /// What only PyTorch shows: each cause that witnesses report, once for all their cells that have it.
    static let witnessCauses: Rule = { context in
        WitnessCause.all.compactMap { cause in
            let some = context.cells.indices.filter { context.reports(cause, $0) }
            // Training mode says of dropout what there is to say.
            let told =
                cause.code == .dropout
                ? some.filter { cell in
                    !context.cells[cell].loadFindings.contains { $0.code == FindingCode.trainingMode.rawValue }
                } : some
            guard let first = told.first, let witness = Witness(context.cells[first].node) else { return nil }
            let everyPair = Array(context.comparison.pairs.indices)
            let touched = context.pairs(everyPair, involving: told)
            let places = Set(told.map { context.cells[$0].cell })
            let texts = context.texts(of: cause, in: told)
            // A note is of something that changes no output, such as training mode without dropout.
            let isHarmless = context.reported(cause, in: told) == .note
            let stages = isHarmless ? [] : cause.stages
            let disagrees =
                !stages.isEmpty
                && (touched.contains { !context.comparison.pairs[$0].agrees } || context.isWrong(places))
            return Explanation(
                finding: Finding(
                    code: cause.code,
                    severity: disagrees ? .error : min(context.reported(cause, in: told), .warning),
                    sentence: cause.sentence(context.work(of: told), witness.program),
                    evidence: texts + context.drawnTensors(cause, told, touched)
                        + (disagrees ? context.worstDifference(in: touched) : []),
                    remedy: cause.remedy, python: cause.python, cells: context.places(told)),
                explains: context.explaining(stages, in: touched),
                explainsAnswers: stages.isEmpty ? [] : Set(places.map(NodeMethod.init)))
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
        cells[cell].node.isWitness && cells[cell].loadFindings.contains { $0.code == cause.code.rawValue }
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
