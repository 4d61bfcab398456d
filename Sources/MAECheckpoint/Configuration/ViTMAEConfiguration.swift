/// What a ViT-MAE is built from: the fields of transformers' `ViTMAEConfig`, with its defaults.
///
/// A configuration made here may be nonsense; ``validate(path:)`` says whether a model can be built from it, and everything
/// read from a file has passed it.
public struct ViTMAEConfiguration: Sendable, Hashable {
    /// Sizes of the encoder: 768 wide, 12 layers, 12 heads, MLP 3072 unless told otherwise.
    public var encoder = TransformerDimensions(
        hiddenSize: 768, layerCount: 12, headCount: 12, intermediateSize: 3072)
    /// Sizes of the decoder: 512 wide, 8 layers, 16 heads, MLP 2048 unless told otherwise.
    public var decoder = TransformerDimensions(
        hiddenSize: 512, layerCount: 8, headCount: 16, intermediateSize: 2048)
    /// Function between the MLP layers of encoder and decoder.
    public var hiddenActivation = HiddenActivation.gelu
    /// Dropout after attention and MLP; only training uses it.
    public var hiddenDropout = 0.0
    /// Dropout of attention probabilities; only training uses it.
    public var attentionDropout = 0.0
    /// Standard deviation of freshly drawn weights.
    public var initializerRange = 0.02
    /// Added to the variance by every layer norm of encoder and decoder.
    public var layerNormEpsilon = 1e-12
    /// Size of an input image.
    public var imageSize = ImageExtent(square: 224)
    /// Size of a patch, which is also the stride of the patch projection.
    public var patchSize = ImageExtent(square: 16)
    /// Color channels of an image.
    public var channelCount = 3
    /// Whether the query, key and value projections have biases.
    public var hasQKVBias = true
    /// Share of the patches that masking removes.
    public var maskRatio = 0.75
    /// How ``maskRatio`` is computed with, which its type in a pickle decides.
    public var maskRatioArithmetic = MaskRatioArithmetic.double
    /// Whether the loss compares with patches normalized to mean 0 and variance 1.
    public var normalizesPixelLoss = false

    /// The defaults of transformers: the base model for images of 224 pixels.
    public init() {}

    /// Rows and columns of the patch grid.
    public var patchGrid: ImageExtent {
        ImageExtent(height: imageSize.height / patchSize.height, width: imageSize.width / patchSize.width)
    }

    /// Number of patches of an image.
    public var patchCount: Int { patchGrid.height * patchGrid.width }

    /// Number of values in a patch: rows × columns × channels.
    public var patchValueCount: Int { patchSize.height * patchSize.width * channelCount }

    /// Number of patches that stay visible: `int(patches * (1 - ratio))`, as Python computes it.
    ///
    /// `maskRatio` replaces the configuration's own ratio, is computed with in double precision and must be within 0...1.
    public func keptCount(maskRatio: Double? = nil) -> Int {
        let ratio = maskRatio ?? self.maskRatio
        precondition((0...1).contains(ratio), "mask ratio \(ratio) outside 0...1")
        return (maskRatio == nil ? maskRatioArithmetic : .double).keptCount(of: patchCount, ratio: ratio)
    }

    /// The same with a mask ratio for double precision, as files hold it, that keeps as many patches.
    var inDoublePrecision: ViTMAEConfiguration {
        var copy = self
        copy.maskRatioArithmetic = .double
        // Half a patch from both neighbors, no rounding changes the count.
        if copy.keptCount() != keptCount() {
            copy.maskRatio = max(0, 1 - (Double(keptCount()) + 0.5) / Double(patchCount))
        }
        return copy
    }
}
