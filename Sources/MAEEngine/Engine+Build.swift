extension Engine {
    /// The release that this code belongs to, as `CHANGELOG.md` lists it.
    public static let release = "0.1.0"

    /// The first 12 digits of the SHA-256 of the engine's sources: programs that share it compute with the same code.
    public static let digest = sourceDigest

    /// Names the code that computes, in results and reports: the release and ``digest``.
    public static let build = "mae-cluster \(release)+\(digest)"
}
