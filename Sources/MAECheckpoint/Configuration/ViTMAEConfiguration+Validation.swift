import MAEFormats

extension ViTMAEConfiguration {
    /// Limits on what a configuration may ask for, well above every published model.
    public enum Limit {
        /// Most encoder or decoder layers.
        public static let layers = 1 << 10
        /// Most values in a token, in the MLP of a block, or in a patch.
        public static let width = 1 << 17
        /// Longest side of an image, in pixels.
        public static let imageSide = 1 << 14
        /// Most channels of an image.
        public static let channels = 1 << 10
        /// Most patches of an image.
        public static let patches = 1 << 18
        /// Most parameters of a model: 64 GiB of fp32.
        public static let parameters = 1 << 34
    }

    /// Checks that a model can be built from this configuration.
    ///
    /// Throws ``CheckpointError/Code/invalidConfiguration``, naming the field, at `path`. transformers itself checks only
    /// that the heads divide the width; here everything that would fail or mean nothing later is refused at once.
    public func validate(path: String) throws(CheckpointError) {
        let check = FieldChecks(path: path)
        try check.size(encoder.hiddenSize, 1...Limit.width, .hiddenSize)
        try check.size(encoder.layerCount, 0...Limit.layers, .layerCount)
        try check.size(encoder.intermediateSize, 1...Limit.width, .intermediateSize)
        try check.heads(of: encoder, .headCount, .hiddenSize)
        try check.size(decoder.hiddenSize, 1...Limit.width, .decoderHiddenSize)
        try check.size(decoder.layerCount, 0...Limit.layers, .decoderLayerCount)
        try check.size(decoder.intermediateSize, 1...Limit.width, .decoderIntermediateSize)
        try check.heads(of: decoder, .decoderHeadCount, .decoderHiddenSize)
        try check.size(channelCount, 1...Limit.channels, .channelCount)
        for side in [imageSize.height, imageSize.width] { try check.size(side, 1...Limit.imageSide, .imageSize) }
        for side in [patchSize.height, patchSize.width] { try check.size(side, 1...Limit.imageSide, .patchSize) }
        try check.require(
            imageSize.height % patchSize.height == 0 && imageSize.width % patchSize.width == 0, .patchSize,
            "patches of \(patchSize) do not divide images of \(imageSize)")
        try check.require(patchCount <= Limit.patches, .patchSize, "\(patchCount) patches; at most \(Limit.patches)")
        try check.require(
            patchValueCount <= Limit.width, .patchSize, "\(patchValueCount) values a patch; at most \(Limit.width)")
        try check.require(
            layerNormEpsilon > 0 && layerNormEpsilon.isFinite && Float(layerNormEpsilon) > 0, .layerNormEpsilon,
            "is \(layerNormEpsilon); layer norm needs a number above 0, such as 1e-12")
        try check.require(
            (0...1).contains(maskRatio) && keptCount() > 0, .maskRatio,
            "is \(maskRatio); it must be at least 0 and leave at least one of \(patchCount) patches visible")
        try check.require(
            initializerRange >= 0 && initializerRange.isFinite, .initializerRange,
            "is \(initializerRange); a standard deviation is a number from 0")
        for (probability, field) in [
            (hiddenDropout, ConfigurationKey.hiddenDropout), (attentionDropout, .attentionDropout),
        ] {
            try check.require((0...1).contains(probability), field, "is \(probability); a probability lies in 0...1")
        }
        try check.require(
            parameterCountEstimate <= Double(Limit.parameters), .hiddenSize,
            "together with the other sizes asks for about \(parameterCountEstimate) parameters; "
                + "at most \(Limit.parameters)")
    }

    /// Number of matrix elements, in floating point so that no size overflows it.
    private var parameterCountEstimate: Double {
        func elements(_ stack: TransformerDimensions) -> Double {
            let width = Double(stack.hiddenSize)
            return Double(stack.layerCount) * (4 * width * width + 2 * width * Double(stack.intermediateSize))
                + width * Double(patchCount + patchValueCount)
        }
        return elements(encoder) + elements(decoder) + Double(encoder.hiddenSize) * Double(decoder.hiddenSize)
    }
}

/// Throws for a field that cannot be used, naming it.
private struct FieldChecks {
    let path: String

    func require(_ holds: Bool, _ field: ConfigurationKey, _ message: String) throws(CheckpointError) {
        guard holds else {
            throw CheckpointError(
                .invalidConfiguration, path: path, place: field.rawValue, message + ". Correct the configuration.")
        }
    }

    func size(_ value: Int, _ range: ClosedRange<Int>, _ field: ConfigurationKey) throws(CheckpointError) {
        try require(
            range.contains(value), field, "is \(value); it must lie in \(range.lowerBound)...\(range.upperBound)")
    }

    func heads(
        of stack: TransformerDimensions, _ heads: ConfigurationKey, _ width: ConfigurationKey
    ) throws(CheckpointError) {
        try size(stack.headCount, 1...stack.hiddenSize, heads)
        try require(
            stack.hiddenSize % stack.headCount == 0, heads,
            "\(stack.headCount) heads do not divide \(width.rawValue) \(stack.hiddenSize)")
        try require(
            stack.hiddenSize % 4 == 0, width,
            "is \(stack.hiddenSize); the sine-cosine position embeddings need a multiple of 4")
    }
}
