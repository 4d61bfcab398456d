import Foundation
import MAEWire
import ProcessTestSupport
import TestSupport
import Testing
import WireTestSupport
import ZeroMQ

/// The programs themselves, with a peer whose messages are mutated: what libFuzzer does to the parser is done to all behind it.
///
/// `MAE_TEST_MUTATIONS` says how many messages each program gets (50000 takes about a minute), `MAE_TEST_SEED` which.
@Suite("Mutated messages to live programs", .serialized)
struct MutationTests {
    private static let count = number("MAE_TEST_MUTATIONS").map(Int.init) ?? 2000
    private static let seed = number("MAE_TEST_SEED") ?? .random(in: 0 ... .max)
    /// Messages of one node: a run takes 1024 names at most, and mutated ones count too.
    private static let messagesOfNode = max(100, count / 400)

    private static func number(_ variable: String) -> UInt64? {
        ProcessInfo.processInfo.environment[variable].flatMap { UInt64($0) }
    }

    @Test("a coordinator takes them from nodes that joined, and its honest nodes lose nothing")
    func coordinator() async throws {
        let comment: Comment = "MAE_TEST_SEED=\(Self.seed)"
        let batches = 60
        let site = try await FaultSite(batchSize: 2)
        let calm = try await site.calmRun(batches: batches)
        // A run for three nodes is not over before the third of them has come.
        try await site.begin("mutated", batches: batches, nodes: 3)
        let names = ["a", "b", "c"]
        for name in names.dropLast() { try site.startWorker(name) }
        for name in names.dropLast() { try await site.coordinator.waitFor("\(name) is in the cluster") }
        let context = try Context()
        var mutator = MessageMutator(Samples.bodies, seed: Self.seed)
        for number in 0..<max(Self.count / Self.messagesOfNode, 1) {
            var node = try MutantNode(connectingTo: site.endpoint, context)
            // A mutated result may fill the place of the third node, and the run be over before all mutants have come.
            guard try node.join("mutant-\(number)", unless: { try !site.coordinator.isRunning }) else { break }
            try node.send(Self.messagesOfNode, of: &mutator)
        }
        for name in names.suffix(1) { try site.startWorker(name) }
        let result = try await site.coordinator.result()
        // A mutated result may be one that only its comparison with the others refutes, and a mutated failure one that a place is
        // given up for: a place of a node that sent such.
        #expect([0, 1, 2].contains(result.exitCode), "\(comment) \(result.output)\(result.errors.suffix(4000))")
        for name in names { #expect(!result.errors.contains("given up on \(name):"), comment) }
        let honest = try site.results().filter { names.contains($0.place.node) }
        let expected = Dictionary(grouping: try site.results(of: calm), by: \.batch).mapValues {
            Set($0.map(\.digests))
        }
        let actual = Dictionary(grouping: honest, by: \.batch).mapValues { Set($0.map(\.digests)) }
        #expect(actual == expected, comment)
        for name in names.dropLast() { #expect(honest.count { $0.place.node == name } >= batches, comment) }
        #expect(Set(honest.map(\.place)).count == honest.count, comment)
        try await site.dismiss()
    }

    @Test("a worker takes them from its coordinator, and works for the next one")
    func worker() async throws {
        let comment: Comment = "MAE_TEST_SEED=\(Self.seed)"
        let context = try Context()
        let site = try await FaultSite(batchSize: 2)
        // The socket belongs to the thread that makes it.
        let ended = try await onThread {
            var coordinator = try MutantCoordinator(context)
            var mutator = MessageMutator(Samples.bodies, seed: Self.seed)
            let arguments = ["--connect", coordinator.endpoint, "--name", "a", "--threads", "1"]
            var workers = [try Program.worker.start(arguments)]
            try coordinator.send(Self.count, of: &mutator) {
                // Some rejections are told to the person, and end a worker in order.
                if let last = workers.last, !last.isRunning { workers.append(try Program.worker.start(arguments)) }
            }
            return workers
        }
        for worker in ended {
            if worker.isRunning { worker.send(signal: SIGTERM) }
            let result = try await worker.result()
            #expect([0, 69].contains(result.exitCode), "\(comment) \(result.errors.suffix(4000))")
        }

        // And one that has met such a coordinator is as good as any other.
        try await site.begin("after", batches: 2, nodes: 2)
        try site.startWorker("a")
        try await site.finish(with: "b")
        try await site.dismiss()
    }
}
