import ComputeTestSupport
import MAECompute
import Testing

@testable import MAECPU

/// One register tile of one kernel set.
struct KernelVariant: Sendable, CustomTestStringConvertible {
    let kernels: KernelSet
    let tile: MatrixKernels

    /// Every variant that runs on this machine.
    static let all = KernelSet.supported.flatMap { set in
        set.matrixKernels.map { KernelVariant(kernels: set.restricted(to: $0), tile: $0) }
    }

    /// Whether fused multiply-adds are emulated: exact, but slow.
    var isEmulated: Bool { tile.name == "scalar-2x16" }

    var testDescription: String { tile.name }

    func backend(threads: Int) -> CPUBackend { CPUBackend(kernels: kernels, threads: threads) }
}

extension Case {
    /// Names of the variants and thread counts whose outputs differ in any bit from the reference's.
    func disagreeing(threads: [Int] = [1, 2, 3], emulated: Bool = true) throws -> [String] {
        let expected = try run(on: ReferenceBackend())
        return try KernelVariant.all.filter { emulated || !$0.isEmulated }.flatMap { variant in
            try threads.compactMap { threads in
                let outputs = try run(on: variant.backend(threads: threads))
                let agrees = zip(outputs, expected).allSatisfy { $0.hasSameBits(as: $1) }
                return agrees && outputs.count == expected.count ? nil : "\(variant.tile.name) on \(threads) threads"
            }
        }
    }
}
