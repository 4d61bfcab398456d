import AllocationCounting
import MAECPU
import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor
import TestSupport
import Testing

@Suite("Memory of repeated passes", .serialized)
struct AllocationTests {
    private static func model(threads: Int) throws -> ViTMAEModel {
        let checkpoint = try ModelCheckpoint.open(Goldens.path("checkpoints/hub4"))
        return try ViTMAEModel(
            checkpoint.configuration.values, withDecoder: true, on: CPUBackend(threads: threads)
        ) { checkpoint.weight($0) }
    }

    /// The fewest allocations of the process during one of several calls of `body`: what other tests allocate meanwhile
    /// only adds to some of them.
    private static func fewestAllocations(_ body: () throws -> Void) rethrows -> Int {
        var fewest = Int.max
        for _ in 0..<25 {
            allocation_counting_start()
            do { try body() } catch {
                _ = allocation_counting_stop()
                throw error
            }
            fewest = min(fewest, Int(allocation_counting_stop()))
        }
        return fewest
    }

    @Test("allocations of this process are counted")
    func counts() {
        let fewest = Self.fewestAllocations {
            withExtendedLifetime([UInt8](repeating: 1, count: 4096 + Int.random(in: 0..<2))) {}
        }
        #expect(fewest >= 1)
    }

    @Test(
        "a pass after the first takes nothing from the heap",
        .enabled(if: Build.isOptimized, "without optimization, Swift puts closures on the heap"),
        arguments: [1, 2, 3], [false, true])
    func steadyState(threads: Int, decodes: Bool) throws {
        let model = try Self.model(threads: threads)
        let inputs = (0..<2).map { BatchInput.seeded($0, images: 3, for: model.configuration) }
        let selections = inputs.map { input in
            PatchSelection(noise: input.noise, keeping: model.configuration.keptCount(maskRatio: 0.5))
        }
        var sum: Float = 0
        var turn = 0
        func pass() throws {
            let output = try model.forward(
                images: inputs[turn].images, selection: selections[turn], decodes: decodes)
            sum += output.layernorm.withUnsafeElements { $0[0] }
            turn = 1 - turn
        }
        try pass()
        let fewest = try Self.fewestAllocations(pass)
        #expect(fewest == 0)
        #expect(sum.isFinite)
    }

    @Test("outputs that are held keep their values through later passes")
    func heldOutputs() throws {
        let model = try Self.model(threads: 2)
        func pass(_ seed: UInt64) throws -> ViTMAEModel.Output {
            let input = BatchInput.seeded(seed, images: 2, for: model.configuration)
            let selection = PatchSelection(
                noise: input.noise, keeping: model.configuration.keptCount(maskRatio: 0.5))
            return try model.forward(images: input.images, selection: selection, decodes: true)
        }
        let held = try pass(0)
        let elements = [held.layernorm, held.pooled, try #require(held.logits)].map(\.elements)
        let part = try pass(1).layernorm.rows(1..<2)
        let partElements = part.elements
        for seed: UInt64 in 2..<5 { _ = try pass(seed) }
        #expect(part.elements == partElements)
        #expect([held.layernorm, held.pooled, try #require(held.logits)].map(\.elements) == elements)
        #expect(try pass(0).layernorm.hasSameBits(as: held.layernorm))
    }
}
