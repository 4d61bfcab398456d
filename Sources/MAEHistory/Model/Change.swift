/// Something that was otherwise in the night before.
public struct Change: Sendable, Hashable {
    /// Index of the night among those of its series.
    public let night: Int
    /// What changed, such as `kernel`, `engine build`, `checkpoint`, `weights`, `layer_norm_eps` or `seed`.
    public let what: String
    /// Where: a path, or a method; nil for what concerns a machine or the whole run.
    public let subject: String?
    /// What it was before and is now; nil for what was not set.
    public let from: String?, to: String?
    /// The nodes that it was seen on; empty for what concerns the whole run.
    public internal(set) var nodes: [String]

    /// The change without its nodes: what several nodes may share.
    struct Key: Hashable {
        let what: String
        let subject, from, to: String?
    }

    init(_ key: Key, night: Int, nodes: [String]) {
        (what, subject, from, to) = (key.what, key.subject, key.from, key.to)
        (self.night, self.nodes) = (night, nodes)
    }
}
