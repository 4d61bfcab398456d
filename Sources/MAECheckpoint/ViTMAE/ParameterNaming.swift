import MAETensor

/// The parameters of a ViT-MAE found among the keys of a file.
///
/// All dialects are recognized, behind any prefix that a wrapper puts in front of every key (`model.`, `module.` and so on),
/// and with the names of wrappers inside, in all keys or in some (``WrappedKey``). The prefix is the one behind which most
/// keys are recognized.
struct ParameterNaming {
    /// Where a canonical parameter lies.
    struct Source: Hashable {
        /// The key in the file.
        let key: String
        /// Which of `fusedCount` equal blocks of rows it is.
        let fusedIndex: Int
        /// 1 for a tensor of its own, 3 for query, key and value in one.
        let fusedCount: Int
    }

    /// What stands in front of every recognized key, such as `model.`; often empty.
    let prefix: String
    /// The same without the names of wrappers.
    private let plainPrefix: String
    /// The dialects that fit all recognized keys; empty when the file mixes them.
    let dialects: Set<ParameterDialect>
    /// The places of the parameters, by canonical name.
    let sources: [String: Source]
    /// Keys that are no parameter of the model, in the order of the file.
    let unexpected: [String]
    /// Those of the unexpected keys that take part in what the model computes, so that it is no ViT-MAE, in
    /// ``TensorOrder``.
    let leftOver: [String]
    /// The parts of the model in which something was recognized, such as `blocks.`.
    let homes: Set<String>
    /// Keys of tensors that cannot be read and that take part, parameters or not; in ``TensorOrder``.
    let unreadable: [String]
    /// Canonical parameters that several keys claim to hold, with those keys.
    let duplicates: [String: [String]]

    /// The dialect of the file; nil when it mixes several.
    var dialect: ParameterDialect? { ParameterDialect.allCases.first(where: dialects.contains) }

    /// Whether nothing at all was recognized.
    var isEmpty: Bool { sources.isEmpty && unreadable.isEmpty }

    /// How much of a ViT-MAE was recognized: the number of parameters, those included that cannot be read.
    var score: Int { sources.count + unreadable.count }

    /// Looks for parameters among `keys`, which are in the order of the file.
    ///
    /// `unreadKeys` are those of tensors in a form that is not read; they count as keys, but give no parameter.
    init(keys: [String], unreadKeys: [String] = []) {
        let readings = keys.map(Self.recognize)
        let prefix = Self.commonPrefix(of: readings + unreadKeys.map(Self.recognize))
        var fronts: [String: Int] = [:]
        var recognizedKeys: [RecognizedKey] = []
        var dialects = Set(ParameterDialect.allCases)
        var sources: [String: Source] = [:]
        var duplicates: [String: [String]] = [:]
        var unexpected: [String] = []
        for (key, reading) in zip(keys, readings) {
            let wrapped = WrappedKey(key)
            // Behind the shortest prefix it was recognized already.
            let recognized =
                if let reading, reading.prefix == prefix {
                    reading.recognized
                } else if wrapped.plain.hasPrefix(prefix) {
                    RecognizedKey(wrapped.plain.dropFirst(prefix.count))
                } else {
                    nil as RecognizedKey?
                }
            guard let recognized else {
                unexpected.append(key)
                continue
            }
            recognizedKeys.append(recognized)
            fronts[wrapped.front(of: prefix), default: 0] += 1
            dialects.formIntersection(recognized.dialects)
            for (index, canonical) in recognized.canonical.enumerated() {
                let source = Source(key: key, fusedIndex: index, fusedCount: recognized.canonical.count)
                if let earlier = sources.updateValue(source, forKey: canonical) {
                    duplicates[canonical, default: [earlier.key]].append(key)
                }
            }
        }
        plainPrefix = prefix
        self.prefix = fronts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? prefix
        self.dialects = sources.isEmpty ? [] : dialects
        self.sources = sources
        self.duplicates = duplicates
        self.unexpected = unexpected
        let unread = unreadKeys.compactMap { key in Self.local(key, behind: prefix).map { (key: key, local: $0) } }
        let places = LeftOverKeys(recognized: recognizedKeys + unread.compactMap { RecognizedKey($0.local) })
        homes = places.homes
        leftOver = TensorOrder.sorted(
            unexpected.filter { Self.local($0, behind: prefix).map(places.takesPart) ?? false }
                + Self.continuations(of: sources, among: unexpected.filter { Self.local($0, behind: prefix) == nil }))
        unreadable = TensorOrder.sorted(
            unread.filter { RecognizedKey($0.local) != nil || places.takesPart($0.local) }.map(\.key))
    }

