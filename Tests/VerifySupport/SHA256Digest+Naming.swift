import MAETensor

extension SHA256Digest {
    /// A digest that stands for a named thing.
    static func of(_ name: String) -> SHA256Digest { SHA256Digest(of: Array(name.utf8)) }
}
