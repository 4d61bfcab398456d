import MAECheckpoint
import MAEDomain
import MAEFiles
import MAEText
import Yams

/// Values of a plan, and what they are on a command line.
enum NightValue {
    /// What is wrong with a value.
    struct Fault: Error {
        /// Its line, where it is not that of the key.
        let line: Int?
        let message: String

        init(_ message: String, line: Int? = nil) { (self.message, self.line) = (message, line) }
    }

    /// All that is wrong with a value.
    struct Faults: Error {
        let all: [Fault]
    }

    /// Words of a command line that come of one entry of a value.
    struct Part {
        let words: [String]
        /// The line of the entry, where it is not that of the key.
        let line: Int?

        /// How well the words fit a message; nil where it does not tell the path that they name.
        func mention(in message: String) -> Mention? {
            words.compactMap { word in
                // Behind a way of loading and in front of a key: full@mask_ratio=0.5=/models/model.pth#ema.
                guard let path = word.firstIndex(of: "/").map({ word[$0...].prefix { $0 != "#" } }),
                    message.contains(path)
                else { return nil }
                let place = message.firstRange(of: word)?.lowerBound
                return Mention(
                    length: path.count, place: place.map { message.distance(from: message.startIndex, to: $0) })
            }.max()
        }
    }

    /// How a message tells a path of the plan.
    struct Mention: Comparable {
        /// Characters of the path: a message that tells a longer one is not about what begins alike.
        let length: Int
        /// Where the word stands in the message, with the way of loading in front of the path; nil where the path alone is told.
        let place: Int?

        static func < (one: Mention, other: Mention) -> Bool {
            if one.length != other.length { return one.length < other.length }
            // What is at fault is told before what would be right.
            return (one.place ?? .max) > (other.place ?? .max)
        }
    }

    /// Reads values; relative paths count from a folder.
    struct Reader {
        let folder: String

        /// The words of a command line that say the same: the flag with its value, the flag alone, or none; a list of ways of loading has
        /// a part for each.
        func parts(_ node: Node, for setting: NightSetting) throws(Faults) -> [Part] {
            switch setting.kind {
            case .nodes:
                let names = try each(of: node, "a list of names, as in [node1, node2]") { entry throws(Fault) in
                    try self.node(entry)
                }.map(\.value)
                if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
                    throw Faults(all: [Fault("\(names[twice]): this node is named twice")])
                }
                return [Part(words: NightValue.option(setting.flag, names.joined(separator: ",")), line: nil)]
            case .methods:
                let methods = try each(of: node, "a list of ways of loading, \(Self.methodRule)") {
                    entry throws(Fault) in
                    try method(entry)
                }
                return methods.map { Part(words: NightValue.option(setting.flag, $0.value), line: $0.line) }
            default:
                do throws(Fault) {
                    return [Part(words: try word(node, for: setting), line: nil)]
                } catch { throw Faults(all: [error]) }
            }
        }

        private static let methodRule = "each as in `- pretrained: PATH`"

        /// What a value that is no list is on a command line.
        private func word(_ node: Node, for setting: NightSetting) throws(Fault) -> [String] {
            guard case .yesOrNo(let flagMeans) = setting.kind else {
                return NightValue.option(setting.flag, try scalar(NightValue.text(node), setting.kind))
            }
            guard let value = node.bool else { throw Fault("\(NightValue.shown(node)): true or false") }
            return value == flagMeans ? [setting.flag] : []
        }

        /// What `read` makes of the entries of a list that is not empty, with their lines.
        private func each(
            of node: Node, _ rule: String, _ read: (Node) throws(Fault) -> String
        ) throws(Faults) -> [(value: String, line: Int?)] {
            guard case .sequence(let sequence) = node, !sequence.isEmpty else {
                throw Faults(all: [Fault("\(NightValue.shown(node)): \(rule)")])
            }
            var values: [(value: String, line: Int?)] = []
            var faults: [Fault] = []
            for entry in sequence {
                do throws(Fault) {
                    values.append((try read(entry), entry.mark?.line))
                } catch { faults.append(Fault(error.message, line: entry.mark?.line)) }
            }
            guard faults.isEmpty else { throw Faults(all: faults) }
            return values
        }