    /// A key or the name of a module from the model inside its wrappers on; nil for one outside of the model.
    func local(_ key: String) -> Substring? { Self.local(key, behind: plainPrefix) }

    private static func local(_ key: String, behind prefix: String) -> Substring? {
        let plain = WrappedKey.plain(key[...])
        return plain.hasPrefix(prefix) ? plain.dropFirst(prefix.count) : nil
    }

    /// Keys of parameters that a model of this layout does not have, in ``TensorOrder``.
    func keys(beyond layout: ParameterLayout) -> [String] {
        let names = Set(layout.parameters.map(\.name))
        return TensorOrder.sorted(Set(sources.filter { !names.contains($0.key) }.map(\.value.key)))
    }

    /// Keys of one stack behind one prefix.
    private struct Group {
        /// The first block they belong to.
        var first = Int.max
        var keys: [String] = []

        mutating func append(_ key: String, of block: Int) {
            first = min(first, block)
            keys.append(key)
        }
    }

    /// Keys of other dictionaries that hold the blocks after the last one of this model, and none before it.
    func continuations(among keys: [String]) -> [String] { Self.continuations(of: sources, among: keys) }

    /// Keys behind other prefixes that hold the blocks after the last one of `sources`, and none before it: the rest of the
    /// same stack, as pipelines part it, where a whole model of its own begins with block 0.
    private static func continuations(of sources: [String: Source], among keys: [String]) -> [String] {
        guard !keys.isEmpty else { return [] }
        var counts: [ParameterLayout.Part: Int] = [:]
        for layer in sources.keys.compactMap(LayerName.init(canonical:)) {
            counts[layer.part] = max(counts[layer.part] ?? 0, layer.index + 1)
        }
        var groups: [String: [ParameterLayout.Part: Group]] = [:]
        for key in keys {
            guard let (prefix, recognized) = recognize(key), let name = recognized.canonical.first,
                let layer = LayerName(canonical: name), counts[layer.part] != nil
            else { continue }
            groups[prefix, default: [:]][layer.part, default: Group()].append(key, of: layer.index)
        }
        return groups.values.flatMap { parts in
            parts.flatMap { part, group in group.first >= counts[part] ?? 0 ? group.keys : [] }
        }
    }

    /// The shortest prefix behind which a key without the names of wrappers is recognized, and as what.
    static func recognize(_ key: String) -> (prefix: String, recognized: RecognizedKey)? {
        let key = WrappedKey.plain(key[...])
        var start = key.startIndex
        for _ in 0..<maximumWrapperDepth {
            if let recognized = RecognizedKey(key[start...]) { return (String(key[..<start]), recognized) }
            guard let point = key[start...].firstIndex(of: ".") else { return nil }
            start = key.index(after: point)
        }
        return nil
    }

    /// The prefix, without the names of wrappers, behind which most keys were recognized; the shorter, then the first in the
    /// alphabet, of equal ones.
    private static func commonPrefix(of readings: [(prefix: String, recognized: RecognizedKey)?]) -> String {
        var votes: [String: Int] = [:]
        for case let reading? in readings { votes[reading.prefix, default: 0] += 1 }
        let best = votes.max { one, other in
            (one.value, other.key.count, other.key) < (other.value, one.key.count, one.key)
        }
        return best?.key ?? ""
    }

    /// Most wrappers around a model that are looked through.
    private static let maximumWrapperDepth = 16
}
