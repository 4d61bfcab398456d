import MAECheckpoint

/// A file or directory that a person wants explained, as it was named.
public struct GivenFile: Sendable, Hashable {
    /// The path, and the key of one of several models or outputs in it.
    public let reference: CheckpointReference
    /// The mask ratio that the person's program sets after loading it; nil for what the checkpoint says.
    public let maskRatio: Double?

    /// Names a file.
    public init(_ reference: CheckpointReference, maskRatio: Double? = nil) {
        self.reference = reference
        self.maskRatio = maskRatio
    }
}
