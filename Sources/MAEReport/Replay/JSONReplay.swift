import MAEText
import MAEVerify

/// A replay for programs.
///
/// `docs/verdict.md` describes every field. Fields are added, never renamed.
public enum JSONReplay {
    /// Encodes the report: UTF-8, keys sorted, indented, ending in a newline.
    ///
    /// - Parameter command: the command line that computes the same batch without the run; nil where none does.
    public static func render(_ report: ReplayReport, command: String?) throws -> String {
        try JSONText.encode(Document(report, command), snakeCase: true) + "\n"
    }

    private struct Document: Encodable {
        var schema = 1
        var run: String
        var command: String?
        var agrees: Bool
        var machine: JSONReport.Node
        var sides: [Side]
        var steps: [Step]
        var layer: String?
        var operations: [Operation]?

        init(_ report: ReplayReport, _ command: String?) {
            (run, self.command, agrees) = (report.plan.run, command, report.agrees)
            machine = JSONReport.Node(report.machine.node)
            sides = report.sides.indices.map { Side(report, $0) }
            steps = report.steps.map { step in
                Step(
                    name: step.name, sha256: "\(step.digest)",
                    sides: step.sides.indices.map { Relation(step.sides[$0], agrees: step.agrees($0)) })
            }
            layer = report.look?.layer.name
            operations = report.look.map { look in
                look.operations.enumerated().map { index, operation in
                    Operation(
                        position: index + 1, name: operation.words, sha256: "\(operation.digest)",
                        sides: look.sides.indices.map { side in
                            Relation(
                                look.agrees(side, after: index) == nil ? nil : look.sides[side]?[index],
                                agrees: look.agrees(side, after: index))
                        })
                }
            }
        }
    }

    private struct Side: Encodable {
        var cell: JSONReport.CellName
        var node: JSONReport.Node
        var relation: String
        var agrees: Bool
        var firstDifference: String?
        var measured: JSONReport.Metrics?
        /// Place of the operation whose values were compared, from 1.
        var operation: Int?
        var elements: JSONReport.AttributionEntry.Elements?

        init(_ report: ReplayReport, _ index: Int) {
            let side = report.sides[index]
            (cell, node) = (JSONReport.CellName(side.observation.cell), JSONReport.Node(side.observation.node))
            (relation, agrees) = (side.relation.name, side.agrees)
            firstDifference = report.firstDifference(index)
            measured = side.metrics.map(JSONReport.Metrics.init)
            guard let look = report.look, look.values[index] != .unknown else { return }
            operation = look.operation.map { $0 + 1 }
            if case .differ(let differences) = look.values[index] {
                elements = JSONReport.AttributionEntry.Elements(differences)
            }
        }
    }

    private struct Step: Encodable {
        var name, sha256: String
        var sides: [Relation]
    }

    private struct Operation: Encodable {
        var position: Int
        var name, sha256: String
        var sides: [Relation]
    }

    private struct Relation: Encodable {
        var sha256: String?
        var agrees: Bool?

        init(_ digest: (some CustomStringConvertible)?, agrees: Bool?) {
            (sha256, self.agrees) = (digest.map { "\($0)" }, agrees)
        }
    }
}
