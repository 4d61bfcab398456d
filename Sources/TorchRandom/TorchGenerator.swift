import CTorchRandom
import MAETensor

/// PyTorch's CPU random generator, bit for bit.
///
/// A generator made with a seed gives what `torch.rand` and `torch.randn` give, in fp32, after `torch.manual_seed` with
/// that seed, in the same order of draws. The normal numbers are those that PyTorch computes on x86 with AVX2, which is
/// what every published wheel does on machines of the last ten years; they are the same here on every machine. (PyTorch
/// itself gives other bits on ARM.)
///
/// Batch `i` of a run with seed `s` is drawn by `TorchGenerator(seed: s + i)`: ``randn(_:)`` of the images' shape, then
/// ``rand(_:)`` of one number a patch for each mask that is wanted.
public struct TorchGenerator: Sendable {
    private var engine: MersenneTwister
    /// The second number of the last pair that a draw of fewer than 16 made, if no draw took it yet.
    private var cachedNormal: Double?
    private let instructions: Instructions

    /// Which code makes the numbers; the numbers are the same.
    package enum Instructions: Sendable, CaseIterable {
        case baseline, avx2

        /// Whether this processor can run the code.
        package var isSupported: Bool { self == .baseline || torch_random_has_avx2() }
    }

    /// The fewest elements for which `torch.randn` computes in fp32, 16 at a time.
    private static let groupSize = 16

    /// As `torch.manual_seed(seed)`; like PyTorch, it uses the low 32 bits only.
    public init(seed: UInt64) {
        self.init(seed: seed, instructions: Instructions.avx2.isSupported ? .avx2 : .baseline)
    }

    /// As ``init(seed:)``, by the given code, which must be supported.
    package init(seed: UInt64, instructions: Instructions) {
        precondition(instructions.isSupported, "this processor has no \(instructions)")
        self.instructions = instructions
        engine = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed), instructions: instructions)
    }

    /// As `torch.rand(shape)`: uniform in [0, 1), multiples of 2⁻²⁴.
    public mutating func rand(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape) { fillUniform($0) }
    }

    /// As `torch.randn(shape)`: normal with mean 0 and variance 1.
    public mutating func randn(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape) { fillNormal($0) }
    }

    /// Writes what ``rand(_:)`` would return into memory of the caller's.
    public mutating func fillUniform(_ buffer: UnsafeMutableBufferPointer<Float>) {
        engine.fillUniform(buffer)
    }

    /// Passes over what ``rand(_:)`` of `count` elements would return.
    public mutating func skipUniform(count: Int) {
        precondition(count >= 0, "a draw has no negative size")
        engine.skip(count)
    }

    /// Writes what ``randn(_:)`` would return into memory of the caller's.
    public mutating func fillNormal(_ buffer: UnsafeMutableBufferPointer<Float>) {
        guard buffer.count >= Self.groupSize else {
            for index in buffer.indices { buffer[index] = Float(nextNormal()) }
            return
        }
        engine.fillUniform(buffer)
        transform(buffer)
        guard !buffer.count.isMultiple(of: Self.groupSize) else { return }
        // PyTorch draws the last 16 elements again, although some of them are done.
        let last = UnsafeMutableBufferPointer(rebasing: buffer.suffix(Self.groupSize))
        engine.fillUniform(last)
        transform(last)
    }

    /// Makes each whole group of uniform numbers normal.
    private func transform(_ buffer: UnsafeMutableBufferPointer<Float>) {
        torch_random_normal(buffer.baseAddress, buffer.count / Self.groupSize, instructions == .avx2)
    }

    /// One number of a short draw: every second one was computed with the one before it, however long ago that was.
    private mutating func nextNormal() -> Double {
        if let cached = cachedNormal.take() { return cached }
        var pair = (0.0, 0.0)
        let first = engine.nextDouble()
        let second = engine.nextDouble()
        withUnsafeMutableBytes(of: &pair) {
            torch_random_normal_pair(first, second, $0.assumingMemoryBound(to: Double.self).baseAddress)
        }
        cachedNormal = pair.1
        return pair.0
    }
}
