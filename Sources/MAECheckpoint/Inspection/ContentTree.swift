import MAEFormats

/// What a file holds, as an outline for people: keys, modules, settings and tensors, as far as fits a screen.
public struct ContentTree: Sendable {
    /// One line of the outline.
    public struct Node: Sendable, Hashable {
        /// Containers around it.
        public let depth: Int
        /// The way to it, as ``FileModel/key``; empty for the file itself.
        public let key: String
        /// Its own name: the last part of the key.
        public let name: String
        /// What it is, such as `58 tensors, 447,000 bytes`.
        public let summary: String
    }

    /// The lines, outer before inner, in the order of the file.
    public private(set) var nodes: [Node] = []

    /// Deepest nesting that is shown.
    private static let maximumDepth = 4
    /// Most lines inside one container.
    private static let maximumChildren = 24
    /// Most lines in all.
    private static let maximumNodes = 200

    /// The outline of a file that was read.
    init(_ file: WeightFile) {
        switch file {
        case .safetensors(let file, _):
            let tensors = file.entries.map { (key: $0.name, tensor: $0.tensor) }
            add(Part(key: "", name: ""), Self.summary(tensors), depth: 0)
            addGroups(of: tensors, in: "", depth: 1)
        case .torch(let file, _):
            add(file.root, Part(key: "", name: ""), depth: 0)
        }
    }

    /// Where a value is.
    private struct Part {
        let key: String
        let name: String

        func child(_ name: String) -> Part { Part(key: key.isEmpty ? name : key + "." + name, name: name) }
    }

    private mutating func add(_ part: Part, _ summary: String, depth: Int) {
        nodes.append(Node(depth: depth, key: part.key, name: part.name.shortName, summary: summary))
    }

    /// Adds a value and what is inside it, which ends at ``maximumDepth`` in cycles too.
    private mutating func add(_ value: PickleValue, _ part: Part, depth: Int) {
        guard nodes.count < Self.maximumNodes else { return }
        if let modules = value.object?.childModules, value.attribute("_modules") != nil {
            let name = value.object?.className ?? "a module"
            add(part, "\(name), a module with \(modules.count) inside", depth: depth)
            addChildren(modules.map { ($0.name, .object($0.module)) }, of: part, depth: depth)
            return
        }
        guard let entries = Self.entries(of: value) else {
            add(part, Self.summary(value), depth: depth)
            return addChildren(Self.models(in: value), of: part, depth: depth)
        }
        let tensors = entries.tensors.map { (key: Self.name(of: $0.key), tensor: $0.value.tensor) }
        if tensors.count * 2 > entries.count {
            add(part, Self.summary(tensors), depth: depth)
            addGroups(of: tensors, in: part.key, depth: depth + 1)
        } else {
            add(part, Self.summary(value), depth: depth)
            addChildren(entries.lazy.map { (Self.name(of: $0.key), $0.value) }, of: part, depth: depth)
        }
    }

    private mutating func addChildren(
        _ children: some Collection<(String, PickleValue)>, of part: Part, depth: Int
    ) {
        guard depth < Self.maximumDepth else { return }
        for (name, value) in children.prefix(Self.maximumChildren) { add(value, part.child(name), depth: depth + 1) }
        addRest(children.count - Self.maximumChildren, of: part, depth: depth + 1)
    }

    /// Adds the tensors of a dictionary by the first word of their keys.
    private mutating func addGroups(of tensors: [(key: String, tensor: CheckpointTensor)], in key: String, depth: Int) {
        var groups: [(name: String, tensors: [(key: String, tensor: CheckpointTensor)])] = []
        var positions: [String: Int] = [:]
        for entry in tensors {
            let name = entry.key.split(separator: ".").first.map(String.init) ?? entry.key
            if let position = positions[name] {
                groups[position].tensors.append(entry)
            } else {
                positions[name] = groups.count
                groups.append((name, [entry]))
            }
        }
        let part = Part(key: key, name: "")
        for group in groups.prefix(Self.maximumChildren) {
            add(part.child(group.name), Self.summary(group.tensors), depth: depth)
        }
        addRest(groups.count - Self.maximumChildren, of: part, depth: depth)
    }

    private mutating func addRest(_ count: Int, of part: Part, depth: Int) {
        if count > 0 { add(Part(key: part.key, name: "…"), "\(count) more", depth: depth) }
    }

    /// The named values inside a dictionary, or an object's attributes.
    private static func entries(of value: PickleValue) -> PickleDictionary? {
        switch value {
        case .dictionary(let dictionary): dictionary
        case .object(let object): object.entries.isEmpty ? object.state?.dictionary : object.entries
        default: nil
        }
    }

    private static func name(of key: PickleValue) -> String {
        key.string ?? key.int.map(String.init) ?? "(\(key.kind))"
    }

    /// What may be a model among the elements of a list, which may hold a data set.
    private static func models(in value: PickleValue) -> [(String, PickleValue)] {
        guard let elements = value.sequence else { return [] }
        return elements.prefix(maximumChildren).enumerated().compactMap { position, element in
            switch element {
            case .dictionary, .object: (String(position), element)
            default: nil
            }
        }
    }

    private static func summary(_ tensors: [(key: String, tensor: CheckpointTensor)]) -> String {
        if tensors.count == 1, let tensor = tensors.first?.tensor { return "\(tensor.dtype.rawValue) \(tensor.shape)" }
        let bytes = tensors.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.byteWidth }
        return "\(tensors.count) tensors, \(bytes) bytes"
    }

    private static func summary(_ value: PickleValue) -> String {
        switch value {
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let text): "'\(text.shortName)'"
        case .dictionary(let dictionary): "a dictionary of \(dictionary.count)"
        case .list(let elements): "a list of \(elements.count)"
        case .tuple(let elements): "a tuple of \(elements.count)"
        case .set(let elements): "a set of \(elements.count)"
        case .tensor(let tensor): "\(tensor.tensor.dtype.rawValue) \(tensor.tensor.shape)"
        default: value.number.map { "\($0.double)" } ?? value.kind
        }
    }
}
