import MAEFormats

/// What the modules of a pickled model say about its computation, in addition to their parameters.
///
/// PyTorch computes with the modules, whatever the pickled configuration says: somebody may have changed them after they
/// were built. Values that all modules agree on go before the configuration; what cannot be computed here is refused.
struct ModuleAudit {
    /// Something that modules say, and the first module that says it.
    struct Statement<Value: Hashable> {
        let value: Value
        let place: String
    }

    let path: String
    let naming: ParameterNaming
    /// The tensors by their keys inside the model, without the names of wrappers.
    let entries: [String: CheckpointTensor]
    /// Blocks of which a parameter was recognized.
    private let blocks: Set<BlockID>
    private(set) var activations: [Statement<HiddenActivation>] = []
    private(set) var epsilons: [Statement<Double>] = []
    private(set) var headCounts: [ParameterLayout.Part: [Statement<Int>]] = [:]
    /// Modules that draw random numbers in a forward pass, each with its probability.
    private(set) var randomModules: [String] = []
    /// Classes in the model whose code is neither PyTorch's nor a known ViT's, each with the first module of it.
    private(set) var foreignClasses: [Statement<String>] = []

    private struct BlockID: Hashable {
        let part: ParameterLayout.Part
        let index: Int
    }

    /// Looks at every module of `model`, whose tensors `raw` holds under the names that `naming` recognized.
    ///
    /// Throws ``CheckpointError/Code/unsupportedFormat``, naming the module, for what is not computed here.
    init(_ model: PickledModule, _ raw: RawCheckpoint, _ naming: ParameterNaming) throws(CheckpointError) {
        path = raw.path
        self.naming = naming
        entries = Dictionary(
            raw.entries.compactMap { entry in naming.local(entry.key).map { (String($0), entry.tensor) } }
        ) { first, _ in first }
        blocks = Set(
            naming.sources.keys.compactMap { name in
                LayerName(canonical: name).map { BlockID(part: $0.part, index: $0.index) }
            })
        for place in try model.places(path: path) {
            guard let local = naming.local(place.prefix) else { continue }
            try look(at: ModulePlace(place, local: String(local)))
        }
    }

    private mutating func look(at place: ModulePlace) throws(CheckpointError) {
        guard !place.isHead else { return }
        try rejectReplacedBehavior(of: place)
        noteRandomness(of: place)
        if let parameter = place.parameterModule { try lookAtLeaf(place, holding: parameter) }
        if place.holdsModel { noteClass(of: place) }
        guard let block = place.block, naming.homes.contains(block.home) else { return }
        if block.rest.isEmpty, !blocks.contains(BlockID(part: block.part, index: block.index)) {
            throw refusal(
                place,
                "is \(place.kind) where a block is expected. Leave the block out of the list, or put one there, "
                    + "and save the model again.")
        }
        noteClass(of: place)
        try lookAtActivation(place)
        try lookAtAttention(place, in: block.part)
    }

    mutating func note(_ activation: HiddenActivation, at place: String) {
        activations.append(Statement(value: activation, place: place))
    }

    mutating func note(epsilon: Double, at place: String) {
        epsilons.append(Statement(value: epsilon, place: place))
    }

    mutating func note(headCount: Int, of part: ParameterLayout.Part, at place: String) {
        headCounts[part, default: []].append(Statement(value: headCount, place: place))
    }

    mutating func note(random module: String) { randomModules.append(module) }

    mutating func note(foreignClass name: String, at place: String) {
        guard !foreignClasses.contains(where: { $0.value == name }) else { return }
        foreignClasses.append(Statement(value: name, place: place))
    }

    /// The error for a module that is not computed here.
    func refusal(_ place: ModulePlace, _ message: String) -> CheckpointError {
        CheckpointError(.unsupportedFormat, path: path, place: "module \(place.name)", message)
    }
}

/// A module on the way through a pickled model, seen from the model inside its wrappers.
struct ModulePlace {
    /// The name from the outermost module on; that module itself is `the model`.
    let name: String
    let module: PickleObject
    /// The name inside the model, with a point behind it.
    let local: Substring

    init(_ place: PickledModule.Place, local: String) {
        name = place.prefix.isEmpty ? "the model" : String(place.prefix.dropLast())
        module = place.module
        self.local = local[...]
    }

    /// The last part of the name, such as `fc1`.
    var lastWord: Substring { local.dropLast().split(separator: ".").last ?? "" }

    /// Whether it stands behind the model's output: a head of another task.
    var isHead: Bool {
        let first = local.prefix { $0 != "." }
        return ["head", "classifier", "fc_norm", "pooler"].contains(where: first.hasPrefix)
    }

    /// Whether its `forward` leads from the pixels to the blocks or from there on: the encoder, its embeddings, the decoder.
    var holdsModel: Bool {
        if local.isEmpty { return Self.holdsStack(module) }
        let words = local.dropLast().split(separator: ".")
        let inside = words.first == "vit" ? words.dropFirst() : words[...]
        guard let first = inside.first else { return true }
        return ["embeddings", "patch_embed", "encoder", "decoder"].contains(first) && block == nil
    }

    /// Whether a module has blocks next to what embeds the patches, as the encoder itself has.
    private static func holdsStack(_ module: PickleObject) -> Bool {
        let names = Set(module.childModules.map(\.name))
        return !names.isDisjoint(with: ["embeddings", "patch_embed"])
    }

    /// Whether it holds the module that belongs here, under the name of a wrapper.
    var isWrapper: Bool {
        module.childModules.contains { WrappedKey.wrappers.contains($0.name[...]) }
    }

    /// The block it lies in, or nil.
    var block: RecognizedKey.BlockPlace? { RecognizedKey.block(of: local) }

    /// The canonical name of the module whose `weight` it holds; nil for a module without parameters of a ViT-MAE.
    var parameterModule: String? {
        RecognizedKey(local + "weight").flatMap { $0.canonical.first }.map { String($0.dropLast(".weight".count)) }
    }

    /// The class, in words.
    var kind: String { module.className.map { "a \($0)" } ?? "an object of an unknown class" }

    /// Last part of the class's name, such as `LayerNorm`.
    var className: String { module.callable.global?.name ?? "" }

    /// An attribute that Python counts as a number.
    func number(_ name: String) -> Double? { module.attribute(name)?.number?.double }

    /// Whether the module was pickled in training mode.
    var isTraining: Bool { module.attribute("training")?.bool == true }
}
