import MAECluster
import MAEDomain
import MAETensor
import MAEWire
import TestSupport
import Testing

@testable import MAECoordinator

@Suite("What is told of a run while results come")
struct RunTallyTests {
    private func job(_ method: String, _ batch: Int) -> RunJob {
        let loading = LoadingMethod(kind: .full, label: method, path: "/m")
        return RunJob(
            lease: Lease(id: LeaseID(rawValue: batch), epoch: Epoch(rawValue: 1)),
            shard: RunShard(
                id: ShardID(rawValue: batch), method: method, batch: batch,
                work: ShardWork(method: loading, draw: 0, attempt: 0)))
    }

    private func identity(_ name: String, numericClass: String = "canonical-v1") -> NodeIdentity {
        NodeIdentity(
            name: name, host: "h", backend: "cpu", device: "d", isa: "avx2", threads: 1, numericClass: numericClass,
            engineBuild: "1")
    }

    private func digest(_ text: String) -> SHA256Digest { SHA256Digest(of: Array(text.utf8)) }

    @Test("results are counted by method and node, with rates since each began, and those of earlier coordinators too")
    func work() throws {
        let (left, right) = (try #require(NodeID("left")), try #require(NodeID("right")))
        var tally = RunTally(
            endpoint: "", expected: 2, done: 1, total: 8, share: 4,
            methods: ["full", "other"].map { .init(label: $0, expected: 4, share: 2) })
        tally.recall("full", of: right)
        #expect(tally.progress(elapsed: .zero).present.isEmpty)
        tally.join(left, elapsed: .seconds(10))
        tally.join(right, elapsed: .seconds(10))
        tally.grant(job("full", 0), to: left, elapsed: .seconds(10))
        tally.finish(job("full", 0), on: left)
        tally.grant(job("full", 1), to: left, elapsed: .seconds(15))
        tally.finish(job("full", 1), on: left)
        tally.grant(job("other", 2), to: left, elapsed: .seconds(20))
        let progress = tally.progress(elapsed: .seconds(20))
        #expect(
            progress.methods == [
                .init(label: "full", done: 3, expected: 4, share: 2),
                .init(label: "other", done: 0, expected: 4, share: 2),
            ])
        #expect(progress.nodes.map(\.byMethod) == [["full": 2], ["full": 1]])
        #expect(progress.rates.all == 0.2 && progress.rates.methods == ["full": 0.2])
        #expect(progress.rates.nodes == ["left": 0.2])
    }

    @Test("outputs of one batch and class that differ are told with where they came from first, and how many have them")
    func disagreement() throws {
        var tally = RunTally(endpoint: "", expected: 3, done: 0, total: 30)
        let (a, b, c) = (identity("a"), identity("b"), identity("c", numericClass: "vulkan-1"))
        tally.note(output: digest("x"), of: job("full", 0), from: a)
        tally.note(output: digest("y"), of: job("full", 0), from: c)
        tally.note(output: digest("z"), of: job("full", 0), from: identity("w", numericClass: "torch-2.13.0/sdpa"))
        tally.note(output: digest("x"), of: job("other", 0), from: b)
        tally.note(output: digest("x"), of: job("full", 1), from: a)
        #expect(tally.progress(elapsed: .zero).disagreements.isEmpty)
        tally.note(output: digest("q"), of: job("full", 0), from: b)
        tally.note(output: digest("q"), of: job("other", 0), from: a)
        let progress = tally.progress(elapsed: .zero)
        #expect(progress.disagreeingBatches == 1)
        #expect(
            progress.disagreements == [
                .init(
                    batch: 0,
                    outputs: [
                        .init(digest: digest("x"), node: "a", method: "full", count: 2),
                        .init(digest: digest("q"), node: "b", method: "full", count: 2),
                    ])
            ])
        // What is asked for on top has outputs of its own.
        tally.follow(up: .explaining, 1)
        tally.note(output: digest("r"), of: job("full", 1), from: b)
        #expect(tally.progress(elapsed: .zero).disagreeingBatches == 1)
    }

    @Test("however many batches and outputs there are, a few are told")
    func bounds() {
        var tally = RunTally(endpoint: "", expected: 3, done: 0, total: 10_000)
        for batch in 0..<1000 {
            for output in 0..<20 {
                tally.note(output: digest("\(batch) \(output)"), of: job("full", batch), from: identity("n\(output)"))
            }
        }
        let progress = tally.progress(elapsed: .zero)
        #expect(progress.disagreeingBatches == 1000 && progress.disagreements.count == 8)
        #expect(progress.disagreements.allSatisfy { $0.outputs.count == 6 })
    }

    @Test("batches that agree are forgotten in the end, and those that were told of are not")
    func forgets() {
        var outputs = OutputDigests(capacity: 100)
        for batch in 0..<1000 {
            outputs.note(digest("p\(batch)"), batch: batch, method: "full", from: identity("a"))
            outputs.note(digest(batch == 7 ? "q" : "p\(batch)"), batch: batch, method: "full", from: identity("b"))
        }
        // Batch 950 is known still, and 900 to 949 are too; what is older begins again.
        for batch in [850, 950] {
            outputs.note(digest("late"), batch: batch, method: "full", from: identity("c"))
        }
        #expect(outputs.disagreements.map(\.batch) == [7, 950] && outputs.disagreeingBatches == 2)
        #expect(outputs.disagreements[0].outputs.map(\.digest) == [digest("p7"), digest("q")])
    }
}
