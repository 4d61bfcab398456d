import Foundation
import Testing

@testable import MAEHistory

@Suite("error against float64 by nights")
struct DriftTests {
    /// A series whose nights have these errors.
    private func series(_ errors: [[String: Double]]) -> SeriesHistory {
        let nights = errors.enumerated().map { number, errors in
            SeriesHistory.Night(
                run: "night-\(number)", label: NightSite.date(number), started: NightSite.start(number), ending: nil,
                sentence: nil, findings: [], stamp: nil, errors: errors)
        }
        return SeriesHistory(
            title: "night", nights: nights, nodes: [], outputs: [], digests: [], changes: [], badNights: [])
    }

    private func page(_ series: SeriesHistory) throws -> String {
        let page = SeriesPage(series, series.nights.indices, links: []) { _ in nil }
        return try PageTemplate().render(page)
    }

    @Test("each side has a line and a key, on an axis of powers of ten around the values")
    func lines() throws {
        let text = try page(
            series([
                ["canonical-v1": 3e-7, "PyTorch <2> on p": 6e-7], [:],
                ["canonical-v1": 4e-7, "PyTorch <2> on p": .infinity],
            ]))
        #expect(text.contains("Error against float64"))
        #expect(text.contains("<span class=\"l0\">PyTorch &lt;2&gt; on p</span><span class=\"l1\">canonical-v1</span>"))
        #expect(text.contains(">1e-7</text>") && text.contains(">1e-6</text>"))
    }

    @Test("nights without any have no such part")
    func none() throws {
        #expect(!(try page(series([[:], [:]]))).contains("Error against float64"))
    }
}
