import Foundation
import MAEReport
import MAEStore
import MAEText

/// The pages of a history: one for each series, further ones for nights long ago, and one for each run.
public struct HistorySite {
    /// A page by its path in the folder.
    public struct Page {
        /// Such as `index.html` or `runs/night-2026-11-29.html`.
        public let path: String
        /// The whole of it.
        public let text: String
    }

    /// Nights on one page: more would make a page that browsers are slow with.
    public static let nightsOnPage = 365
    /// The file that says which judgement the page of each run shows.
    public static let stampFile = "pages.json"
    /// Changes with the look of pages, so that all are written again.
    private static let form = "1"

    private let history: History
    private let release: String

    /// The site of `history`; pages of runs are written again by another `release` of the program.
    public init(_ history: History, release: String) { (self.history, self.release) = (history, release) }

    /// The pages of series; the first is `index.html`.
    public func seriesPages() throws -> [Page] {
        let template = try PageTemplate()
        let all = history.series.isEmpty ? [SeriesHistory.empty] : history.series
        return all.enumerated().flatMap { number, series in
            let windows = series.nights.isEmpty ? [0..<0] : Self.windows(series.nights.count)
            return windows.indices.map { page in
                let links = links(number, page, windows.count)
                let content = SeriesPage(series, windows[page], links: links) { Self.address(of: $0) }
                return Page(path: self.path(number, page), text: template.render(content))
            }
        }
    }

    /// Judged runs with the names of their pages, and what these show, the latest first.
    public var runPages: [(run: String, path: String, stamp: String)] {
        history.series.flatMap(\.nights).compactMap { night in
            guard let stamp = night.stamp, let path = Self.address(of: night) else { return nil }
            return (night.run, path, "\(Self.form) \(release) \(stamp)")
        }.reversed()
    }

    /// The page of a run, made from its judgement.
    public static func page(_ judgement: Judgement, store: String?) -> String {
        var details = judgement.details
        details.store = store
        return HTMLReport.render(judgement.verification, details: details)
    }

    /// What ``stampFile`` holds; nothing where it is no such file.
    public static func stamps(_ content: some Sequence<UInt8>) -> [String: String] {
        (try? JSONDecoder().decode([String: String].self, from: Data(content))) ?? [:]
    }

    /// The content of ``stampFile``.
    public static func stampText(_ stamps: [String: String]) throws -> String {
        try JSONText.encode(stamps, snakeCase: false) + "\n"
    }

    /// Where the page of a run is; nil for one that was not judged, which has none.
    private static func address(of night: SeriesHistory.Night) -> String? {
        night.stamp == nil ? nil : "runs/\(PageName.of(night.run)).html"
    }

    /// The newest nights first, as many as a page has.
    static func windows(_ nights: Int) -> [Range<Int>] {
        stride(from: nights, to: 0, by: -nightsOnPage).map { max($0 - nightsOnPage, 0)..<$0 }
    }

    private func path(_ series: Int, _ page: Int) -> String {
        let name = series == 0 ? "index" : "series-\(PageName.of(history.series[series].title))"
        return name + (page == 0 ? "" : "-\(page + 1)") + ".html"
    }

    /// Other series, and other pages of this one.
    private func links(_ series: Int, _ page: Int, _ pages: Int) -> [SeriesPage.Link] {
        let others = history.series.indices.filter { $0 != series }.map {
            SeriesPage.Link(address: path($0, 0), text: history.series[$0].title)
        }
        let nights = (0..<pages).filter { $0 != page }.map { other in
            SeriesPage.Link(
                address: path(series, other),
                text: other < page ? "later nights (\(other + 1))" : "earlier nights (\(other + 1))")
        }
        return nights + others
    }
}
