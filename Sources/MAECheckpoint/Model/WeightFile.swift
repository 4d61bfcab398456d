import MAEFiles
import MAEFormats

/// One file with weights, of whichever container its content shows.
enum WeightFile {
    case safetensors(SafetensorsFile, CheckpointFile)
    case torch(TorchFile, CheckpointFile)

    /// Opens the file at `path`; its content decides what it is, and only then its name what a broken file was meant to be.
    static func open(_ path: String) throws(CheckpointError) -> WeightFile {
        let file = try MappedFile(path: path)
        let facts = CheckpointFile(file)
        return try file.read { () throws(CheckpointError) in
            switch ContentKind(of: file.contents) {
            case .safetensors:
                return .safetensors(try SafetensorsFile(file), facts)
            case .unknown, .empty:
                guard path.hasSuffix(".safetensors") else { fallthrough }
                return .safetensors(try SafetensorsFile(file), facts)
            case .zip, .pickle, .other:
                return .torch(try TorchFile.read(file.contents, path: path), facts)
            }
        }
    }

    /// The file itself.
    var file: CheckpointFile {
        switch self {
        case .safetensors(_, let file), .torch(_, let file): file
        }
    }

    /// The container, as a fact to report.
    var container: CheckpointFormat.Container {
        switch self {
        case .safetensors: .safetensors
        case .torch(let torch, _): torch.format == .zipArchive ? .torchArchive : .torchLegacy
        }
    }

    /// Oddities seen while the file was read.
    private var fileFindings: [CheckpointFinding] {
        switch self {
        case .safetensors: []
        case .torch(let torch, _): torch.findings
        }
    }

    /// The records whose checksums are still to be verified.
    private var unverified: [UnverifiedRecord] {
        switch self {
        case .safetensors: []
        case .torch(let torch, _): torch.unverified
        }
    }

    /// A checkpoint of this one file, before its content was looked for.
    private func checkpoint(_ method: LoadingChoice) -> RawCheckpoint {
        RawCheckpoint(
            path: file.path, method: method, entries: [], contents: ContentTree(self), files: [file],
            format: CheckpointFormat(container: container), findings: fileFindings, unverified: unverified)
    }

    /// Loads the file by the method that its content is made for; `key` names one of several models in it.
    func checkpointByContent(_ key: String? = nil) throws(CheckpointError) -> RawCheckpoint {
        guard case .torch(let torch, _) = self else { return try stateDictionary(key) }
        return try model(in: torch, by: .automatic, key)
    }

    /// Reads a whole pickled model, of several the one that `key` names.
    func pickledModel(_ key: String? = nil) throws(CheckpointError) -> RawCheckpoint {
        guard case .torch(let torch, _) = self else { throw holdsWeightsAlone }
        return try model(in: torch, by: .full, key)
    }

    /// Reads weights alone, of several models' the one's that `key` names.
    func stateDictionary(_ key: String? = nil) throws(CheckpointError) -> RawCheckpoint {
        switch self {
        case .safetensors:
            let checkpoint = try shard()
            return try checkpoint.taking(
                key, among: ModelCandidate.split(.root, entries: checkpoint.entries, unread: checkpoint.unread),
                by: .stateDict)
        case .torch(let torch, _): return try model(in: torch, by: .stateDict, key)
        }
    }

    /// Takes a model among all of a file, of whichever kind `method` reads.
    private func model(
        in torch: TorchFile, by method: LoadingChoice, _ key: String?
    ) throws(CheckpointError) -> RawCheckpoint {
        let search = ModelSearch(in: torch.root)
        let candidates = try search.candidates(path: file.path)
        let hasModules = search.firstModule != nil
        if candidates.isEmpty, !hasModules { try StateDictionary.requireDictionary(torch.root, path: file.path) }
        var checkpoint = checkpoint(hasModules ? .full : .stateDict)
        checkpoint.stated = StatedValues(in: torch.root)
        if candidates.contains(where: { $0.module == nil }) {
            checkpoint.configurations = PickledConfiguration.all(in: torch.root, path: file.path)
        }
        checkpoint.format.lightningVersion = torch.root["pytorch-lightning_version"]?.string
        // Without any parameter of a ViT-MAE, the first module says what the file holds instead.
        checkpoint.format.pickledClass = search.firstModule?.className
        switch method {
        case .full where !(hasModules && candidates.isEmpty) && ModelChoice(among: candidates, by: .full) == nil:
            throw holdsWeightsAlone
        case .stateDict where hasModules && ModelChoice(among: candidates, by: .stateDict) == nil:
            throw holdsModel(search)
        default: return try checkpoint.taking(key, among: candidates, by: method)
        }
    }

