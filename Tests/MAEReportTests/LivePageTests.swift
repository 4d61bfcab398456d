import Foundation
import FoundationXML
import MAEText
import Testing

@testable import MAEReport

@Suite("The page and the lines of a run that goes on")
struct LivePageTests {
    private static let attack = "<script>alert(1)</script>\"'&\u{1B}[2J"

    /// A run of so many nodes that has something of everything.
    private static func run(_ count: Int, naming name: (Int) -> String = { "node\($0)" }) -> LiveRun {
        var run = LiveRun(
            run: "night", startedAt: 1_769_903_940, state: "\(count) of \(3 * count) results",
            work: .init(done: count, expected: 3 * count, perSecond: 0.5), expectedNodes: count)
        run.secondsLeft = Double(4 * count)
        run.methods = ["pretrained", "full", "state-dict"].enumerated().map { index, label in
            .init(label: label, work: .init(done: index == 0 ? count : 0, expected: count))
        }
        run.nodes = (0..<count).map { index in
            LiveRun.Node(
                name: name(index), state: index == 0 ? "lost" : index % 3 == 0 ? "loading" : "computing",
                activity: index == 0 ? "lost 12 s ago, 2 shards wait for it" : "full, computing 40 %",
                isPresent: index != 0, work: .init(done: 1, expected: 3, perSecond: 0.25),
                byMethod: [.init(done: 1, expected: 1), .init(done: 0, expected: 1), .init(done: 0, expected: 1)])
        }
        run.disagreements = [
            .init(
                batch: 4,
                outputs: [
                    .init(digest: "1129ac3a", count: 3, node: name(0), method: "full"),
                    .init(digest: "91c9ec72", count: 1, node: name(1), method: "full"),
                ])
        ]
        run.disagreeingBatches = 3
        run.notices = [.init(time: 1_769_903_950, text: "1 of 3 workers is here", isWarning: false)]
        return run
    }

    private func page(_ run: LiveRun, failure: String? = nil) -> String {
        LivePage.render(
            run, now: run.startedAt + 70, resume: "mae-coord verify --resume 'a<b'", failure: failure)
    }

    @Test("the page tells how far nodes and methods are, what disagrees, what was said, and since when it is old")
    func content() throws {
        let html = page(Self.run(30))
        #expect(html.contains("<meta http-equiv=\"refresh\" content=\"\(LivePage.refresh)\">"))
        #expect(html.contains("<h1>30 of 90 results</h1>"))
        #expect(html.contains("29 of 30 nodes: 20 computing, 9 loading, 1 lost"))
        #expect(html.contains("70 s ago · 30 results/min · about 2 min left"))
        #expect(html.contains(">30/30<") && html.contains("lost 12 s ago, 2 shards wait for it"))
        #expect(html.contains("15 results/min") && html.contains(">8 s<"))
        #expect(html.contains(">91c9ec72<") && html.contains("2 further batches"))
        #expect(html.contains("1 of 3 workers is here"))
        #expect(html.contains("If it is older than \(LivePage.longestSilence) s, the coordinator is gone"))
        #expect(html.contains("mae-coord verify --resume &#39;a&lt;b&#39;"))
        // Its own second of the minute, whatever the time zone.
        #expect(html.contains(":10 +") || html.contains(":10 -"))
        #expect(!html.contains("<script") && html.contains("default-src 'none'"))
    }

    @Test("names of peers and what was said of them stay text, and the body is well formed")
    func escaping() throws {
        var run = Self.run(3) { "n\($0)" + Self.attack }
        run.run += Self.attack
        run.state = Self.attack
        run.methods[0].label = Self.attack
        run.nodes[1].activity = Self.attack
        run.notices = [.init(time: 0, text: Self.attack, isWarning: true)]
        let html = page(run)
        #expect(!html.contains("<script") && !html.contains("\u{1B}"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
        let start = try #require(html.range(of: "<main>"))
        let end = try #require(html.range(of: "</main>"))
        #expect(throws: Never.self) { try XMLDocument(xmlString: String(html[start.lowerBound..<end.upperBound])) }
    }

    @Test("a run that could not go on says why, and is not loaded again")
    func failure() {
        let html = page(Self.run(3), failure: "the disk <is> full")
        #expect(html.contains("<h1>The run ended with an error</h1>") && html.contains("the disk &lt;is&gt; full"))
        #expect(!html.contains("http-equiv=\"refresh\"") && !html.contains("older than"))
    }

    @Test("a page of a thousand nodes stays of bearable size, and counts those that it leaves out")
    func size() {
        let html = page(Self.run(1000))
        #expect(html.utf8.count < 500_000)
        #expect(html.contains("999 of 1000 nodes: ") && html.contains("\(1000 - LivePage.mostNodes) further nodes"))
    }

    @Test("the lines of a terminal fit it, whatever its size and the nodes are called", arguments: [20, 44, 100, 200])
    func lines(width: Int) {
        for count in [1, 3, 30, 300] {
            let run = Self.run(count) { "節點\($0)" }
            for height in [2, 5, 24] {
                let lines = LiveBlock.lines(run, width: width, height: height, style: TerminalStyle())
                #expect(lines.count < max(height, 2) && lines.allSatisfy { $0.columns < width }, "\(lines)")
            }
        }
    }

    @Test("the lines tell the rate, the time left, nodes by state, methods, who is gone, and what disagrees")
    func words() {
        let lines = LiveBlock.lines(Self.run(3), width: 200, height: 24, style: TerminalStyle())
        #expect(
            lines == [
                "3 of 9 results · 30 results/min · about 12 s left", "2 of 3 nodes: 2 computing, 1 lost",
                "pretrained 3/3 · full 0/3 · state-dict 0/3",
                "node1: full, computing 40 % · node2: full, computing 40 %",
                "node0: lost 12 s ago, 2 shards wait for it",
                "differs: batch 4: 1129ac3a from node0 / full and 2 more, 91c9ec72 from node1 / full",
                "differs: 2 further batches",
            ])
        let colored = LiveBlock.lines(Self.run(3), width: 200, height: 24, style: TerminalStyle(colors: true))
        #expect(colored[5] == "\u{1B}[31m\(lines[5])\u{1B}[0m")
    }

    @Test("no control character of a peer reaches the terminal")
    func controls() {
        let lines = LiveBlock.lines(
            Self.run(3) { "n\($0)" + Self.attack }, width: 400, height: 24, style: TerminalStyle())
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") } && lines.contains { $0.contains("\\u{1b}") })
    }
}
