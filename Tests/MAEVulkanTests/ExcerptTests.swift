import ComputeTestSupport
import MAECompute
import Testing

@testable import MAEVulkan

@Suite("Excerpts of a program on a Vulkan device", .onDevice, .underValidation)
struct ExcerptTests {
    @Test("any two that make up a program have its bits")
    func conformance() throws {
        #expect(try Case.wholeModel(seed: 1).cutsThatChangeBits(on: TestDevice.backend.get()) == [])
    }
}
