import MAEText
import MAEVerify

/// A verification as JUnit XML, for build servers: one suite a batch, and one for the run as a whole.
///
/// Each pair is a test case; when there are more than ``mostPairs``, each cell is one, compared with most cells of its batch.
public enum JUnitReport {
    /// Up to this many pairs each is a test case.
    public static let mostPairs = 1000

    /// Renders the document, ending in a newline.
    public static func render(_ verification: Verification, details: ReportDetails = ReportDetails()) -> String {
        let comparison = verification.comparison
        let matrix = Matrix(comparison)
        let byPair = comparison.pairCount <= mostPairs
        var suites = [
            Suite(
                name: "run \(comparison.plan.run)", properties: properties(verification),
                cases: [verdict(verification, details)]
            )
        ]
        for batch in matrix.batches {
            let done =
                byPair
                ? comparison.pairs.filter { comparison.cells[$0.left].batch.index == batch }.map {
                    pair($0, comparison)
                }
                : comparison.cells.filter { $0.batch.index == batch }.map { cell($0, matrix) }
            suites.append(Suite(name: "batch \(batch)", cases: done + lost(batch, comparison)))
        }
        let checks = comparison.referee.checks.map(check)
        if !checks.isEmpty { suites.append(Suite(name: "referee", cases: checks)) }
        let total = suites.map(\.cases.count).reduce(0, +)
        let failures = suites.map(\.failures).reduce(0, +)
        let errors = suites.map(\.errors).reduce(0, +)
        let head =
            "<testsuites name=\"mae-coord verify\" tests=\"\(total)\" failures=\"\(failures)\" errors=\"\(errors)\">"
        return (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", head] + suites.flatMap(\.lines) + ["</testsuites>"])
            .joined(separator: "\n") + "\n"
    }

    /// What came of a test case.
    private enum Result {
        case passed
        /// Passed, with something to tell.
        case noted(text: String)
        case failure(String, text: String)
        case error(String, type: String, text: String)
    }

    private struct Case {
        var className: String
        var name: String
        var seconds: Double?
        var result: Result

        var lines: [String] {
            let time = seconds.map { " time=\"\($0)\"" } ?? ""
            let head =
                "    <testcase classname=\"\(SafeText.markup(className))\" name=\"\(SafeText.markup(name))\"\(time)"
            switch result {
            case .passed: return [head + "/>"]
            case .noted(let text):
                return [head + ">", "      <system-out>\(SafeText.markup(text))</system-out>", "    </testcase>"]
            case .failure(let message, let text): return element(head, "failure", message, nil, text)
            case .error(let message, let type, let text): return element(head, "error", message, type, text)
            }
        }

        private func element(
            _ head: String, _ kind: String, _ message: String, _ type: String?, _ text: String
        ) -> [String] {
            let type = type.map { " type=\"\(SafeText.markup($0))\"" } ?? ""
            return [
                head + ">",
                "      <\(kind) message=\"\(SafeText.markup(message))\"\(type)>\(SafeText.markup(text))</\(kind)>",
                "    </testcase>",
            ]
        }
    }

    private struct Property {
        var name, value: String
    }

    private struct Suite {
        var name: String
        var properties: [Property] = []
        var cases: [Case]

        var failures: Int { cases.count { if case .failure = $0.result { true } else { false } } }
        var errors: Int { cases.count { if case .error = $0.result { true } else { false } } }
        var lines: [String] {
            let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
            return ["  <testsuite name=\"\(SafeText.markup(name))\" \(counts)>"] + propertyLines
                + cases.flatMap(\.lines) + ["  </testsuite>"]
        }

        private var propertyLines: [String] {
            guard !properties.isEmpty else { return [] }
            let lines = properties.map {
                "      <property name=\"\(SafeText.markup($0.name))\" value=\"\(SafeText.markup($0.value))\"/>"
            }
            return ["    <properties>"] + lines + ["    </properties>"]
        }
    }

    /// What there is to know of the run apart from its cases.
    private static func properties(_ verification: Verification) -> [Property] {
        let comparison = verification.comparison
        let circumstances = comparison.circumstances
        var properties = [Property(name: "ending", value: circumstances.ending.code)]
        func add(_ name: String, _ values: [String]) {
            properties += values.map { Property(name: name, value: $0) }
        }
        add("absent", circumstances.absent.map(\.name))
        add("lost", circumstances.lost.map(\.words))
        add("drained", circumstances.drained)
        add("refused", circumstances.refused.map(CircumstanceWords.turnedAway))
        add("suspect", verification.suspectNodes)
        add("witness", comparison.witnesses.map(\.words))
        add("counted", [CircumstanceWords.counted(comparison)].compactMap(\.self))
        add("pace", [CircumstanceWords.paces(comparison)].compactMap(\.self))
        return properties
    }

    private static func verdict(_ verification: Verification, _ details: ReportDetails) -> Case {
        let replay = ReplayWords(verification, details)
        let isPassed = verification.verdict.outcome == .agree
        // Notes need no room in a run that passed.
        let findings = verification.findings.filter { !isPassed || $0.severity > .note }.flatMap { finding in
            ["\(finding.severity.rawValue) \(finding.code): \(finding.sentence)"]
                + (finding.severity == .note ? [] : finding.evidence.map { "- \($0)" })
                + (finding.severity == .note || finding.remedy.isEmpty ? [] : ["> \(finding.remedy)"])
                + [replay.line(finding)].compactMap(\.self)
        }
        let text = findings.joined(separator: "\n")
        let sentence = verification.verdict.sentence
        let result: Result =
            switch verification.verdict.outcome {
            case .agree: findings.isEmpty ? .passed : .noted(text: text)
            case .disagree: .failure(sentence, text: text)
            case .incomplete, .nothingCompared:
                .error(sentence, type: verification.verdict.outcome.rawValue, text: text)
            }
        return Case(className: "mae.verdict", name: "verdict", seconds: nil, result: result)
    }

    private static func pair(_ pair: PairComparison, _ comparison: Comparison) -> Case {
        let (left, right) = (comparison.cells[pair.left], comparison.cells[pair.right])
        let name = "\(left.node.name)/\(left.method.label) = \(right.node.name)/\(right.method.label)"
        let text = pair.metrics.map { metrics in
            "\(metrics.subject.rawValue): largest difference \(NumberText.short(metrics.maximum)), root mean square "
                + "\(NumberText.short(metrics.rms)), \(metrics.differing) of \(metrics.count) elements differ"
        }
        let result: Result =
            switch pair.relation {
            case .identical: .passed
            case .withinTolerance: .noted(text: "within tolerance" + (text.map { ": \($0)" } ?? ""))
            case .differs(let stage): .failure("differs at \(stage.name)", text: text ?? "")
            }
        return Case(
            className: "mae.pairs.batch-\(left.batch.index)", name: name, seconds: nil, result: result)
    }

    private static func cell(_ cell: Observation, _ matrix: Matrix) -> Case {
        let status = matrix[cell.node.name, cell.method.label, cell.batch.index]?.status ?? .missing
        let result: Result =
            switch status {
            case .identical, .reference, .withinTolerance: .passed
            case .differs, .failed, .missing: .failure(status.words, text: "")
            }
        return Case(
            className: cells(cell.batch.index), name: "\(cell.node.name)/\(cell.method.label)",
            seconds: cell.seconds.forward, result: result)
    }

    /// An answer, set against that of the coordinator's machine.
    private static func check(_ check: RefereeReport.Check) -> Case {
        var result = Result.passed
        if case .differs(let stage) = check.relation { result = .failure("differs at \(stage.name)", text: "") }
        return Case(
            className: "mae.referee.batch-\(check.cell.batch)", name: "\(check.cell.node)/\(check.cell.method)",
            seconds: nil, result: result)
    }

    /// The class of the cases of cells: build servers show those of one class together.
    private static func cells(_ batch: Int) -> String { "mae.cells.batch-\(batch)" }

    private static func lost(_ batch: Int, _ comparison: Comparison) -> [Case] {
        let failed = comparison.failures.filter { $0.batch == batch }
        var untaken: [String: Int] = [:]
        return failed.map { failure in
            var node = failure.node
            if node.isEmpty {
                // Build servers tell cases by class and name: places that no node took are numbered.
                untaken[failure.method, default: 0] += 1
                node = "(nobody) \(untaken[failure.method, default: 0])"
            }
            return Case(
                className: cells(batch), name: "\(node)/\(failure.method)", seconds: nil,
                result: .error(failure.code, type: failure.error ?? failure.code, text: failure.message))
        }
    }
}
