/// The first layer at which two observations part.
enum FirstLayer {
    /// Says where `left` and `right` part, as evidence; empty when per-layer digests are missing on a side.
    static func evidence(_ left: Observation, _ right: Observation) -> [String] {
        guard let mine = left.layers, let theirs = right.layers, !mine.isEmpty else { return [] }
        let common = zip(mine, theirs).prefix { $0.name == $1.name }
        guard let index = common.enumerated().first(where: { $1.0.digest != $1.1.digest }) else {
            return [
                "No layer differs that digests were taken of: the difference arises after `\(mine.last?.name ?? "")`."
            ]
        }
        let before = index.offset == 0 ? "it is the first one" : "the \(index.offset) before it agree bit for bit"
        return ["The first differing layer is `\(index.element.0.name)`; \(before)."]
    }
}
