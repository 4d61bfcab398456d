import MAEText
import MAEVerify

/// A replay as a person reads it in a terminal.
public enum ReplayText {
    /// Renders the report, ending in a newline.
    ///
    /// - Parameters:
    ///   - command: the command line that computes the same batch without the run; nil where none does.
    ///   - listsOperations: whether every operation of the layer that was looked at has a line.
    public static func render(
        _ report: ReplayReport, command: String?, listsOperations: Bool = false, style: TerminalStyle = TerminalStyle()
    ) -> String {
        var lines = ["cell \(report.sides[0].observation.cell.name) of run \(report.plan.run)"].map(SafeText.terminal)
        // Not wrapped, so that it can be copied.
        if let command { lines.append(SafeText.terminal("the same batch alone: \(command)")) }
        lines += [""] + table(machines(report)) + [""] + table(steps(report))
        lines.append(style.paint(legend(report), .dim))
        lines.append("")
        for side in report.sides.indices { lines += style.wrap(sentence(report, side), first: "", indent: "  ") }
        if let look = report.look {
            lines.append("")
            if listsOperations { lines += table(operations(look, report)) + [""] }
            for sentence in sentences(look, report) { lines += style.wrap(sentence, first: "", indent: "  ") }
        }
        let (word, color): (String, TerminalStyle.Color) =
            report.agrees ? ("NOT SHOWN AGAIN", .green) : ("SHOWN AGAIN", .red)
        lines += ["", style.paint(word, color) + "  " + SafeText.terminal(conclusion(report))]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func name(_ report: ReplayReport, _ side: Int) -> String {
        let names = report.sides.map(\.observation.node.name)
        let methods = report.sides.map(\.observation.method.label)
        return Set(methods).count > 1 ? "\(names[side])/\(methods[side])" : names[side]
    }

    private static func table(_ rows: [[String]]) -> [String] {
        var table = TextTable(rightAligned: [])
        for row in rows { table.add(row.map(SafeText.terminal)) }
        return table.text(indentation: 0).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func machines(_ report: ReplayReport) -> [[String]] {
        let nodes =
            [("this machine", report.machine.node)]
            + report.sides.indices.map { (name(report, $0), report.sides[$0].observation.node) }
        return [["side", "backend", "isa", "class", "device"]]
            + nodes.map { [$0.0, $0.1.backend, $0.1.isa, $0.1.numericClass, $0.1.device] }
    }

    private static func symbol(_ agrees: Bool?) -> String { agrees.map { $0 ? "=" : "x" } ?? "?" }

    private static func steps(_ report: ReplayReport) -> [[String]] {
        [["step"] + report.sides.indices.map { name(report, $0) }]
            + report.steps.map { step in [step.name] + report.sides.indices.map { symbol(report, step, $0) } }
    }

    private static func symbol(_ report: ReplayReport, _ step: ReplayReport.Step, _ side: Int) -> String {
        let isClose = report.agrees(step, side) == true && step.agrees(side) == false
        return isClose ? "~" : symbol(report.agrees(step, side))
    }

    private static func legend(_ report: ReplayReport) -> String {
        let isOfClass = report.sides.contains { !$0.isBitwise }
        return "= the bits of this machine, x other bits, ? not known"
            + (isOfClass ? " (layers of another class have bits of their own), ~ within tolerance" : "")
    }

    private static func operations(_ look: ReplayLook, _ report: ReplayReport) -> [[String]] {
        [["\(look.layer.name)"] + report.sides.indices.map { name(report, $0) }]
            + look.operations.enumerated().map { index, operation in
                ["\(index + 1) \(operation.words)"]
                    + report.sides.indices.map { symbol(look.agrees($0, after: index)) }
            }
    }

    /// Where a side parts from this machine.
    private static func sentence(_ report: ReplayReport, _ side: Int) -> String {
        let (name, state) = (SafeText.terminal(name(report, side)), report.sides[side])
        let distance = state.metrics.map { ", by up to \(NumberText.short($0.maximum)) in the output" } ?? ""
        guard let first = report.firstDifference(side) else {
            return state.relation == .withinTolerance
                ? "\(name) computes in another class: its outputs are within the tolerance\(distance)."
                : "\(name) has the bits of this machine in every step."
        }
        return "\(name) parts from this machine at \(first)\(distance)."
    }

    private static func sentences(_ look: ReplayLook, _ report: ReplayReport) -> [String] {
        func list(_ sides: [Int]) -> String { NumberText.list(sides.map { SafeText.terminal(name(report, $0)) }) }
        guard let index = look.operation, look.operations.indices.contains(index) else {
            let parted = report.sides.indices.compactMap { side in
                look.firstDifference(side).map {
                    "In \(look.layer.name) \(list([side])) parts from this machine at operation \($0 + 1) of "
                        + "\(look.operations.count), \(look.operations[$0].words)."
                }
            }
            let isKnown = look.sides.contains { $0 != nil }
            return parted.isEmpty
                ? [
                    "Nodes \(isKnown ? "gave the bits of this machine after each operation" : "were not asked about the operations") of "
                        + "\(look.layer.name)."
                ] : parted
        }
        let same = report.sides.indices.filter { look.values[$0] == .same }
        var sentences = [
            "In \(look.layer.name), at operation \(index + 1) of \(look.operations.count), \(look.operations[index].words): this machine "
                + (same.isEmpty ? "gives the bits of no side that sent values." : "gives the bits of \(list(same)).")
        ]
        for side in report.sides.indices {
            guard case .differ(let differences) = look.values[side] else { continue }
            sentences += differences.sentences(of: SafeText.terminal(name(report, side)))
        }
        return sentences
    }

    private static func conclusion(_ report: ReplayReport) -> String {
        let cell = report.sides[0].observation.cell.name
        guard !report.agrees else { return "This machine agrees with \(cell)." }
        let others = report.sides.dropFirst().filter(\.agrees).map(\.observation.cell.name)
        return "This machine does not agree with \(cell)" + (others.isEmpty ? "." : "; it agrees with \(others[0]).")
    }
}
