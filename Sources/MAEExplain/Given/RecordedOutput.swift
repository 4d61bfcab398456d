import MAETensor

/// An encoder output that a person's own program saved.
public struct RecordedOutput: Sendable {
    /// What its shape says it is.
    public enum Form: Sendable, Hashable {
        /// (B, T, H): the layer norm's tokens, CLS first, the others by ascending noise.
        case tokens
        /// (B, H): one vector an image, such as the mean over its tokens.
        case vectors
    }

    /// What it is called in reports: the file's name, with the key where the file holds several.
    public internal(set) var label: String
    /// The file.
    public let path: String
    /// The way to it in the file, such as `encoder_layernorm_1`; empty for a file with one array.
    public let key: String
    /// The values as fp32, (B, T, H) or (B, H).
    public let values: Tensor

    /// Nil for shapes that no output has.
    init?(path: String, key: String, _ values: Tensor) {
        guard values.shape.count == 2 || values.shape.count == 3, values.count > 0 else { return nil }
        label = key.isEmpty ? path : "\(path)#\(key)"
        self.path = path
        self.key = key
        self.values = values
    }

    /// What the shape says it is.
    public var form: Form { values.shape.count == 3 ? .tokens : .vectors }

    /// Number of images.
    public var images: Int { values.shape[0] }

    /// Number of tokens of an image; nil where only vectors were saved.
    public var tokens: Int? { form == .tokens ? values.shape[1] : nil }

    /// Length of a token.
    public var hidden: Int { values.shape[values.shape.count - 1] }
}
