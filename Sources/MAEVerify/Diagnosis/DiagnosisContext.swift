import MAEDomain
import MAEText

/// What a rule sees: the comparison, and the differences that no earlier rule has explained.
struct DiagnosisContext {
    let comparison: Comparison
    /// For each pair of ``Comparison/pairs`` the stages that differ for no known reason.
    private(set) var unexplained: [StageSet]
    /// Nodes that findings blame for what they compute, by name.
    private(set) var blamedNodes: Set<String> = []
    /// The nodes and methods whose wrong answers a finding accounts for.
    private(set) var explainedAnswers: Set<NodeMethod> = []
    /// For each cell the number of its weights: cells whose common parameters are equal share one.
    let weightsGroups: [Int]
    /// Which parameters of the run are copies of others in half precision.
    let weightFamilies: WeightFamilies

    init(_ comparison: Comparison) {
        self.comparison = comparison
        unexplained = comparison.pairs.map(\.differing)
        weightsGroups = Self.weightsGroups(of: comparison.cells)
        weightFamilies = WeightFamilies(
            comparison.copies, among: Set(comparison.cells.map(\.weights.digest)))
    }

    /// The observations compared.
    var cells: [Observation] { comparison.cells }

    /// Takes over what a rule explained.
    mutating func accept(_ explanation: Explanation) {
        for (pair, stages) in explanation.explains { unexplained[pair].subtract(stages) }
        explainedAnswers.formUnion(explanation.explainsAnswers)
        if explanation.finding.blamesNodes { blamedNodes.formUnion(explanation.finding.cells.map(\.node)) }
    }

    /// The pairs in which `stage` differs for no known reason and that fulfill `condition`.
    func pairs(
        with stage: Stage, where condition: (PairComparison, Observation, Observation) -> Bool = { _, _, _ in true }
    ) -> [Int] {
        comparison.pairs.indices.filter { index in
            guard unexplained[index].has(stage) else { return false }
            let pair = comparison.pairs[index]
            return condition(pair, cells[pair.left], cells[pair.right])
        }
    }

    /// The cells that take part in `pairs`, ascending.
    func cells(in pairs: [Int]) -> [Int] {
        var taking = Set<Int>()
        for index in pairs {
            taking.insert(comparison.pairs[index].left)
            taking.insert(comparison.pairs[index].right)
        }
        return taking.sorted()
    }

    /// The pairs out of `pairs` that have a cell of `some` on one side and none on the other.
    func pairs(_ pairs: [Int], touching some: [Int]) -> [Int] {
        let some = Set(some)
        return pairs.filter { index in
            some.contains(comparison.pairs[index].left) != some.contains(comparison.pairs[index].right)
        }
    }

    /// The pairs out of `pairs` that have a cell of `some` on a side.
    func pairs(_ pairs: [Int], involving some: [Int]) -> [Int] {
        let some = Set(some)
        return pairs.filter { some.contains(comparison.pairs[$0].left) || some.contains(comparison.pairs[$0].right) }
    }

    /// Error when any of `pairs` disagrees, else a warning.
    func severity(of pairs: [Int]) -> Severity {
        pairs.contains { !comparison.pairs[$0].agrees } ? .error : .warning
    }

    /// The same stages for each of `pairs`.
    func explaining(_ stages: StageSet, in pairs: [Int]) -> [Int: StageSet] {
        Dictionary(uniqueKeysWithValues: pairs.map { ($0, stages) })
    }

    /// The places of `cells`.
    func places(_ cells: [Int]) -> [Cell] { cells.map { self.cells[$0].cell } }

    /// The largest difference measured in `pairs`, as a sentence; empty when none was measured.
    func worstDifference(in pairs: [Int]) -> [String] {
        let measured = pairs.filter { comparison.pairs[$0].metrics != nil }
        let worst = measured.max { left, right in
            (comparison.pairs[left].metrics?.maximum ?? 0) < (comparison.pairs[right].metrics?.maximum ?? 0)
        }
        guard let worst, let metrics = comparison.pairs[worst].metrics, metrics.maximum > 0 else { return [] }
        let pair = comparison.pairs[worst]
        let place = metrics.place.map { " at \($0)" } ?? ""
        return [
            "Largest difference of the \(metrics.subject.rawValue) outputs: \(NumberText.short(metrics.maximum))\(place), "
                + "root mean square \(NumberText.short(metrics.rms)) "
                + "(\(cells[pair.left].cell) against \(cells[pair.right].cell))."
        ]
    }

    private static func weightsGroups(of cells: [Observation]) -> [Int] {
        var groups: [WeightsObservation: Int] = [:]
        var leaders: [WeightsObservation] = []
        return cells.map { cell in
            if let known = groups[cell.weights] { return known }
            let match = leaders.firstIndex { leader in
                leader.digest == cell.weights.digest
                    || WeightsDifference(leader, cell.weights).map { $0.common > 0 && $0.changed.isEmpty } ?? false
            }
            if match == nil { leaders.append(cell.weights) }
            let group = match ?? leaders.count - 1
            groups[cell.weights] = group
            return group
        }
    }
}
