import CMAEKernels

/// Instruction sets that have kernels of their own; all give the same bits.
public enum InstructionSet: String, Sendable, Hashable, CaseIterable {
    /// What every processor of the architecture has; on x86-64, fused multiply-add is emulated where it is missing.
    case scalar
    /// AVX2 with FMA.
    case avx2
    /// AVX-512 with the F, VL, DQ and BW extensions.
    case avx512
    /// NEON of 64-bit ARM.
    case neon

    /// The sets that this build, the processor and the operating system support, fastest first; ``scalar`` is among them.
    public static var available: [InstructionSet] {
        KernelSet.supported.reduce(into: []) { sets, kernels in
            if !sets.contains(kernels.instructionSet) { sets.append(kernels.instructionSet) }
        }
    }
}
