extension Engine {
    /// Names the code that computes: the release, and the first digits of the digest of the engine's sources, which every
    /// program built from them shares.
    public static let build = "mae-cluster 0.1+\(sourceDigest)"
}
