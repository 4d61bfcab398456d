/// One file with weights, of whichever container its content shows.
enum WeightFile {
    case safetensors(SafetensorsFile, CheckpointFile)
    case torch(TorchFile, CheckpointFile)

    /// Opens the file at `path`; its content decides what it is, and only then its name what a broken file was meant to be.
    static func open(_ path: String) throws(CheckpointError) -> WeightFile {
        let file = try MappedFile(path: path)
        let facts = CheckpointFile(path: path, size: file.size)
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
    private func checkpoint(_ method: LoadingMethod) -> RawCheckpoint {
        RawCheckpoint(
            path: file.path, method: method, entries: [], files: [file],
            format: CheckpointFormat(container: container), findings: fileFindings, unverified: unverified)
    }

    /// Loads the file by the method that its content is made for.
    func checkpointByContent() throws(CheckpointError) -> RawCheckpoint {
        if case .torch(let torch, _) = self, Self.model(in: torch) != nil { return try pickledModel() }
        return try stateDictionary()
    }

    /// The pickled model in a file; nil when there is none, or only weights and modules of something else.
    private static func model(in torch: TorchFile) -> PickledModule? {
        guard let module = PickledModule.outermost(in: torch.root) else { return nil }
        return module.recognizedCount > 0 || StateDictionary.best(in: torch.root) == nil ? module : nil
    }

    /// Reads a whole pickled model.
    func pickledModel() throws(CheckpointError) -> RawCheckpoint {
        guard case .torch(let torch, _) = self, let module = PickledModule.outermost(in: torch.root) else {
            throw CheckpointError(
                .unsupportedFormat, path: file.path,
                "holds weights alone, but the method full reads a whole pickled model. "
                    + "Load it by the method state-dict, with --config for its configuration.")
        }
        var checkpoint = checkpoint(.full)
        checkpoint.format.pickledClass = module.className
        (checkpoint.entries, checkpoint.unread) = try module.tensors(path: file.path)
        checkpoint.configuration = module.configurationSource(path: file.path)
        checkpoint.stated = StatedValues(in: torch.root)
        checkpoint.module = module
        return checkpoint
    }

    /// Reads one shard of weights, which need not hold any parameter by itself.
    func shard() throws(CheckpointError) -> RawCheckpoint {
        var checkpoint = checkpoint(.stateDict)
        switch self {
        case .safetensors(let file, _):
            checkpoint.entries = file.namedTensors
            checkpoint.unread = file.unread
        case .torch(let torch, _):
            let dictionary = try StateDictionary(root: torch.root, path: file.path)
            checkpoint.entries = dictionary.entries
            checkpoint.unread = dictionary.unread
        }
        return checkpoint
    }

    /// Reads weights alone.
    func stateDictionary() throws(CheckpointError) -> RawCheckpoint {
        switch self {
        case .safetensors: return try shard()
        case .torch(let torch, let file):
            var checkpoint = checkpoint(.stateDict)
            if let module = Self.model(in: torch) {
                throw CheckpointError(
                    .unsupportedFormat, path: file.path,
                    "holds a whole pickled model (\(module.className ?? "a module")), but the method state-dict reads "
                        + "weights alone. Load it by the method full, or save model.state_dict().")
            }
            let dictionary = try StateDictionary.find(in: torch.root, path: file.path)
            checkpoint.entries = dictionary.entries
            checkpoint.unread = dictionary.unread
            checkpoint.stated = StatedValues(in: torch.root)
            checkpoint.configuration = PickledConfiguration.find(in: torch.root, path: file.path)
            checkpoint.format.lightningVersion = torch.root["pytorch-lightning_version"]?.string
            return checkpoint
        }
    }
}
