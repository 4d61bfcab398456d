import MAEFormats

/// The models of a file of torch.save: pickled modules and weights alone, wherever they are.
///
/// Lightning stores weights under `state_dict`, facebookresearch/mae under `model`, others in dictionaries, tuples and lists of
/// any depth, next to a pickled module or in an attribute of one.
struct ModelSearch {
    /// A model before its tensors were looked at.
    private enum Content {
        case module(PickledModule)
        case weights(StateDictionary)
    }

    private var found: [Content] = []
    private var paths = ModelPaths()
    /// Which of them are kept by a module that does not register them as its own.
    private var kept: Set<Int> = []

    /// The first module that is in no other one, of whatever kind; nil without one.
    private(set) var firstModule: PickledModule?

    /// Steps on the paths to all models; files of people have some hundred.
    private var steps = 0
    /// Most of them that are followed: about a second of work.
    private static let mostSteps = 1 << 20

    /// Searches everything inside `root`.
    init(in root: PickleValue) {
        var scan = ModuleScan()
        root.walk(includesSettings: false) { visit in
            guard let id = visit.value.id else { return false }
            let content: Content?
            switch scan.role(of: visit.value, id) {
            case .outermostModule(let module):
                firstModule = firstModule ?? module
                content = .module(module)
            case .other: content = StateDictionary(of: visit.value).map(Content.weights)
            case .innerModule, .tableOfModules: return true
            case .tableOfTensors: return false
            }
            if let content {
                steps += visit.depth
                guard steps <= Self.mostSteps else { return false }
                if visit.containers.contains(where: scan.isModule) { kept.insert(found.count) }
                found.append(content)
                paths.add(visit, id)
            }
            return true
        } revisit: {
            paths.add($0)
        }
    }

    /// The models, in the order of the file.
    ///
    /// Throws ``CheckpointError/Code/overBudget`` for modules too many or deep for any model.
    func candidates(path: String) throws(CheckpointError) -> [ModelCandidate] {
        guard steps <= Self.mostSteps else {
            throw CheckpointError(
                .overBudget, path: path,
                "holds so many dictionaries of weights so deep inside each other that no program wrote it. Save the state dict "
                    + "of the model by itself.")
        }
        var candidates: [ModelCandidate] = []
        for (index, content) in found.enumerated() {
            let place = ModelCandidate.Place(names: paths.names[index], isKept: kept.contains(index))
            switch content {
            case .weights(let weights):
                candidates += ModelCandidate.split(place, entries: weights.entries, unread: weights.unread)
            case .module(let module):
                let (entries, unread) = try module.tensors(path: path)
                candidates += ModelCandidate.split(place, entries: entries, unread: unread, module: module)
            }
        }
        return candidates
    }
}

/// What the containers and objects of a file are to the modules in it, told while a walk goes from outer to inner ones.
private struct ModuleScan {
    enum Role {
        case outermostModule(PickledModule)
        case innerModule
        /// The `_modules` of a module.
        case tableOfModules
        /// The `_parameters` or `_buffers` of a module.
        case tableOfTensors
        case other
    }

    private var modules: Set<PickleID> = []
    private var inner: Set<PickleID> = []
    private var tablesOfModules: Set<PickleID> = []
    private var tablesOfTensors: Set<PickleID> = []

    func isModule(_ id: PickleID) -> Bool { modules.contains(id) }

    /// What a value is; notes what is inside when it is a module.
    mutating func role(of value: PickleValue, _ id: PickleID) -> Role {
        if tablesOfTensors.contains(id) { return .tableOfTensors }
        if tablesOfModules.contains(id) { return .tableOfModules }
        guard let object = value.object, let table = object.attribute("_modules"), table.namedEntries != nil else {
            return .other
        }
        modules.insert(id)
        if let table = table.id { tablesOfModules.insert(table) }
        for name in ["_parameters", "_buffers"] {
            if let table = object.attribute(name)?.id { tablesOfTensors.insert(table) }
        }
        for child in object.childModules { inner.insert(child.module.id) }
        return inner.contains(id) ? .innerModule : .outermostModule(PickledModule(object))
    }
}
