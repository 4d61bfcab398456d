/// What a file's name says when transformers gave it: `model.fp16.safetensors`, `pytorch_model-00001-of-00002.bin`.
struct WeightName {
    /// The name.
    let text: String
    /// The name of an unsharded file without a variant.
    let plain: String
    /// The variant, such as `fp16`; nil for the usual weights.
    let variant: String?
    /// The number of the shard and how many there are; nil for a whole file.
    let shard: (number: Int, count: Int)?

    /// Reads a name; nil for any other file.
    init?(_ name: String) {
        for (stem, ending) in [("model", ".safetensors"), ("pytorch_model", ".bin")] {
            guard name.hasPrefix(stem), name.hasSuffix(ending), name.utf8.count >= stem.utf8.count + ending.utf8.count
            else { continue }
            var variant: String?
            var shard: (number: Int, count: Int)?
            // The variant stands in front of the shard's number in newer files and behind it in older ones.
            for part in Self.parts(name.dropFirst(stem.count).dropLast(ending.count)) {
                if part.hasPrefix("-"), let found = Self.shard(part), shard == nil {
                    shard = found
                } else if part.hasPrefix("."), part.count > 1, variant == nil {
                    variant = String(part.dropFirst())
                } else {
                    return nil
                }
            }
            self.init(text: name, plain: stem + ending, variant: variant, shard: shard)
            return
        }
        return nil
    }

    private init(text: String, plain: String, variant: String?, shard: (number: Int, count: Int)?) {
        self.text = text
        self.plain = plain
        self.variant = variant
        self.shard = shard
    }

    /// The name of the index that shards of this name belong to, in the usual variant.
    var index: String { plain + ".index.json" }

    /// The name of the index of this variant.
    var variantIndex: String { variant.map { "\(plain).index.\($0).json" } ?? index }

    /// The pieces of what stands between stem and ending, each with its `.` or the `-` of a number in front.
    private static func parts(_ text: Substring) -> [Substring] {
        var parts: [Substring] = []
        var rest = text
        while let first = rest.first {
            // The number of a shard has dashes of its own.
            let end = rest.dropFirst().firstIndex { $0 == "." || (first == "." && $0 == "-") } ?? rest.endIndex
            parts.append(rest[..<end])
            rest = rest[end...]
        }
        return parts
    }

    /// The numbers of `-00001-of-00002`.
    private static func shard(_ text: Substring) -> (number: Int, count: Int)? {
        let words = text.dropFirst().split(separator: "-", omittingEmptySubsequences: false)
        guard words.count == 3, words[1] == "of", let number = Int(words[0]), let count = Int(words[2]),
            (1...ShardIndex.maximumShardCount).contains(count), (1...count).contains(number)
        else { return nil }
        return (number, count)
    }
}
