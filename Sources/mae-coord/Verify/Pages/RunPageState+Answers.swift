import MAEHTTP
import MAEReport
import MAEText

/// The pages of a run.
extension RunPageState {
    /// After how many seconds a browser asks again for a page that changes.
    private static let refreshSeconds = 5

    /// The answer to a request at a time.
    func answer(_ request: HTTPRequest, now: ContinuousClock.Instant) -> HTTPResponse {
        switch request.path {
        case "/": HTTPResponse(.ok, .html, body: Array(overview.utf8))
        case "/metrics": HTTPResponse(.ok, .metrics, body: metrics)
        case "/healthz": health(now: now)
        case "/readyz": readiness
        case "/report": report
        default: HTTPResponse(.notFound, line: "there is nothing here: / names all pages")
        }
    }

    private func health(now: ContinuousClock.Instant) -> HTTPResponse {
        guard let silence = silence(at: now) else { return HTTPResponse(.ok, line: "the run goes on") }
        return HTTPResponse(.unavailable, line: "the last sign of life is \(silence.components.seconds) s old")
    }

    private var readiness: HTTPResponse {
        guard let endpoint else {
            return HTTPResponse(.unavailable, line: "workers cannot connect now: \(safeActivity)")
        }
        return HTTPResponse(.ok, line: "workers can connect at \(SafeText.terminal(endpoint))")
    }

    private var report: HTTPResponse {
        if let page { return HTTPResponse(.ok, .html, body: page) }
        let text = HTMLPage.render(
            title: title,
            parts: [
                "<h1>\(SafeText.markup(title))</h1>", "<p>\(SafeText.markup(activity))</p>",
                "<p>The report will be here once the run is judged.</p>",
            ])
        var response = HTTPResponse(.ok, .html, body: Array(text.utf8))
        response.refresh = Self.refreshSeconds
        return response
    }

    private var overview: String {
        let links = [
            ("report", "the report, once the run is judged"), ("metrics", "figures for Prometheus"),
            ("healthz", "whether the run goes on"), ("readyz", "whether workers can connect, and where"),
        ]
        let items = links.map { "<li><a href=\"/\($0.0)\">/\($0.0)</a>: \($0.1)</li>" }
        return HTMLPage.render(
            title: title,
            parts: [
                "<h1>\(SafeText.markup(title))</h1>", page == nil ? "<p>\(SafeText.markup(activity))</p>" : "",
                "<ul>\(items.joined(separator: "\n"))</ul>",
            ])
    }

    private var title: String { run.map { "run \($0)" } ?? "mae-coord" }
    private var safeActivity: String { SafeText.terminal(activity) }
}
