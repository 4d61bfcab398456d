import Foundation
import MAEDomain
import MAEHistory
import TestSupport
import Testing

/// `MAE_TEST_NIGHTS=1000 MAE_TEST_NODES=50 Tests/run --only HistoryScaleTests` measures what docs/performance.md tells.
@Suite("history of many nights")
struct HistoryScaleTests {
    @Test("each node has a state for each night, and the page stays small")
    func many() throws {
        let environment = ProcessInfo.processInfo.environment
        let nights = Int(environment["MAE_TEST_NIGHTS"] ?? "") ?? 80
        let names = (1...(Int(environment["MAE_TEST_NODES"] ?? "") ?? 8)).map { "n\($0)" }
        let site = try NightSite()
        try site.recordAlike(nights: nights, nodes: names)
        try site.keep(as: "many-nights")
        let clock = ContinuousClock()
        let start = clock.now
        let history = try History(site.store)
        let read = clock.now
        let pages = try HistorySite(history, release: "1").seriesPages()
        let rendered = clock.now
        _ = try JSONHistory.render(history)
        print(
            "history of \(nights) nights of \(names.count) nodes: read in \(read - start), pages in \(rendered - read), "
                + "JSON in \(clock.now - rendered); the index has \(pages[0].text.utf8.count) bytes")
        let series = try #require(history.series.first)
        #expect(series.nodes.map(\.name) == names)
        #expect(series.nodes.allSatisfy { $0.states == Array(repeating: .same, count: nights) })
        // What a page has for each night and node, and what it has once.
        #expect(pages[0].text.utf8.count < 60_000 + min(nights, HistorySite.nightsOnPage) * (1200 + names.count * 60))
    }
}