    private var holdsWeightsAlone: CheckpointError {
        CheckpointError(
            .unsupportedFormat, path: file.path,
            "holds weights alone, but the method full reads a whole pickled model. "
                + "Load it by the method state-dict, with --config for its configuration.")
    }

    private func holdsModel(_ search: ModelSearch) -> CheckpointError {
        CheckpointError(
            .unsupportedFormat, path: file.path,
            "holds a whole pickled model (\(search.firstModule?.className ?? "a module")), but the method "
                + "state-dict reads weights alone. Load it by the method full, or save model.state_dict().")
    }

    /// Reads one shard of weights, which need not hold any parameter by itself.
    func shard() throws(CheckpointError) -> RawCheckpoint {
        var checkpoint = checkpoint(.stateDict)
        switch self {
        case .safetensors(let file, _):
            checkpoint.entries = file.namedTensors
            checkpoint.unread = file.unreadTensors
        case .torch(let torch, _):
            let dictionary = try StateDictionary(root: torch.root, path: file.path)
            checkpoint.entries = dictionary.entries
            checkpoint.unread = dictionary.unread
        }
        return checkpoint
    }

    /// Reads the weights of the hub directory at `folder` as transformers does, which looks at the file's own keys alone.
    ///
    /// Throws ``CheckpointError/Code/unsupportedFormat`` when they are further inside, and says where.
    func flat(in folder: String) throws(CheckpointError) -> RawCheckpoint {
        let checkpoint = try shard()
        let naming = ParameterNaming(keys: checkpoint.entries.map(\.key), unreadKeys: checkpoint.unread.map(\.key))
        guard naming.isEmpty, case .torch(let torch, _) = self,
            let inside = ModelChoice(
                among: try ModelSearch(in: torch.root).candidates(path: file.path), by: .stateDict)?.taken
        else { return checkpoint }
        throw CheckpointError(
            .unsupportedFormat, path: file.path, place: inside.key,
            "the weights are in here, where transformers does not look: from_pretrained would draw all of them at random. "
                + "Load them by the method state-dict as \(file.path)#\(inside.key), with --config \(folder).")
    }
}

extension RawCheckpoint {
    /// The checkpoint of one of several models, with the others.
    fileprivate func taking(
        _ key: String?, among candidates: [ModelCandidate], by method: LoadingChoice
    ) throws(CheckpointError) -> RawCheckpoint {
        let choice: ModelChoice
        if let key {
            choice = try ModelChoice(of: key, among: candidates, by: method, path: path)
        } else if let free = ModelChoice(among: candidates, by: method) {
            choice = free
        } else {
            return self
        }
        var checkpoint = holding(choice.taken)
        checkpoint.others = choice.others.map(holding)
        checkpoint.elsewhere = choice.elsewhere
        checkpoint.reason = choice.reason
        return checkpoint
    }

    private func holding(_ candidate: ModelCandidate) -> RawCheckpoint {
        var checkpoint = self
        checkpoint.method = candidate.method
        checkpoint.key = candidate.key
        checkpoint.otherKeys = candidate.otherKeys
        checkpoint.entries = candidate.entries
        checkpoint.unread = candidate.unread
        checkpoint.stated = stated.nearest(first: candidate.way)
        checkpoint.module = candidate.module
        checkpoint.format.pickledClass = candidate.module?.className
        if let module = candidate.module {
            checkpoint.configuration = module.configurationSource(path: path, behind: candidate.prefix)
        } else {
            checkpoint.configuration = configurations.nearest(to: candidate.way)?.source
            checkpoint.findings += [configurations.finding(near: candidate.way, path: path)].compactMap { $0 }
        }
        return checkpoint
    }
}
