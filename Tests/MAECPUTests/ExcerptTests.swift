import ComputeTestSupport
import MAECompute
import Testing

@testable import MAECPU

@Suite("Excerpts of a program on the CPU")
struct ExcerptTests {
    @Test("any two that make up a program have its bits, by every tile", arguments: KernelVariant.all)
    func conformance(_ variant: KernelVariant) throws {
        for threads in [1, 2] {
            #expect(
                try Case.wholeModel(seed: 1).cutsThatChangeBits(on: variant.backend(threads: threads)) == [],
                "\(threads) threads")
        }
    }
}
