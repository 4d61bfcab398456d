import MAEFormats

/// A `torch.nn.Module` of a pickle: its parameters, buffers and modules inside, none of which was ever executed.
struct PickledModule {
    /// A module met on the way through the tree, and its name from the outermost one.
    struct Place {
        let module: PickleObject
        let prefix: String
        let depth: Int
    }

    /// A module that is in no other one, and the names on the way to it.
    typealias Outermost = (way: [String], module: PickledModule)

    /// Most modules that are visited: shared ones count each time, so that a hostile graph ends.
    private static let maximumModuleCount = 1 << 16
    /// Deepest nesting of modules.
    private static let maximumDepth = 64

    private let root: PickleObject

    /// The class of the outermost module, such as `__main__.TransformerModel`.
    var className: String? { root.className }

    /// The modules that are in no other module, with the way to each, in the order of the file.
    static func outermost(in value: PickleValue) -> [Outermost] {
        var modules: [Outermost] = []
        value.walk(includesSettings: false) { visit in
            guard let object = visit.value.object, object.attribute("_modules")?.namedEntries != nil else {
                return true
            }
            modules.append((visit.path.names, PickledModule(root: object)))
            return false
        }
        return modules
    }

    /// Number of parameters of a ViT-MAE in it.
    var recognizedCount: Int {
        guard let (entries, unread) = try? tensors(path: "") else { return 0 }
        return ParameterNaming(keys: entries.map(\.key), unreadKeys: unread.map(\.key)).score
    }

    /// The tensors under the names of `state_dict()`, in its order, and those that are not read.
    ///
    /// Throws ``CheckpointError/Code/overBudget`` for a graph too large or deep for any model.
    func tensors(
        path: String
    ) throws(CheckpointError) -> (entries: [RawCheckpoint.Entry], unread: [RawCheckpoint.Unread]) {
        var entries: [RawCheckpoint.Entry] = []
        var unread: [RawCheckpoint.Unread] = []
        try visit(path: path) { place in
            for table in ["_parameters", "_buffers"] {
                for (name, value) in place.module.attribute(table)?.namedEntries ?? [] {
                    let key = place.prefix + name
                    if let tensor = value.tensor {
                        entries.append(.init(key: key, tensor: tensor.tensor, storageKey: tensor.storageKey))
                    } else if let tensor = RawCheckpoint.Unread(key: key, value: value) {
                        unread.append(tensor)
                    }
                }
            }
        }
        return (entries, unread)
    }

    /// The configuration that the model computes with; `prefix` is in front of its modules where there are several models.
    ///
    /// Masking reads the ratio from the configuration of the embeddings, so that is taken before one further out.
    func configurationSource(path: String, behind prefix: String = "") -> ConfigurationSource? {
        var found: [(rank: Int, configuration: PickleObject)] = []
        // A graph over the budget was refused when its tensors were read.
        try? visit(path: path) { place in
            guard WrappedKey.plain(place.prefix[...]).hasPrefix(prefix),
                let object = place.module.attribute("config")?.object, PickledConfiguration.isViTMAE(object)
            else { return }
            let name = place.module.className ?? ""
            // The decoder's own copy has the decoder's sizes in place of the encoder's.
            let rank =
                if name.hasSuffix("ViTMAEEmbeddings") { 0 } else if name.hasSuffix("ViTMAEForPreTraining") {
                    1
                } else if name.hasSuffix("ViTMAEModel") {
                    2
                } else if place.module.attribute("_modules")?.dictionary?["embeddings"] != nil {
                    3
                } else if place.module.attribute("_modules")?.dictionary?["vit"] != nil { 4 } else { 5 }
            if rank < 5 { found.append((rank, object)) }
        }
        return found.min { $0.rank < $1.rank }.map { PickledConfiguration.source($0.configuration, path: path) }
    }

    /// All modules, outer before inner, in the order of the file.
    func places(path: String) throws(CheckpointError) -> [Place] {
        var places: [Place] = []
        try visit(path: path) { places.append($0) }
        return places
    }

    private func visit(path: String, _ body: (Place) -> Void) throws(CheckpointError) {
        var pending = [Place(module: root, prefix: "", depth: 0)]
        var visited = 0
        while let place = pending.popLast() {
            visited += 1
            guard visited <= Self.maximumModuleCount, place.depth <= Self.maximumDepth else {
                throw CheckpointError(
                    .overBudget, path: path, place: place.prefix,
                    "the model has more than \(Self.maximumModuleCount) modules, or nests them deeper than "
                        + "\(Self.maximumDepth). The file is damaged or hostile.")
            }
            body(place)
            for (name, module) in place.module.childModules.reversed() {
                pending.append(Place(module: module, prefix: place.prefix + name + ".", depth: place.depth + 1))
            }
        }
    }
}
