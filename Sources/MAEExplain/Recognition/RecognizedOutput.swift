/// What an output of the person's program turned out to be.
public struct RecognizedOutput: Sendable, Hashable {
    /// How vectors were made of the tokens.
    public enum Reduction: String, Sendable, Hashable {
        /// Nothing was: all tokens were saved.
        case none
        /// The mean over all tokens, CLS included: `torch.mean(output, axis=1)`.
        case mean
        /// The CLS token alone: `output[:, 0]`.
        case cls
        /// The mean over the tokens of patches, CLS left out: `output[:, 1:].mean(1)`.
        case patchMean = "patch-mean"

        /// Whether it is a mean over tokens, in which their rounding errors are averaged.
        var isMean: Bool {
            switch self {
            case .mean, .patchMean: true
            case .none, .cls: false
            }
        }
    }

    /// How close to PyTorch's own precision the match is.
    public enum Precision: Sendable, Hashable {
        /// What another order of fp32 sums leaves.
        case rounding
        /// What TF32, fp16 or bf16 leaves: the same computation, done coarsely.
        case reduced
    }

    /// Other weights that fit about as well.
    public struct Rival: Sendable, Hashable {
        /// Their number; see ``GivenModel/group``.
        public let group: Int
        /// The largest difference from what they give.
        public let distance: Double
    }

    /// Index of the output.
    public let output: Int
    /// Number of the weights and settings it was computed with; see ``GivenModel/group``.
    public let group: Int
    /// Other weights that it cannot be told from, the closest first; usually none.
    public let rivals: [Rival]
    /// Where its mask came from; nil where every patch is kept and nothing tells.
    public let noise: NoiseDraw?
    /// The fraction of patches that was removed.
    public let maskRatio: Double
    /// Whether that fraction was read off the number of tokens: nothing states it, and others keep as many patches.
    public let isRatioDerived: Bool
    /// Number of patches that were kept.
    public let kept: Int
    /// Number of patches of an image.
    public let patches: Int
    /// How vectors were made of the tokens.
    public let reduction: Reduction
    /// Whether the tokens were put in the order of the patches with `ids_restore`: only where every patch is kept.
    public let isRestored: Bool
    /// Whether each vector was then divided by its length: `torch.nn.functional.normalize`.
    public let isNormalized: Bool
    /// The largest difference from what this engine computes, in the order PyTorch returns; of normalized vectors before
    /// they were divided.
    public let distance: Double
    /// How close that is.
    public let precision: Precision

    /// Which call of `torch.rand` after the images its mask came from; nil where nothing tells, or the seed was set again.
    public var draw: Int? { if case .call(let number) = noise { number } else { nil } }

    /// Whether no patch was removed, so that the draw decided on nothing but the order.
    public var keepsAll: Bool { kept == patches }

    /// All weights that it can have been computed with.
    var groups: [Int] { [group] + rivals.map(\.group) }
}

/// Why an output was not recognized.
public struct UnrecognizedOutput: Sendable, Hashable {
    /// Index of the output.
    public let output: Int
    /// What was tried, or why nothing could be, in a sentence.
    public let reason: String
    /// The smallest difference that any try left; nil when nothing could be tried.
    public let closest: Double?
    /// Whether draws were tried, and no other reason is known than that none of them gives it.
    let triedDraws: Bool

    init(output: Int, reason: String, closest: Double?, triedDraws: Bool = false) {
        (self.output, self.reason, self.closest, self.triedDraws) = (output, reason, closest, triedDraws)
    }
}
