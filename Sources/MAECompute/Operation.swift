/// One step of a ``Program``.
///
/// Letters in shapes: B images, N patches an image, K kept patches an image, T = 1 + K tokens, H hidden width.
/// Rows of token matrices are ordered by image, then CLS, then ascending patch index.
public enum Operation: Sendable {
    /// Cuts the kept patches out of images into rows, in the order channel, row, column of a convolution's weight.
    ///
    /// `images` is B × (C·height·width), `kept` holds B·K ascending patch indices, `output` is (B·K) × (C·ph·pw).
    case gatherPatches(images: BufferID, kept: IndexTableID, geometry: PatchGeometry, output: BufferID)

    /// `output = residual + activation(input · weightᵀ + bias)`, each part but the product being optional.
    ///
    /// `input` is M × in, `output` and `residual` are M × out. `residual` may be `output` itself.
    case linear(
        input: BufferID, parameters: LinearID, activation: Activation?, residual: BufferID?, output: BufferID)

    /// Normalizes each row to zero mean and unit (biased) variance, then scales and shifts it.
    ///
    /// `input` and `output` are M × H and may be one buffer.
    case layerNorm(input: BufferID, parameters: LayerNormID, epsilon: Float, output: BufferID)

    /// Multi-head scaled dot-product attention, each image on its own.
    ///
    /// `qkv` is (B·T) × 3H: queries, keys, values side by side, each as `heads` runs of H / heads; `output` is (B·T) × H.
    /// `scale` multiplies each score after its product.
    case attention(qkv: BufferID, images: Int, heads: Int, scale: Float, output: BufferID)

    /// Puts CLS before the kept patches and adds position embeddings: encoder input.
    ///
    /// `patches` is (B·K) × H, `output` is (B·T) × H. Row 0 of an image is `token + positions[0]`; row 1 + i is
    /// `patches[i] + positions[1 + kept[i]]`.
    case assembleTokens(
        patches: BufferID, kept: IndexTableID, token: VectorID, positions: VectorID, images: Int, output: BufferID)

    /// Puts mask tokens where patches were removed and adds position embeddings: decoder input.
    ///
    /// `tokens` is (B·T) × D; `slots` holds B·N entries, the row of patch n among the kept ones of its image (0 ..< K) or −1
    /// when it was removed; `output` is (B·(1 + N)) × D. Row 0 is `tokens[0] + positions[0]`, row 1 + n is
    /// `(slot < 0 ? maskToken : tokens[1 + slot]) + positions[1 + n]`.
    case restoreTokens(
        tokens: BufferID, slots: IndexTableID, maskToken: VectorID, positions: VectorID, images: Int, output: BufferID)

    /// Mean over the tokens of each image, CLS included.
    ///
    /// `tokens` is (B·T) × H, `output` is B × H.
    case meanOverTokens(tokens: BufferID, images: Int, output: BufferID)

    /// Leaves out the first `count` rows of each image.
    ///
    /// `tokens` is (B·T) × H, `output` is (B·(T − count)) × H.
    case dropLeadingTokens(tokens: BufferID, count: Int, images: Int, output: BufferID)
}

/// How an image is cut into patches; sizes in pixels.
public struct PatchGeometry: Sendable, Hashable {
    /// Channels of an image.
    public let channels: Int
    /// Height and width of an image.
    public let imageHeight: Int, imageWidth: Int
    /// Height and width of a patch.
    public let patchHeight: Int, patchWidth: Int

    /// A geometry whose patches tile the image exactly.
    public init(channels: Int, imageHeight: Int, imageWidth: Int, patchHeight: Int, patchWidth: Int) {
        precondition(
            channels > 0 && patchHeight > 0 && patchWidth > 0 && imageHeight % patchHeight == 0
                && imageWidth % patchWidth == 0, "patches must tile the image")
        self.channels = channels
        self.imageHeight = imageHeight
        self.imageWidth = imageWidth
        self.patchHeight = patchHeight
        self.patchWidth = patchWidth
    }

    /// Patches in a row of the patch grid.
    public var gridWidth: Int { imageWidth / patchWidth }
    /// Patches in an image.
    public var patchCount: Int { (imageHeight / patchHeight) * gridWidth }
    /// Pixels, of all channels, in a patch.
    public var patchPixels: Int { channels * patchHeight * patchWidth }
    /// Pixels, of all channels, in an image.
    public var imagePixels: Int { channels * imageHeight * imageWidth }
}
