import ComputeTestSupport
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAECPU

/// A seed that fails is named with its operation, and run alone with `MAE_SEED=n Tests/run --only RandomOperatorTests`.
///
/// To keep it, give it a test of its own that calls `check`.
@Suite("Every operation of random shape has the reference's bits, whatever the tile, the threads and the batch split")
struct RandomOperatorTests {
    private struct Engine {
        let name: String
        let isEmulated: Bool
        let backend: CPUBackend
    }

    private static let engines: [Engine] = KernelVariant.all.flatMap { variant in
        [1, 2, 3, 7].map { threads in
            Engine(
                name: "\(variant.tile.name) on \(threads) threads", isEmulated: variant.isEmulated,
                backend: variant.backend(threads: threads))
        }
    }

    @Test("as drawn", arguments: RandomOperator.Kind.allCases)
    func random(kind: RandomOperator.Kind) throws {
        for seed in RandomSeeds.wanted(0..<150) { try check(kind, seed: seed) }
    }

    private func check(_ kind: RandomOperator.Kind, seed: UInt64) throws {
        let random = RandomOperator(kind, seed: seed)
        let whole = random.example(0..<random.images)
        let expected = try whole.run(on: ReferenceBackend())[0]
        let cut = Int(seed) % random.images
        let parts = [0..<cut, cut..<random.images].filter { !$0.isEmpty }.map(random.example)
        for (index, engine) in Self.engines.enumerated() {
            // Emulated kernels are slow: they take every fifth seed.
            if engine.isEmulated && seed % 5 != 0 { continue }
            // Whole and in parts by turns, so that each engine does both.
            let examples = (index + Int(seed)) % 2 == 0 ? [whole] : parts
            let outputs = try examples.map { try $0.run(on: engine.backend)[0] }
            #expect(
                Tensor(joiningRowsOf: outputs).hasSameBits(as: expected),
                "\(engine.name), seed \(seed): \(random.description), in \(examples.count) parts")
        }
    }
}
