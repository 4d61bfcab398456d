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
    public let causes: [Cause]
    /// The first of them.
    public var cause: Cause { causes[0] }
    /// How the final layer norms compare, or what the whole models returned where there is none.
    public let final: ValueRelation
    /// How what they were given compares.
    public let input: ValueRelation
    /// How the noise compares.
    public let noise: ValueRelation
    /// The largest difference of the final layer norms, element by element; nil where they were not kept whole.
    public let difference: Double?
    /// The same with tokens by ascending patch; nil where the order is the same or not known.
    public let inOneOrder: Double?
    /// The largest difference of the means over the tokens; nil where they were not kept.
    public let pooledDifference: Double?
    /// Whether what is left is no more than fp32 rounding; nil where nothing tells its size.
    public let isRounding: Bool?
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
        let sizes = try RecordedSizes(left, right, final, rounding)
        (difference, inOneOrder, pooledDifference) = (sizes.plain, sizes.inOneOrder, sizes.pooled)
        isRounding = sizes.isRounding
        causes = Self.causes(
            left, right, weights, isRounding: sizes.isRounding, final: final, input: input, noise: noise,
            modules: modules,
            modes: modes, configuration: configuration)
    }

    private static func causes(
        _ left: RecordedCall, _ right: RecordedCall, _ weights: RecordedWeights.Difference, isRounding: Bool?,
        final: ValueRelation, input: ValueRelation, noise: ValueRelation, modules: [ModulePair],
        modes: [SettingDifference], configuration: [SettingDifference]
    ) -> [Cause] {
        let differs = modules.contains { $0.outputs == .differs }
        var causes: [Cause] = []
        if [left, right].contains(where: { ($0.final?.nonFiniteCount ?? 0) > 0 }) { causes.append(.notFinite) }
        // Weights of a decoder that was not run had no part in it.
        let isDecoderOther = modules.contains { $0.outputs == .differs && $0.left.role == .decoderBlock }
        if weights.touchesEncoder || !weights.differing.isEmpty && isDecoderOther { causes.append(.weights) }
        // Equal to the last bit: whatever else is not the same had no effect.
        if causes.isEmpty, final == .equal, !differs { return [.none] }
        if causes == [.weights], final == .equal { return causes }
        if left.call.weightsChanged || right.call.weightsChanged { causes.append(.weightsChanged) }
        if !configuration.isEmpty { causes.append(.configuration) }
        // The same images in another dtype have other digests, and what they were before is not known.
        if input == .differs, left.input?.dtype == right.input?.dtype || left.input?.shape != right.input?.shape {
            causes.append(.input)
        }
        causes += maskCauses(left, right, noise)
        if left.dropsOut || right.dropsOut { causes.append(.training) }
        if hasOtherPrecision(left, right, modes) { causes.append(.precision) }
        guard causes.isEmpty || causes == [.order] else { return causes }
        if final == .equal {
            let isInEncoder = modules.contains { $0.outputs == .differs && $0.left.role == .encoderBlock }
            return causes + [isInEncoder ? .hidden : .module]
        }
        switch isRounding {
        case true?: if causes.isEmpty { causes.append(.rounding) }
        case false?: causes.append(.module)
        case nil where final == .unknown && !differs: causes.append(.unknown)
        // Of permuted tokens another order of sums is expected, and how large it is nothing tells.
        case nil: if causes.isEmpty { causes.append(.module) }
        }
        return causes
    }

    private static func maskCauses(_ left: RecordedCall, _ right: RecordedCall, _ noise: ValueRelation) -> [Cause] {
        guard let mine = left.call.masking, let theirs = right.call.masking, left.patches == right.patches else {
            return []
        }
        if let kept = left.kept, let other = right.kept {
            guard kept == other else { return [.maskRatios] }
        } else if let ratio = mine.maskRatio, let other = theirs.maskRatio, ratio != other {
            return [.maskRatios]
        }
        let keepsAll = left.keepsAll && right.keepsAll
        let mask = ValueRelation(mine.mask, theirs.mask)
        let order = ValueRelation(mine.idsRestore, theirs.idsRestore)
        if !keepsAll, mask == .differs || mask == .unknown && noise == .differs {
            return [noise == .equal ? .maskMiscomputed : .masks]
        }
        let isOther = order == .differs || order == .unknown && noise == .differs
        return isOther ? [noise == .equal ? .maskMiscomputed : .order] : []
    }

    /// Whether one side computed in fewer bits: another dtype, autocast, or TF32 on a GPU.
    private static func hasOtherPrecision(
        _ left: RecordedCall, _ right: RecordedCall, _ modes: [SettingDifference]
    ) -> Bool {
        if modes.contains(where: { $0.name == "autocast" || $0.name.hasPrefix("dtype of") }) { return true }
        guard [left, right].contains(where: { $0.final?.device?.hasPrefix("cuda") ?? false }) else { return false }
        return SettingDifference.between(left.recording, right.recording).contains {
            $0.name.lowercased().contains("tf32") || $0.name.lowercased().contains("matmul_precision")
        }
    }
}

/// How far the final layer norms of two calls lie apart, as far as they were kept.
private struct RecordedSizes {
    var plain: Double?
    var inOneOrder: Double?
    var pooled: Double?
    var isRounding: Bool?

    init(_ left: RecordedCall, _ right: RecordedCall, _ final: ValueRelation, _ rounding: RoundingLimit) throws {
        func distance(_ left: Tensor, _ right: Tensor, _ subject: DifferenceMetrics.Subject) -> Double? {
            DifferenceMetrics(of: subject, left, right, rtol: 0).map(\.maximum)
        }
        let tokens = (left.kept ?? 0) + 1
        if let mine = try left.pooledTensor(), let theirs = try right.pooledTensor() {
            pooled = distance(mine, theirs, .pooled)
            if final == .differs || final == .permuted, let pooled, left.keepsAll, right.keepsAll {
                isRounding = pooled <= rounding.limit(mine, isMean: true, tokens: tokens)
            }
        }
        // Of equal outputs only what follows them differs, and of that no size is known.
        guard final != .equal, let mine = try left.finalTensor(), let theirs = try right.finalTensor() else { return }
        plain = distance(mine, theirs, .layernorm)
        let orders = [left.call.masking?.idsRestore?.sha256, right.call.masking?.idsRestore?.sha256]
        let limit = rounding.limit(mine, isMean: false, tokens: tokens)
        if orders[0] != orders[1] {
            if let one = left.inOneOrder(mine), let other = right.inOneOrder(theirs),
                left.selection?.ascending == right.selection?.ascending
            {
                inOneOrder = distance(one, other, .layernorm)
                isRounding = inOneOrder.map { $0 <= limit }
            }
        } else if let plain {
            isRounding = plain <= limit
        }
    }
}
