import MAETensor

/// That some parameters of a run are others rounded to half precision, as found in the files themselves.
///
/// Digests say that parameters differ, and not how. The program that has both files looks into them and says so here.
public struct HalfPrecisionCopy: Sendable, Hashable {
    /// A type of half precision.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case float16, bfloat16
    }

    /// Digest over all parameters of the copy: each tensor that differs is the original's, rounded to nearest even.
    public var digest: SHA256Digest
    /// Digest over all parameters of the original.
    public var original: SHA256Digest
    /// The type they were rounded to.
    public var format: Format

    /// Says what was found.
    public init(digest: SHA256Digest, original: SHA256Digest, format: Format) {
        self.digest = digest
        self.original = original
        self.format = format
    }
}
