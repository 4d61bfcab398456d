import Foundation
import MAEDomain
import MAEStore
import MAETensor
import MAEVerify

/// A run of many batches, whose results are those of a ``Simulation`` with other digests for each batch: quick to make.
struct LongRun {
    var name = "long"
    var batches: Int
    var nodes = ["n1", "n2"]
    var methods = 1
    var seed: UInt64 = 42
    /// Who the nodes are.
    var identity: @Sendable (String) -> NodeIdentity = { Simulation.identity($0) }
    /// What a node answers to a batch, as a word: answers with the same word have the same bits.
    var answer: @Sendable (_ node: String, _ batch: Int) -> String = { _, _ in "right" }

    private var simulation: Simulation {
        var simulation = Simulation(nodes: nodes)
        simulation.methods = Array(simulation.methods.prefix(methods))
        simulation.node = identity
        return simulation
    }

    var plan: RunPlan {
        var plan = simulation.plan
        (plan.run, plan.batches, plan.seed) = (name, batches, seed)
        return plan
    }

    /// The results of batches, node by node and method by method.
    func observations(of range: Range<Int>) -> [[Observation]] {
        let first = simulation.observations()
        return range.map { index in
            first.map { model in
                var observation = model
                let batchSeed = seed &+ UInt64(index)
                observation.batch = BatchIdentity(index: index, seed: batchSeed, size: model.batch.size)
                let digests = ["input", "noise", "mask", "order"].map { SHA256Digest.of("\($0) \(batchSeed)") }
                let word = answer(model.node.name, index)
                let output = SHA256Digest.of("output \(batchSeed) \(word)")
                observation.digests = StageDigests(
                    input: digests[0], noise: digests[1], mask: digests[2], order: digests[3], layernorm: output,
                    returned: output, pooled: output)
                if word != "right" {
                    observation.pooled = Tensor(
                        shape: model.pooled.shape, elements: model.pooled.elements.map { $0 + 1e-3 })
                    observation.layers = nil
                }
                observation.seconds = StageSeconds(load: 0, input: 0.001, forward: 0.002)
                return observation
            }
        }
    }

    /// The first shards of the run, as the coordinator numbers them.
    var shards: [ShardRecord] {
        (0..<batches).flatMap { batch in
            plan.methods.indices.map {
                ShardRecord(shard: batch * methods + $0, method: plan.methods[$0].label, batch: batch)
            }
        }
    }

    /// Begins the run in a store, and records its results, many in each transaction.
    func record(in store: Store) throws {
        try store.begin(plan, shards: shards, at: Date(timeIntervalSince1970: 1_700_000_000))
        let labels = plan.methods.map(\.label)
        for start in stride(from: 0, to: batches, by: 2000) {
            var changes = Changes()
            if start == 0 { changes.nodes = nodes.map(identity) }
            for batch in observations(of: start..<min(start + 2000, batches)) {
                changes.results += batch.map { observation in
                    let method = labels.firstIndex(of: observation.method.label) ?? 0
                    return ResultRecord(
                        shard: observation.batch.index * methods + method, observation: observation,
                        received: Date(timeIntervalSince1970: 1_700_000_001))
                }
            }
            try store.record(changes, run: name)
        }
    }
}
