import MAEText
import MAEVerify

extension HTMLReport {
    /// Nodes times methods, colored by how each place fared.
    static func matrix(_ verification: Verification) -> String {
        let table = MatrixTable(verification)
        guard !table.rows.isEmpty else { return "" }
        let heads = table.methods.map { "<th scope=\"col\">\(SafeText.markup($0))</th>" }.joined()
        let rows = table.rows.map { row in
            let cells = row.entries.map { entry in
                let kind = entry.status.map(kind) ?? "none"
                return "<td class=\"cell \(kind)\">\(SafeText.markup(entry.marked))</td>"
            }
            let names = SafeText.markup(row.nodes.joined(separator: ", "))
            return "<tr><th scope=\"row\" title=\"\(names)\">\(SafeText.markup(row.name))</th>"
                + "<td>\(SafeText.markup(row.numericClass))</td>\(cells.joined())</tr>"
        }
        return """
            <section>
            <h2>Nodes and loading methods</h2>
            <div class="wide tall"><table>
            <thead><tr><th scope="col">node</th><th scope="col">class</th>\(heads)</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            <p class="legend"><span class="cell identical">= same bits as \(table.standard)</span>
            \(table.hasReference ? "<span>o what the others are compared with: none is that of most</span>" : "")
            <span class="cell close">\(table.hasDifferences ? MatrixTable.differenceLegend : "~ within tolerance")</span>
            <span class="cell differs">x differs, and where first</span>
            <span class="cell lost">! failed, ? no result</span>
            \(table.hasSuspects ? "<span>\(MatrixTable.suspectLegend)</span>" : "")</p>
            </section>
            """
    }

    static func kind(_ status: Matrix.Status) -> String {
        switch status {
        case .identical: "identical"
        case .reference: "none"
        case .withinTolerance: "close"
        case .differs: "differs"
        case .failed, .missing: "lost"
        }
    }

    /// Numbers of each pair.
    static func pairs(_ comparison: Comparison) -> String {
        guard !comparison.pairs.isEmpty else { return "" }
        let listed = JSONReport.listedPairs(
            comparison, limit: comparison.counted == nil ? mostPairs : mostPairsOfLongRun)
        let rows = listed.map { index in
            let pair = comparison.pairs[index]
            let (left, right) = (comparison.cells[pair.left], comparison.cells[pair.right])
            let relation: (kind: String, text: String) =
                switch pair.relation {
                case .identical: ("identical", pair.reordered ? "identical, other order" : "identical")
                case .withinTolerance: ("close", "within tolerance")
                case .differs(let stage): ("differs", "differs at \(stage.name)")
                }
            let metrics = pair.metrics
            let numbers = [
                metrics.map { NumberText.short($0.maximum) }, metrics.map { NumberText.short($0.rms) },
                metrics.map { $0.requiredAtol.map { NumberText.short($0) } ?? "none" },
                metrics.map { "\($0.differing) of \($0.count)" }, metrics?.place.map { "\($0)" },
            ]
            let names = [left, right].map { "<td>\(SafeText.markup("\($0.node.name) / \($0.method.label)"))</td>" }
            return "<tr><td class=\"number\">\(left.batch.index)</td>\(names.joined())"
                + "<td class=\"cell \(relation.kind)\">\(relation.text)</td>"
                + numbers.map { "<td class=\"number\">\($0 ?? "")</td>" }.joined() + "</tr>"
        }
        let omitted = comparison.pairCount - listed.count
        let rest = omitted > 0 ? "<p class=\"facts\">\(omitted) further pairs are left out here.</p>" : ""
        let heads = ["batch", "one side", "other side", "relation", "max", "rms", "atol needed", "elements", "where"]
        return """
            <section>
            <details><summary>Every two results, in figures</summary>
            <div class="wide tall"><table>
            <thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" }.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>\(rest)
            </details>
            </section>
            """
    }

