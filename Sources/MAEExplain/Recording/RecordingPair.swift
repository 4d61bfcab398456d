import MAERecording
import MAETensor
import MAEVerify

/// Two recorded calls, set against each other stage by stage.
public struct RecordingPair: Sendable {
    /// Why the two differ.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// They do not differ.
        case none
        /// A tensor that the encoder, or the decoder that was run, computes with is another one.
        case weights
        /// Weights were written to after their digests were taken, so whether they are equal is not known.
        case weightsChanged = "weights-changed"
        /// A setting that the encoder computes with is another one.
        case configuration
        /// They were given other images.
        case input
        /// They kept different numbers of patches.
        case maskRatios = "mask-ratios"
        /// Each drew a mask of its own.
        case masks
        /// The same noise gave another mask.
        case maskMiscomputed = "mask-miscomputed"
        /// The same patches stand in another order.
        case order
        /// Dropout was active.
        case training
        /// They were computed in other numbers of bits.
        case precision
        /// The same computation, with its sums in another order.
        case rounding
        /// A module gives other values for the same input, and nothing that was recorded explains it.
        case module
        /// Other bits after a module, and the same output: what came after hid them.
        case hidden
        /// One of them holds NaN or infinity.
        case notFinite = "not-finite"
        /// Nothing that both recorded can be compared.
        case unknown
    }

    /// The one call.
    public let left: RecordedCallID
    /// The other.
    public let right: RecordedCallID
    /// Everything that makes them differ, never empty.
    public internal(set) var causes: [Cause]
    /// The first of them.
    public var cause: Cause { causes[0] }
    /// How the final layer norms compare, or what the whole models returned where there is none.
    public let final: ValueRelation
    /// How what they were given compares.
    public let input: ValueRelation
    /// How the noise compares.
    public let noise: ValueRelation
    /// How the masks compare, or the noise where they were not recorded; nil for what is no ViT-MAE.
    public let mask: ValueRelation?
    /// The largest difference of the final layer norms, element by element; nil where they were not kept whole.
    public let difference: Double?
    /// The same with tokens by ascending patch; nil where the order is the same or not known.
    public let inOneOrder: Double?
    /// The largest difference of the means over the tokens; nil where they were not kept.
    public let pooledDifference: Double?
    /// Whether what is left is no more than fp32 rounding; nil where nothing tells its size.
    public let isRounding: Bool?
    /// The numbers of bits in which both computed, or the fewer of two.
    let precision: RecordedPrecision
    /// A difference that the numbers of bits do not explain, and what they would; nil where they explain it, or nothing tells.
    let excess: (size: Double, limit: Double)?
    /// The stage that was kept and differs most beyond rounding, of outputs that agree to rounding.
    let hiddenStage: (words: String, size: Double)?
    /// Number of stages of which digests differ and values were not kept on both sides.
    let unseenStages: Int
    /// Whether one side's weights are in half precision and no matrix is equal: then they may be copies that were rounded.
    let isRoundedCopy: Bool
    /// The modules that both called, in the order in which the calls of the left one began.
    public let modules: [ModulePair]
    /// The modules in which the difference begins, outermost first, as indices of ``modules``; empty where none adds one.
    public let beginning: [Int]
    /// What the two say differently of how they compute, what can matter first.
    public let modes: [SettingDifference]
    /// Settings of the encoder that differ.
    public let configuration: [SettingDifference]
    /// How the weights differ.
    let weights: RecordedWeights.Difference

    /// Whether what differs is more than rounding and order.
    public var isReal: Bool {
        causes.contains { cause in
            switch cause {
            case .none, .order, .rounding, .hidden, .unknown: false
            default: true
            }
        }
    }

    /// The largest difference that is known, in one order where tokens are permuted.
    public var largest: Double? {
        inOneOrder ?? (causes.contains(.order) ? pooledDifference : difference ?? pooledDifference)
    }

    /// The smallest module in which the difference begins.
    public var first: ModulePair? { beginning.last.map { modules[$0] } }

    /// The block, or other stage, in which the difference begins.
    public var firstStage: ModulePair? {
        beginning.last {
            modules[$0].left.role != nil && modules[$0].left.role != .encoder && modules[$0].left.role != .decoder
        }
        .map { modules[$0] }
    }

    init(_ left: RecordedCall, _ right: RecordedCall, _ weights: RecordedWeights.Difference, _ rounding: RoundingLimit)
        throws
    {
        (self.left, self.right, self.weights) = (left.id, right.id, weights)
        final = ValueRelation(left.final, right.final)
        input = ValueRelation(left.input, right.input)
        noise = ValueRelation(left.call.masking?.noise, right.call.masking?.noise)
        modules = ModulePair.pairs(left.call, left.model, left.keys, right.call, right.model, right.keys)
        beginning = ModulePair.chain(modules)
        modes = RecordedCall.modeDifferences(left, right)
        configuration = RecordedCall.configurationDifferences(left, right)
        mask = Self.maskRelation(left, right, noise)
        precision = RecordedPrecision(left, right)
        let sizes = try RecordedSizes(left, right, final, rounding, precision, isMaskShared: mask == .equal)
        (difference, inOneOrder, pooledDifference) = (sizes.plain, sizes.inOneOrder, sizes.pooled)
        (isRounding, excess) = (sizes.isRounding, sizes.excess)
        // What agrees in the end may have been far apart before: a layer norm takes away what it adds to all of a token.
        hiddenStage =
            sizes.isRounding == true
            ? try HiddenStage.largest(left, right, modules, epsilon: precision.epsilon) : nil
        unseenStages = HiddenStage.unseen(left, right, modules)
        isRoundedCopy = Self.isRoundedCopy(left, right, weights)
        causes = []
        causes = findCauses(left, right)
    }
}
