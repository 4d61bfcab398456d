import Foundation
import MAEText

/// A history for programs.
///
/// `docs/history.md` describes every field. Fields are added, never renamed.
public enum JSONHistory {
    /// Encodes the history: UTF-8, keys sorted, indented, ending in a newline.
    public static func render(_ history: History) throws -> String {
        try JSONText.encode(Document(series: history.series.map(Series.init)), snakeCase: true) + "\n"
    }

    private struct Document: Encodable {
        let schema = 1
        let series: [Series]
    }

    private struct Series: Encodable {
        let name: String
        let nights: [Night]
        let nodes: [Node]
        let outputs: [Output]
        let changes: [ChangeEntry]
        let badNights: [Bad]
        let flaky: [Flaky]

        init(_ series: SeriesHistory) {
            name = series.title
            nights = series.nights.map(Night.init)
            nodes = series.nodes.map { Node($0, series) }
            outputs = series.outputs.map { Output($0, series) }
            changes = series.changes.map { ChangeEntry($0, series) }
            badNights = series.badNights.map { Bad($0, series) }
            flaky = series.flaky.map { Flaky($0, series) }
        }
    }

    private struct Night: Encodable {
        let run, night: String
        let startedAt: Date
        let verdict: String?
        let exitCode: Int32?
        let findings: [String]
        let float64: [String: Double]

        init(_ night: SeriesHistory.Night) {
            (run, self.night, startedAt) = (night.run, night.label, night.started)
            (verdict, exitCode) = (night.ending?.verdict, night.ending?.exitCode)
            // JSON has no infinity: the error of a value that is not finite is left out.
            (findings, float64) = (night.findings, night.errors.filter(\.value.isFinite))
        }
    }

    private struct Node: Encodable {
        struct Step: Encodable {
            let run, night: String
            let fromSeconds, toSeconds: Double

            init(_ step: RobustStep, _ series: SeriesHistory) {
                (run, night) = (series.nights[step.index].run, series.nights[step.index].label)
                (fromSeconds, toSeconds) = (step.from, step.to)
            }
        }
        let name: String
        /// A letter for each night.
        let states: String
        let forwardSteps, loadSteps: [Step]

        init(_ node: NodeHistory, _ series: SeriesHistory) {
            (name, states) = (node.name, String(node.states.map(\.rawValue)))
            forwardSteps = RobustStep.all(node.forward).map { Step($0, series) }
            loadSteps = RobustStep.all(node.load).map { Step($0, series) }
        }
    }

    private struct Output: Encodable {
        /// Nights that follow each other with one digest.
        struct Span: Encodable {
            let from, to, digest: String
            let others: [String]
        }
        let method, batch: String
        /// The earliest run with other bits; nil where there is none.
        let firstBad: String?
        let spans: [Span]

        init(_ output: OutputSeries, _ series: SeriesHistory) {
            (method, batch) = (output.method, output.batch)
            firstBad = output.breaks.first.map { series.nights[$0.night].run }
            spans = NightScale.spans(output.entries).compactMap { entry, nights in
                entry.map {
                    Span(
                        from: series.nights[nights.lowerBound].run, to: series.nights[nights.upperBound].run,
                        digest: "\(series.digests[$0.digest])", others: $0.others)
                }
            }
        }
    }

    private struct ChangeEntry: Encodable {
        let run, night, what: String
        let `where`, from, to: String?
        let nodes: [String]

        init(_ change: Change, _ series: SeriesHistory) {
            (run, night) = (series.nights[change.night].run, series.nights[change.night].label)
            (what, `where`, from, to) = (change.what, change.subject, change.from, change.to)
            nodes = change.nodes
        }
    }

    private struct Bad: Encodable {
        struct Place: Encodable {
            let method, batch: String
        }
        let run, night, kind: String
        let nodes: [String]
        let outputs: [Place]
        let changes: [ChangeEntry]

        init(_ night: BadNight, _ series: SeriesHistory) {
            (run, self.night) = (series.nights[night.night].run, series.nights[night.night].label)
            (kind, nodes) = (night.kind.rawValue, night.nodes)
            outputs = night.outputs.map { Place(method: series.outputs[$0].method, batch: series.outputs[$0].batch) }
            changes = night.changes.map { ChangeEntry(series.changes[$0], series) }
        }
    }

    private struct Flaky: Encodable {
        let node, pattern: String
        let since: String?
        let nights, otherBits, lost: Int
        let runs: [String]

        init(_ node: FlakyNode, _ series: SeriesHistory) {
            (self.node, nights, otherBits, lost) = (node.name, node.nights, node.otherBits, node.lost)
            switch node.pattern {
            case .since(let night): (pattern, since) = ("since", series.nights[night].run)
            case .nowAndThen: (pattern, since) = ("now-and-then", nil)
            }
            runs = node.bad.map { series.nights[$0].run }
        }
    }
}
