import MAETensor

/// Which patches of a batch the encoder sees, as PyTorch's `ViTMAEEmbeddings.random_masking` draws them.
///
/// B images, N patches an image, K kept ones. The engine works on kept patches by ascending index unless it is told
/// otherwise; what PyTorch returns is in the order of the noise.
public struct PatchSelection: Sendable {
    /// In which order the kept patches of an image stand while the encoder computes, which decides the order of all sums
    /// over tokens.
    public enum TokenOrder: Sendable, Hashable {
        /// By ascending patch, whatever the noise: outputs depend on which patches are kept and on nothing else.
        case ascending
        /// By ascending noise, as PyTorch computes: for measuring what that order does to the rounding.
        case noise
    }

    /// B.
    public let images: Int
    /// N.
    public let patches: Int
    /// K = `len_keep`.
    public let kept: Int
    /// For each image, the patches by ascending noise: `ids_shuffle`, B·N entries.
    ///
    /// The first K of an image are kept.
    public let shuffled: [Int32]
    /// Its inverse: `ids_restore`, B·N entries.
    public let restore: [Int32]
    /// The patch of each token of each image, in the order of computation and without CLS: B·K entries.
    public let tokenPatches: [Int32]
    /// For each patch its row among the kept ones in the order of computation, or −1 when it was removed: B·N entries.
    public let slots: [Int32]

    /// Sorts each row of `noise` (B × N) stably and keeps the `kept` smallest; NaN sorts last, as in PyTorch.
    public init(noise: Tensor, keeping kept: Int, order tokenOrder: TokenOrder = .ascending) {
        precondition(
            noise.shape.count == 2 && kept >= 0 && kept <= noise.shape[1], "noise is B × N, and K is at most N")
        images = noise.shape[0]
        patches = noise.shape[1]
        self.kept = kept
        var shuffled: [Int32] = []
        var tokenPatches: [Int32] = []
        var slots = [Int32](repeating: -1, count: noise.count)
        var restore = [Int32](repeating: 0, count: noise.count)
        for image in 0..<noise.shape[0] {
            let row = noise.rows(image..<image + 1).elements
            let order = row.indices.sorted { Self.precedes((row[$0], $0), (row[$1], $1)) }
            for (rank, patch) in order.enumerated() { restore[image * row.count + patch] = Int32(rank) }
            shuffled += order.map(Int32.init)
            let keptOnes = tokenOrder == .noise ? Array(order.prefix(kept)) : order.prefix(kept).sorted()
            for (slot, patch) in keptOnes.enumerated() { slots[image * row.count + patch] = Int32(slot) }
            tokenPatches += keptOnes.map(Int32.init)
        }
        self.shuffled = shuffled
        self.restore = restore
        self.tokenPatches = tokenPatches
        self.slots = slots
    }

    /// The order of a stable ascending sort in which NaN is the largest value.
    private static func precedes(_ a: (noise: Float, patch: Int), _ b: (noise: Float, patch: Int)) -> Bool {
        if a.noise < b.noise { return true }
        if b.noise < a.noise { return false }
        if a.noise.isNaN != b.noise.isNaN { return b.noise.isNaN }
        return a.patch < b.patch
    }

    /// The kept patches of each image by ascending index: B·K entries.
    public var ascending: [Int32] {
        (0..<images).flatMap { image in tokenPatches[image * kept..<(image + 1) * kept].sorted() }
    }

    /// Names the set of kept patches of every image, whatever their order.
    public var keptPatchesDigest: SHA256Digest { Self.digest(of: ascending) }

    /// Names the order of the noise: PyTorch's `ids_restore`.
    public var orderDigest: SHA256Digest { Self.digest(of: restore) }

    /// SHA-256 over little-endian int32.
    private static func digest(of indices: [Int32]) -> SHA256Digest {
        indices.map(\.littleEndian).withUnsafeBytes { SHA256Digest(of: $0) }
    }

    /// PyTorch's `mask`, (B, N): 0 where a patch is kept, 1 where it was removed.
    public var mask: Tensor {
        Tensor(shape: [images, patches], elements: restore.map { $0 < kept ? 0 : 1 })
    }

    /// Whether the kept patches of every image already stand in ascending order.
    public var isAscending: Bool {
        (0..<images).allSatisfy { image in
            let row = shuffled[image * patches..<image * patches + kept]
            return zip(row, row.dropFirst()).allSatisfy(<)
        }
    }

    /// Puts tokens (B, 1 + K, H) from the order of computation into the order PyTorch returns them in: CLS, then by noise.
    public func inNoiseOrder(_ tokens: Tensor) -> Tensor {
        permuting(tokens) { output, input in (from: input, to: output) }
    }

    /// Puts tokens (B, 1 + K, H) from the order PyTorch returns them in into the order of computation.
    public func inComputedOrder(_ tokens: Tensor) -> Tensor {
        permuting(tokens) { output, input in (from: output, to: input) }
    }

    /// Moves each row of each image; `move` is given its place by noise and its place in the order of computation.
    private func permuting(
        _ tokens: Tensor, _ move: (_ byNoise: Int, _ computed: Int) -> (from: Int, to: Int)
    ) -> Tensor {
        precondition(
            tokens.shape.count == 3 && tokens.shape[0] == images && tokens.shape[1] == kept + 1,
            "tokens are B × (1 + K) × H")
        let width = tokens.shape[2]
        return Tensor(shape: tokens.shape) { output in
            tokens.withUnsafeElements { input in
                for image in 0..<images {
                    let first = image * (kept + 1)
                    for token in 0...kept {
                        var computed = first
                        if token > 0 {
                            let patch = Int(shuffled[image * patches + token - 1])
                            computed += 1 + Int(slots[image * patches + patch])
                        }
                        let row = move(first + token, computed)
                        for column in 0..<width {
                            output.initializeElement(
                                at: row.to * width + column, to: input[row.from * width + column])
                        }
                    }
                }
            }
        }
    }
}