    /// Answers set against those of the coordinator's machine; empty where none were.
    static func referee(_ comparison: Comparison) -> String {
        let report = comparison.referee
        guard let words = report.words(comparison.plan) else { return "" }
        let rows = report.checks.map { check in
            let relation: (kind: String, text: String) =
                switch check.relation {
                case .identical: ("identical", "same bits")
                case .withinTolerance: ("close", "within tolerance")
                case .differs(let stage): ("differs", "differs at \(stage.name)")
                }
            let isFresh = comparison.plan.isFresh(check.cell.batch)
            let names = [check.cell.node, check.cell.method, isFresh ? "of this run alone" : "\(check.cell.batch)"]
            return "<tr>\(names.map { "<td>\(SafeText.markup($0))</td>" }.joined())"
                + "<td class=\"cell \(relation.kind)\">\(relation.text)</td>"
                + "<td class=\"number\">\(check.metrics.map { NumberText.short($0.maximum) } ?? "")</td></tr>"
        }
        let heads = ["node", "method", "batch", "answer", "max"]
        let title =
            report.checks.contains { $0.standard == .thisMachine }
            ? "Checked on the coordinator's machine" : "Answers set against those of most nodes"
        return """
            <section>
            <details\(report.wrongNodes.isEmpty ? "" : " open")><summary>\(title)</summary>
            <p class="facts">\(SafeText.markup(words)).</p>
            <div class="wide tall"><table>
            <thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" }.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            </details>
            </section>
            """
    }

    /// What each node is.
    static func nodes(_ comparison: Comparison) -> String {
        guard !comparison.nodes.isEmpty else { return "" }
        let paces = Dictionary(comparison.paces.map { ($0.node, $0) }) { first, _ in first }
        let rows = comparison.nodes.map { node in
            let pace = paces[node.name]
            return [
                node.name, node.host, node.backend, node.device, node.isa, "\(node.threads)", node.numericClass,
                node.engineBuild, pace.map { "\($0.shards)" } ?? "", pace.map(CircumstanceWords.percent) ?? "",
                pace.map { NumberText.short($0.medianSeconds) } ?? "",
            ]
        }
        let heads = [
            "node", "host", "backend", "device", "isa", "threads", "class", "build", "shards", "share", "median, s",
        ]
        return """
            <section>
            <details><summary>Timing and machines</summary>
            \(CircumstanceWords.paces(comparison).map { "<p class=\"facts\">\(SafeText.markup($0))</p>" } ?? "")
            <div class="wide tall">\(table(heads, rows))</div>
            </details>
            </section>
            """
    }

    /// What the run set out to do.
    static func settings(_ plan: RunPlan, _ details: ReportDetails) -> String {
        var rows =
            (details.command.map { [["command", $0]] } ?? []) + [
                ["workers expected", "\(plan.workers)"], ["seed", "\(plan.seed)"],
                ["batches", plan.rotating == nil ? "\(plan.batches) of \(plan.batchSize)" : plan.batchWords],
                ["images", Self.images(plan)], ["noise", plan.noise.rawValue],
                ["mask_ratio", plan.maskRatioWords],
                [
                    "tolerance between classes",
                    "atol \(NumberText.short(Double(plan.tolerance.atol))), rtol \(NumberText.short(Double(plan.tolerance.rtol)))",
                ],
            ]
        if let pictures = plan.pictureFiles { rows.append(["pictures", names(pictures)]) }
        if let replicas = plan.replicas { rows.append(["replicas", "\(replicas) of \(plan.workers) nodes"]) }
        rows += plan.methods.map { method in
            let ratio = method.maskRatio.map { ", mask_ratio set to \(NumberText.short($0))" } ?? ""
            return ["method \(method.label)", method.path + ratio]
        }
        rows += details.versions.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        return """
            <section>
            <details><summary>Settings and versions</summary>
            <div class="wide words">\(table(["setting", "value"], rows))</div>
            </details>
            </section>
            """
    }

    /// Where the pixels of a run come from.
    private static func images(_ plan: RunPlan) -> String {
        guard let images = plan.images else { return "torch.randn after torch.manual_seed(seed + batch)" }
        let digest = plan.imageFiles.map { ", files \($0.digest)" } ?? ""
        let preparation = images.preparation.map { ": \($0.words)" } ?? ""
        return "\(images.path): \(NumberText.count(images.count, "image"))\(preparation)\(digest)"
    }

    /// The names of files, as many as a cell has room for.
    private static func names(_ files: CheckpointFiles) -> String {
        let most = 200
        let names = files.files.prefix(most).map(\.name).joined(separator: ", ")
        let rest = files.files.count - most
        return rest > 0 ? "\(names) and \(rest) more, which the JSON report names" : names
    }

    /// A table of plain text.
    package static func table(_ heads: [String], _ rows: [[String]]) -> String {
        let head = heads.map { "<th scope=\"col\">\($0)</th>" }.joined()
        let body = rows.map { row in "<tr>\(row.map { "<td>\(SafeText.markup($0))</td>" }.joined())</tr>" }
        return "<table><thead><tr>\(head)</tr></thead><tbody>\(body.joined(separator: "\n"))</tbody></table>"
    }
}
