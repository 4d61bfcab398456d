import MAEText

/// A run while it goes on, as a page that a browser loads again by itself.
///
/// There is no script in it: `meta refresh` loads it again. Nothing writes the file once the coordinator is gone, so the page
/// says when it was written, and from what age on the coordinator is gone.
public enum LivePage {
    /// After how many seconds a browser loads the page again.
    public static let refresh = 3
    /// A page that is older than this many seconds is that of a coordinator that is gone.
    public static let longestSilence = 60
    /// Nodes beyond this number are counted only.
    static let mostNodes = 400
    /// Methods beyond this number have no column of their own.
    private static let mostColumns = 12

    /// Renders the page as of `now`, in seconds since 1970.
    ///
    /// `failure` says why the run could not go on; such a page is not loaded again. `resume` is the command that carries a run on
    /// whose coordinator is gone.
    public static func render(_ run: LiveRun, now: Double, resume: String, failure: String? = nil) -> String {
        HTMLPage.render(
            title: "\(failure == nil ? run.state : "The run ended with an error") · run \(run.run)",
            parts: [
                banner(run, now: now, resume: resume, failure: failure), disagreements(run), notices(run.notices),
                methods(run), nodes(run),
            ],
            refresh: failure == nil ? refresh : nil)
    }

    private static func banner(_ run: LiveRun, now: Double, resume: String, failure: String?) -> String {
        let facts = [
            "run \(run.run)", "began \(LocalTime.textWithZone(run.startedAt))",
            "\(LiveWords.span(now - run.startedAt)) ago", run.work.perSecond.map(LiveWords.rate),
            run.secondsLeft.map { "about \(LiveWords.span($0)) left" },
        ].compactMap(\.self)
        let written = "Written at \(LocalTime.textWithSeconds(now))."
        let age =
            failure.map { "<p class=\"sentence\">\(HTMLReport.prose($0))</p>\n<p class=\"facts\">\(written)</p>" }
                ?? """
                <p class="facts">\(written) This page is written again every few seconds and replaced by the report. If it is older \
                than \(longestSilence) s, the coordinator is gone; \
                this carries the run on: <code>\(SafeText.markup(resume))</code></p>
                """
        return """
            <header class="banner \(failure == nil ? "live" : "disagree")">
            <h1>\(failure == nil ? SafeText.markup(run.state) : "The run ended with an error")</h1>
            <p class="sentence">\(SafeText.markup(run.nodeWords))</p>
            \(bar(run.work))
            <p class="facts">\(SafeText.markup(facts.joined(separator: " · ")))</p>
            \(age)
            </header>
            """
    }

    private static func disagreements(_ run: LiveRun) -> String {
        guard !run.disagreements.isEmpty else { return "" }
        let rows = run.disagreements.flatMap { disagreement in
            disagreement.outputs.enumerated().map { index, output in
                "<tr><td class=\"number\">\(index == 0 ? "\(disagreement.batch)" : "")</td>"
                    + "<td class=\"cell \(index == 0 ? "none" : "differs")\">\(SafeText.markup(output.digest))</td>"
                    + "<td class=\"number\">\(output.count)</td>"
                    + "<td>\(SafeText.markup("\(output.node) / \(output.method)"))</td></tr>"
            }
        }
        let rest = run.disagreeingBatches - run.disagreements.count
        let further =
            rest > 0 ? "<p class=\"facts\">\(NumberText.count(rest, "further batch", "further batches")).</p>" : ""
        return """
            <section>
            <h2>Results disagree</h2>
            <div class="wide"><table>
            <thead><tr><th scope="col" class="number">batch</th><th scope="col">output</th><th scope="col" class="number">results</th>\
            <th scope="col">came first from</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>\(further)
            <p class="facts">By digests, among results of one numeric class. The report names the cause.</p>
            </section>
            """
    }

    private static func notices(_ notices: [LiveRun.Notice]) -> String {
        guard !notices.isEmpty else { return "" }
        let lines = notices.reversed().map { notice in
            "<li\(notice.isWarning ? " class=\"warning\"" : "")><span class=\"time\">\(LocalTime.clock(notice.time))</span> "
                + "\(HTMLReport.prose(notice.text))</li>"
        }
        return "<section>\n<h2>Notices</h2>\n<ul class=\"notices\">\(lines.joined(separator: "\n"))</ul>\n</section>"
    }

    private static func methods(_ run: LiveRun) -> String {
        guard !run.methods.isEmpty else { return "" }
        let rows = run.methods.map { method in
            "<tr><th scope=\"row\">\(SafeText.markup(method.label))</th>\(cells(method.work))</tr>"
        }
        return """
            <section>
            <h2>Loading methods</h2>
            <div class="wide"><table>
            <thead><tr><th scope="col">method</th>\(workHeads)</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            </section>
            """
    }

    private static func nodes(_ run: LiveRun) -> String {
        guard !run.nodes.isEmpty else { return "" }
        let columns = run.methods.count <= mostColumns && run.methods.count > 1 ? run.methods.map(\.label) : []
        // Those that are gone are looked for.
        let sorted = run.nodes.filter { !$0.isPresent } + run.nodes.filter(\.isPresent)
        let rows = sorted.prefix(mostNodes).map { node in
            let counts = columns.indices.map { index in
                "<td class=\"number\">\(index < node.byMethod.count ? node.byMethod[index].count : "")</td>"
            }
            return "<tr\(node.isPresent ? "" : " class=\"gone\"")><th scope=\"row\">\(SafeText.markup(node.name))</th>"
                + "<td>\(SafeText.markup(node.state))</td>\(cells(node.work))\(counts.joined())"
                + "<td>\(SafeText.markup(node.activity))</td></tr>"
        }
        let heads = columns.map { "<th scope=\"col\" class=\"number\">\(SafeText.markup($0))</th>" }.joined()
        let rest = run.nodes.count - rows.count
        return """
            <section>
            <h2>Nodes</h2>
            <p class="facts">\(SafeText.markup(run.nodeWords))</p>
            <div class="wide tall"><table>
            <thead><tr><th scope="col">node</th><th scope="col">state</th>\(workHeads)\(heads)<th scope="col">at</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>\(rest > 0 ? "<p class=\"facts\">\(NumberText.count(rest, "further node")).</p>" : "")
            </section>
            """
    }

    private static let workHeads =
        "<th scope=\"col\"></th>"
        + ["results", "rate", "left"].map { "<th scope=\"col\" class=\"number\">\($0)</th>" }.joined()

    private static func cells(_ work: LiveRun.Work) -> String {
        let texts = [work.count, work.perSecond.map(LiveWords.rate), work.secondsLeft.map(LiveWords.span)]
        return "<td>\(bar(work))</td>" + texts.map { "<td class=\"number\">\($0 ?? "")</td>" }.joined()
    }

    private static func bar(_ work: LiveRun.Work) -> String {
        guard let share = work.share else { return "" }
        let percent = Int((min(max(share, 0), 1) * 100).rounded(.down))
        return
            "<div class=\"progress\" role=\"img\" aria-label=\"\(percent) %\"><div style=\"width:\(percent)%\"></div></div>"
    }
}
