import MAERecording

extension RecordingPair {
    /// What makes the two calls differ, in the order in which a difference travels.
    func findCauses(_ left: RecordedCall, _ right: RecordedCall) -> [Cause] {
        let differs = modules.contains { $0.outputs == .differs }
        var causes: [Cause] = []
        if [left, right].contains(where: { ($0.final?.nonFiniteCount ?? 0) > 0 }) { causes.append(.notFinite) }
        // Weights of a decoder that was not run had no part in it.
        let isDecoderOther = modules.contains { $0.outputs == .differs && $0.left.role == .decoderBlock }
        // A tensor that one side alone has is a cause only of what differs: an adapter may be switched off.
        let isOneSided = !weights.oneSidedOfEncoder.isEmpty && (final != .equal || differs)
        if weights.touchesEncoder || isOneSided || !weights.differing.isEmpty && isDecoderOther {
            causes.append(.weights)
        }
        // Equal to the last bit: whatever else is not the same had no effect.
        if causes.isEmpty, final == .equal, !differs { return [.none] }
        if causes == [.weights], final == .equal { return causes }
        if left.call.weightsChanged || right.call.weightsChanged { causes.append(.weightsChanged) }
        if !configuration.isEmpty { causes.append(.configuration) }
        // The same images in another dtype have other digests, and what they were before is not known.
        if input == .differs, left.input?.dtype == right.input?.dtype || left.input?.shape != right.input?.shape {
            causes.append(.input)
        }
        causes += maskCauses(left, right)
        if left.dropsOut || right.dropsOut, !Self.drewAlike(left, right, modules) { causes.append(.training) }
        if Self.hasOtherPrecision(left, right, modes) {
            causes.append(.precision)
            // Of copies that may only have been rounded, the rounding is the cause.
            if isRoundedCopy { causes = [.precision] + causes.filter { $0 != .precision } }
            if excess != nil, isByPrecisionAlone(causes) { causes.append(.module) }
        }
        guard causes.isEmpty || causes == [.order] else { return causes }
        if final == .equal {
            let isInEncoder = modules.contains { $0.outputs == .differs && $0.left.role == .encoderBlock }
            return causes + [isInEncoder ? .hidden : .module]
        }
        switch isRounding {
        case true? where hiddenStage != nil: causes.append(.hidden)
        case true?: if causes.isEmpty { causes.append(.rounding) }
        case false?: causes.append(.module)
        case nil where final == .unknown && !differs: causes.append(.unknown)
        // Of permuted tokens another order of sums is expected, and how large it is nothing tells.
        case nil: if causes.isEmpty { causes.append(.module) }
        }
        return causes
    }

    /// Whether nothing but the numbers of bits was found: the size of any other cause has no bound.
    private func isByPrecisionAlone(_ causes: [Cause]) -> Bool {
        causes.allSatisfy { $0 == .precision || $0 == .order || $0 == .weights && isRoundedCopy }
    }

    private func maskCauses(_ left: RecordedCall, _ right: RecordedCall) -> [Cause] {
        guard let mine = left.call.masking, let theirs = right.call.masking, left.patches == right.patches else {
            return []
        }
        if let kept = left.kept, let other = right.kept {
            guard kept == other else { return [.maskRatios] }
        } else if let ratio = mine.maskRatio, let other = theirs.maskRatio, ratio != other {
            return [.maskRatios]
        }
        if mask == .differs { return [noise == .equal ? .maskMiscomputed : .masks] }
        let order = ValueRelation(mine.idsRestore, theirs.idsRestore)
        let isOther = order == .differs || order == .unknown && noise == .differs
        return isOther ? [noise == .equal ? .maskMiscomputed : .order] : []
    }

    static func maskRelation(_ left: RecordedCall, _ right: RecordedCall, _ noise: ValueRelation) -> ValueRelation? {
        guard let mine = left.call.masking, let theirs = right.call.masking else { return nil }
        if left.keepsAll, right.keepsAll { return .equal }
        let mask = ValueRelation(mine.mask, theirs.mask)
        return mask == .unknown ? noise : mask
    }

    static func isRoundedCopy(
        _ left: RecordedCall, _ right: RecordedCall, _ weights: RecordedWeights.Difference
    ) -> Bool {
        let sides = [left, right].map { side in side.model.weights.map { RecordedPrecision(dtype: $0.dtype) } }
        let half = sides.map { $0.count { $0 == .bfloat16 || $0 == .float16 } }
        let isOneHalf =
            half[0] == sides[0].count && half[0] > 0 && half[1] == 0
            || half[1] == sides[1].count && half[1] > 0 && half[0] == 0
        return isOneHalf && weights.allMatricesDiffer && weights.oneSidedOfEncoder.isEmpty
    }

    /// Whether both dropped the same: their generators began alike, and something with dropout in it gave the same bits.
    private static func drewAlike(_ left: RecordedCall, _ right: RecordedCall, _ modules: [ModulePair]) -> Bool {
        guard left.dropsOut, right.dropsOut, beganAlike(left, right) else { return false }
        return modules.contains { pair in
            pair.outputs == .equal && left.dropsOut(in: pair.left) && right.dropsOut(in: pair.right)
        }
    }

    /// Whether the generators of two calls are known to have been in one state before.
    static func beganAlike(_ left: RecordedCall, _ right: RecordedCall) -> Bool {
        let (mine, theirs) = (left.call.generators, right.call.generators)
        return !mine.isEmpty && Set(mine.keys) == Set(theirs.keys)
            && mine.allSatisfy { $0.value.before != nil && $0.value.before == theirs[$0.key]?.before }
    }

    /// Whether one side computed in fewer bits: another dtype, autocast, or TF32 on a GPU.
    private static func hasOtherPrecision(
        _ left: RecordedCall, _ right: RecordedCall, _ modes: [SettingDifference]
    ) -> Bool {
        modes.contains { $0.name == "autocast" || $0.name.hasPrefix("dtype of") }
            || RecordedPrecision.differsInTF32(left, right)
    }
}

extension RecordedCall {
    /// Whether a dropout that is active is in a module, or is that module.
    func dropsOut(in module: Recording.Module) -> Bool {
        model.modules.contains { inner in
            inner.isTraining && inner.className.hasSuffix("Dropout")
                && (inner.path == module.path || inner.path.hasPrefix(module.path + "."))
                && inner.settings.contains { $0.key == "p" && ($0.value.double ?? 0) > 0 }
        }
    }
}