        /// The value as the option takes it.
        private func scalar(_ text: String, _ kind: NightSetting.Kind) throws(Fault) -> String {
            func require(_ isRight: Bool, _ rule: String) throws(Fault) -> String {
                guard isRight else { throw Fault("\(text): \(rule)") }
                return text
            }
            let number = Double(text)
            switch kind {
            case .name:
                return try require(
                    text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/) != nil,
                    "up to 64 letters, digits, dots, dashes and underscores, of which the first is a letter or a digit")
            case .text: return text
            case .address:
                return try require(
                    text.hasPrefix("https://") || text.hasPrefix("http://"),
                    "an address begins with https:// or http://")
            case .path: return absolute(text)
            case .output:
                let unknown = text.matches(of: /\{[^{}]*\}/).map { String($0.output) }.first { name in
                    !["{run}", "{date}"].contains(name)
                }
                guard unknown == nil else {
                    throw Fault("\(text): {run} and {date} are known, \(unknown ?? "") is not")
                }
                return absolute(text)
            case .count(let range):
                return try require(
                    Int(text).map(range.contains) ?? false,
                    "a whole number from \(range.lowerBound) to \(range.upperBound)")
            case .seed:
                return try require(
                    UInt64(text) != nil || Int64(text) != nil, "a whole number from -2^63 to 2^64 - 1")
            case .number(let bottom, let top):
                return try require(
                    number.map { $0 > bottom && $0 <= top } ?? false,
                    "a number above \(NumberText.short(bottom)), at most \(NumberText.short(top))")
            case .tolerance:
                return try require(
                    Float(text).map { $0.isFinite && $0 >= 0 } ?? false, "a number from 0 on, and finite")
            case .fraction: return try require(number.map { $0 >= 0 && $0 < 1 } ?? false, "a number from 0 to below 1")
            case .noise:
                guard text.hasPrefix("file="), text.count > 5 else {
                    return try require(["shared", "sequential"].contains(text), "shared, sequential or file=F.npy")
                }
                return "file=" + absolute(String(text.dropFirst(5)))
            case .yesOrNo, .nodes, .methods: return text
            }
        }

        /// The name of a node.
        private func node(_ entry: Node) throws(Fault) -> String {
            let name = try NightValue.text(entry)
            guard NodeID(name) != nil, !name.contains(","), name.wholeMatch(of: /\S(.*\S)?/) != nil else {
                throw Fault("\(name): this is no name of a node")
            }
            return name
        }

        /// A way of loading as `--method` takes it, of `kind: path`.
        private func method(_ entry: Node) throws(Fault) -> String {
            guard case .mapping(let pairs) = entry, pairs.count == 1, let pair = pairs.first,
                let kind = pair.key.scalar?.string
            else { throw Fault("\(NightValue.shown(entry)): a way of loading with a path, \(Self.methodRule)") }
            try NightValue.requireKind(kind)
            guard let place = pair.value.scalar?.string, !place.isEmpty else {
                throw Fault("\(kind): a path is missing, \(Self.methodRule)")
            }
            return "\(kind)=\(checkpoint(place))"
        }

        /// A path from the plan's folder on; a model of the hub cache keeps its name where nothing of that name is there.
        private func checkpoint(_ text: String) -> String {
            let path = absolute(text)
            let isHere = FileSystem.isThere(CheckpointReference(path).path)
            return !isHere && HubCache.isModelName(CheckpointReference(text).path) ? text : path
        }

        private func absolute(_ text: String) -> String {
            guard !text.hasPrefix("/") else { return text }
            let path = text.hasPrefix("./") ? text.dropFirst(2) : text[...]
            return folder == "/" ? "/\(path)" : "\(folder)/\(path)"
        }
    }

    /// A flag with its value; in one word where the value would be taken for a flag.
    private static func option(_ flag: String, _ value: String) -> [String] {
        value.hasPrefix("-") ? ["\(flag)=\(value)"] : [flag, value]
    }

    /// A single value that is not empty.
    private static func text(_ node: Node) throws(Fault) -> String {
        guard case .scalar(let scalar) = node else { throw Fault("one value is wanted, and this is \(shown(node))") }
        guard !scalar.string.isEmpty else { throw Fault("has no value: give one, or leave the key out") }
        return scalar.string
    }

    /// Throws for what is no way of loading, `kind` or `kind@mask_ratio=R`.
    private static func requireKind(_ text: String) throws(Fault) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let kinds = LoadingMethod.Kind.allCases.map(\.rawValue)
        guard kinds.contains(String(parts[0])) else {
            throw Fault(
                "\(text): no such way of loading\(NearestWord.advice(String(parts[0]), among: kinds)) "
                    + "There are \(NumberText.list(kinds)).")
        }
        guard parts.count > 1 else { return }
        let ratio = parts[1].hasPrefix("mask_ratio=") ? Double(parts[1].dropFirst("mask_ratio=".count)) : nil
        guard let ratio, ratio >= 0, ratio < 1 else {
            throw Fault("\(text): as in \(parts[0])@mask_ratio=0.75, from 0 to below 1")
        }
    }

    /// A value as a message shows it.
    private static func shown(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : scalar.string
        case .sequence: "a list"
        case .mapping: "lines `key: value`"
        case .alias: "an alias"
        }
    }
}
