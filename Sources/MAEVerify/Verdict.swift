import MAEText

/// The answer of a run in one word, one number and one sentence.
public struct Verdict: Sendable, Hashable {
    /// The answer in one word.
    public enum Outcome: String, Sendable, CaseIterable {
        /// Everything compared agrees, and everything planned was compared.
        case agree
        /// Something differs.
        case disagree
        /// What was compared agrees, but nodes or work were lost.
        case incomplete
        /// There were no two results to compare.
        case nothingCompared = "nothing-compared"

        /// Exit code of the command that asked.
        public var exitCode: Int32 {
            switch self {
            case .agree: 0
            case .disagree: 1
            case .incomplete: 2
            case .nothingCompared: 3
            }
        }
    }

    /// The answer in one word.
    public var outcome: Outcome
    /// The answer in one sentence, with the first cause when there is one.
    public var sentence: String
    /// How much disagrees, without the cause; nil unless something does.
    public var extent: String?

    /// An answer that was given before.
    package init(outcome: Outcome, sentence: String, extent: String?) {
        self.outcome = outcome
        self.sentence = sentence
        self.extent = extent
    }

    init(_ comparison: Comparison, _ findings: [Finding]) {
        let disagreeing = comparison.disagreeingPairCount
        let unstable = comparison.reruns.contains { $0.differs != nil }
        let isAnyWrong = comparison.referee.checks.contains(where: \.isWrong)
        let isOther = findings.contains { $0.has(.baselineDiffers) }
        if disagreeing > 0 || unstable || isAnyWrong || isOther {
            outcome = .disagree
            let isOfBaselineAlone = disagreeing == 0 && !unstable && !isAnyWrong
            let extent = isOfBaselineAlone ? "Disagreement with the baseline" : Self.extent(comparison, disagreeing)
            self.extent = extent
            sentence = Self.disagreement(extent, Self.causes(findings))
        } else if comparison.pairCount == 0 {
            outcome = .nothingCompared
            sentence =
                "Nothing was compared: "
                + (comparison.resultCount == 0
                    ? "no result arrived."
                    : "\(NumberText.count(comparison.resultCount, "result")), but no two of one batch.")
        } else if !comparison.isComplete {
            outcome = .incomplete
            let lost = comparison.missingResults
            let nodes = comparison.missingNodes
            let least = lost >= Self.mostTold ? "at least " : ""
            let gaps =
                (lost > 0 ? [least + NumberText.count(lost, "result")] : [])
                + (nodes > 0 ? [NumberText.count(nodes, "node")] : [])
            let verb = lost + nodes == 1 ? "is" : "are"
            sentence = "\(NumberText.list(gaps)) \(verb) missing. \(Self.agreement(comparison))"
        } else {
            outcome = .agree
            sentence = Self.agreement(comparison)
        }
    }

    /// So many missing results are told one by one; beyond that, it is not known here how many there are.
    private static let mostTold = 100_000

    private static func extent(_ comparison: Comparison, _ pairs: Int) -> String {
        pairs == 0
            ? "Disagreement" : "Disagreement in \(pairs) of \(NumberText.count(comparison.pairCount, "pair"))"
    }

    private static func disagreement(_ extent: String, _ causes: [Finding]) -> String {
        let others = causes.count > 1 ? " And \(NumberText.count(causes.count - 1, "further cause"))." : ""
        return "\(extent). \(causes.first?.sentence ?? "")\(others)"
    }

    /// The findings that say why results differ: what a reader noticed is no cause of a difference between results of one
    /// engine.
    package static func causes(_ findings: [Finding]) -> [Finding] {
        findings.filter { $0.severity == .error && !$0.code.hasPrefix(FindingCode.loadPrefix) }
    }

    private static func agreement(_ comparison: Comparison) -> String {
        let what =
            "\(NumberText.count(comparison.resultCount, "result")) "
            + "(\(NumberText.count(comparison.nodes.count, "node")), "
            + "\(NumberText.count(Set(comparison.cells.map(\.method.label)).count, "loading method")), "
            + "\(NumberText.count(comparison.batchCount, "batch", "batches")))"
        let doubts = doubts(comparison)
        let witnesses = comparison.witnesses
        let engines = comparison.nodes.filter { !$0.isWitness }
        let classes = Set((engines.isEmpty ? comparison.nodes : engines).map(\.numericClass)).sorted()
        func isCounted(_ cell: Int) -> Bool { engines.isEmpty || !comparison.cells[cell].node.isWitness }
        let counted = comparison.pairs.filter { isCounted($0.left) && isCounted($0.right) }
        let worst = counted.filter { $0.relation == .withinTolerance }.compactMap { $0.metrics?.maximum }.max()
        // Of a class with one result no bits were compared.
        let exact = Set(
            counted.filter { $0.relation == .identical }.flatMap { pair in
                let pair = [pair.left, pair.right].map { comparison.cells[$0].node.numericClass }
                return worst == nil || pair[0] == pair[1] ? pair : []
            }
        ).sorted()
        func named(_ classes: [String]) -> String {
            "\(classes.count > 1 ? "classes" : "class") \(NumberText.list(classes))"
        }
        let all = NumberText.list(classes)
        var agreement: String?
        switch (worst, engines.isEmpty) {
        case (nil, _):
            let comma = witnesses.isEmpty || engines.isEmpty ? "," : ""
            agreement = exact.isEmpty ? nil : "bit for bit\(comma) in \(named(exact))"
        case (.some(let worst), true):
            agreement =
                "within the tolerance, \(classes.count > 1 ? "across" : "in class") \(all), to \(NumberText.short(worst))"
        case (.some(let worst), false):
            let inside = exact == classes ? "each numeric class" : named(exact)
            agreement =
                (exact.isEmpty ? "" : "bit for bit inside \(inside), and ")
                + "across \(all) to \(NumberText.short(worst))"
        }
        guard !engines.isEmpty, !witnesses.isEmpty else {
            return "All \(what) agree\(agreement.map { (worst == nil ? " " : ": ") + $0 } ?? "").\(doubts)"
        }
        // Of many witnesses the findings tell one by one.
        let told = witnesses.prefix(mostWitnesses).map(\.words).joined(separator: "; ")
        let more = witnesses.count - mostWitnesses
        return "All \(what) agree: \(agreement.map { $0 + "; " } ?? "")\(told)"
            + (more > 0 ? "; and \(NumberText.count(more, "further witness", "further witnesses"))" : "") + ".\(doubts)"
    }

    /// Most witnesses that a sentence has figures of.
    private static let mostWitnesses = 2

    /// A sentence about what the readers noticed that PyTorch may compute otherwise; empty without.
    private static func doubts(_ comparison: Comparison) -> String {
        // What PyTorch itself computed, and agrees, is known.
        let known = Set(comparison.witnesses.flatMap { $0.methods.filter(\.agrees).map(\.method) })
        let cells = comparison.cells.filter { !$0.node.isWitness && !known.contains($0.method.label) }
        let codes = Set(cells.flatMap(\.loadFindings).filter { $0.severity == .error }.map(\.code)).sorted()
        guard !codes.isEmpty else { return "" }
        let names = codes.map(FindingCode.load)
        return " Whether PyTorch computes the same is not known: see \(NumberText.list(names))."
    }
}
