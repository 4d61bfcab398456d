import Foundation
import MAEHistory
import MAEStore
import Testing

@Suite("history of sixty nights with three planted changes", .serialized)
struct SixtyNightsTests {
    private let site: NightSite
    private let history: History

    init() throws {
        site = try SixtyNights.site()
        history = try History(site.store)
    }

    private struct Document: Decodable {
        struct Change: Decodable, Equatable {
            let run, what: String
            let from, to: String?
            let nodes: [String]
        }
        struct Bad: Decodable {
            let run, kind: String
            let nodes: [String]
            let changes: [Change]
        }
        struct Output: Decodable {
            let method: String
            let first_bad: String?
            let spans: [Span]
        }
        struct Span: Decodable {
            let from, to, digest: String
            let others: [String]
        }
        struct Flaky: Decodable {
            let node, pattern: String
            let since: String?
            let other_bits, lost: Int
        }
        struct Node: Decodable {
            struct Step: Decodable {
                let run: String
                let from_seconds, to_seconds: Double
            }
            let name, states: String
            let forward_steps, load_steps: [Step]
        }
        struct Night: Decodable {
            let run: String
            let verdict: String?
            let findings: [String]
        }
        struct Series: Decodable {
            let name: String
            let nights: [Night]
            let nodes: [Node]
            let changes: [Change]
            let bad_nights: [Bad]
            let outputs: [Output]
            let flaky: [Flaky]
        }
        let schema: Int
        let series: [Series]
    }

    @Test("JSON tells when each change came, what it was, on whom, and what it did to the outputs")
    func json() throws {
        let text = try JSONHistory.render(history)
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        #expect(document.schema == 1 && document.series.count == 1)
        let series = try #require(document.series.first)
        #expect(series.name == "night" && series.nights.map(\.run) == (0..<60).map(site.name))

        // The kernel alone changed no bit: it is a change, and no bad night.
        let kernel = series.changes.filter { $0.what == "kernel" }
        #expect(
            kernel == [
                Document.Change(
                    run: site.name(SixtyNights.kernel), what: "kernel", from: "6.1.0-17", to: "6.1.0-18", nodes: ["n3"])
            ])

        #expect(series.bad_nights.map(\.run) == [site.name(SixtyNights.bad), site.name(SixtyNights.checkpoint)])
        let bad = try #require(series.bad_nights.first)
        #expect(bad.kind == "divided" && bad.nodes == ["n2"] && bad.changes.isEmpty)
        let replaced = try #require(series.bad_nights.last)
        #expect(replaced.kind == "changed" && replaced.nodes.isEmpty)
        #expect(Set(replaced.changes.map(\.what)) == ["checkpoint", "weights"])
        #expect(replaced.changes.filter { $0.what == "checkpoint" }.count == 3)
        #expect(replaced.changes.filter { $0.what == "weights" }.allSatisfy { $0.nodes == SixtyNights.nodes })

        #expect(series.outputs.count == 6)
        for output in series.outputs {
            #expect(output.first_bad == site.name(SixtyNights.bad))
            #expect(output.spans.map(\.from) == [0, SixtyNights.bad, SixtyNights.checkpoint].map(site.name))
            #expect(output.spans.map(\.others) == [[], ["n2"], ["n2"]])
            #expect(
                output.spans[0].digest == output.spans[1].digest
                    && output.spans[1].digest != output.spans[2].digest)
        }

        let states = Dictionary(uniqueKeysWithValues: series.nodes.map { ($0.name, $0.states) })
        let good = String(repeating: "=", count: 60)
        #expect(states["n1"] == good && states["n3"] == good)
        #expect(states["n2"] == String(repeating: "=", count: 30) + String(repeating: "x", count: 30))
        #expect(states["n4"] == String(repeating: "=", count: 20) + "!" + String(repeating: "=", count: 39))

        #expect(series.flaky.map(\.node) == ["n2", "n4"])
        #expect(series.flaky.first?.pattern == "since" && series.flaky.first?.since == site.name(SixtyNights.bad))
        #expect(series.flaky.first?.other_bits == 30 && series.flaky.last?.lost == 1)
        #expect(series.flaky.last?.pattern == "now-and-then")

        let steps = series.nodes.flatMap { node in node.forward_steps.map { (node.name, $0.run) } }
        #expect(steps.count == 1 && steps.first?.0 == "n1" && steps.first?.1 == site.name(SixtyNights.slow))
        #expect(series.nodes.allSatisfy { $0.load_steps.isEmpty })
        #expect(series.nights[SixtyNights.bad].verdict == "disagree")
        #expect(series.nights[SixtyNights.bad].findings.contains("node-outlier"))
    }

    @Test("the page tells the same in its text")
    func page() throws {
        let pages = try HistorySite(history, release: "1").seriesPages()
        #expect(pages.map(\.path) == ["index.html"])
        let page = try #require(pages.first).text
        let text = page.replacing(/<[^>]*>/, with: " ").replacing(/\s+/, with: " ")
        let dates = [SixtyNights.kernel, SixtyNights.bad, SixtyNights.checkpoint].map(NightSite.date)
        #expect(text.contains("First bad night: \(dates[1])."))
        #expect(text.contains("first bad night · \(dates[1]) From \(dates[1]) on, n2 gives other bits than most nodes"))
        #expect(
            text.contains(
                "Nothing that these nodes tell of their machines, builds, weights or settings changed that night."))
        #expect(text.contains("From \(dates[2]) on, most nodes give other bits than the night before"))
        #expect(text.contains("checkpoint (vit_mae.pth: model.bin):"))
        #expect(text.contains("\(dates[0]) kernel 6.1.0-17 6.1.0-18 n3"))
        #expect(text.contains("every night since \(dates[1])"))
        #expect(text.contains("n1, forward, s; \(NightSite.date(SixtyNights.slow)): 0.41 s before, 0.61 s since"))
        #expect(!page.contains("<script") && !page.contains("src=") && !page.contains("://"))
    }

    @Test("the terminal tells the first bad night, its cause and the flaky nodes")
    func terminal() {
        let text = HistoryText.render(history)
        #expect(text.contains("First bad night: \(NightSite.date(SixtyNights.bad))"))
        #expect(text.contains("n2: 30 of 60 nights: 30 × other bits; every night since"))
        #expect(text.contains("last: disagree, for 30 nights in a row; longest agreement: 20 nights"))
        #expect(text.contains("60 nights, \(NightSite.date(0)) to \(NightSite.date(59)); 4 nodes"))
    }
}
