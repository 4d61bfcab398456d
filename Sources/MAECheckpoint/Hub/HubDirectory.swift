import MAEFiles
import MAEFormats

/// A directory as `save_pretrained` writes it: `config.json` and the weights in one of several forms.
enum HubDirectory {
    /// The forms that weights come in, in the order in which transformers looks for them.
    private enum Form: String, CaseIterable {
        case safetensors = "model.safetensors"
        case shardedSafetensors = "model.safetensors.index.json"
        case pickle = "pytorch_model.bin"
        case shardedPickle = "pytorch_model.bin.index.json"

        var isSharded: Bool { self == .shardedSafetensors || self == .shardedPickle }
    }

    /// Name of the configuration in a directory.
    static let configurationName = "config.json"

    /// Names under which a directory may hold weights, or the index of their shards.
    static let weightNames = Form.allCases.map(\.rawValue)

    /// Whether the folder at `path` has weights under one of these names.
    static func hasWeights(_ path: String) -> Bool { !forms(in: path).isEmpty }

    /// Whether the folder at `path` has weights or a configuration, or links of such names.
    static func isOne(_ path: String) -> Bool {
        (weightNames + [configurationName]).contains { FileSystem.isFile(path + "/" + $0) || isLink($0, in: path) }
    }

    /// Reads the weights that transformers would take, and the configuration if there is one.
    ///
    /// Throws ``CheckpointError/Code/missing`` when the directory holds no weights, saying what it holds.
    static func read(_ path: String) throws(CheckpointError) -> RawCheckpoint {
        let form = try form(in: path)
        var checkpoint = try read(form, in: path)
        checkpoint.findings += danglingLinkFindings(for: form, in: path) + [adapterFinding(in: path)].compactMap { $0 }
        try readConfiguration(of: &checkpoint, form)
        return checkpoint
    }

    /// Reads `config.json`; what is wrong with it counts only where no other configuration is named.
    private static func readConfiguration(of checkpoint: inout RawCheckpoint, _ form: Form) throws(CheckpointError) {
        let path = checkpoint.path + "/" + configurationName
        guard FileSystem.isFile(path) || isLink(configurationName, in: checkpoint.path) else { return }
        let source: ConfigurationSource
        do throws(CheckpointError) {
            source = try ConfigurationSource.read(configFile: path, origin: .configFile(path: path))
            checkpoint.files.insert(try CheckpointFile(opening: path), at: 0)
        } catch {
            checkpoint.unusedConfiguration = .unreadable(error)
            return
        }
        if let foreign = ForeignConfiguration(source) {
            checkpoint.unusedConfiguration = .foreign(foreign)
            checkpoint.stated = foreign.stated
            return
        }
        if let name = source["transformers_weights"]?.string, name != form.rawValue {
            throw CheckpointError(
                .contradiction, path: path, place: "transformers_weights",
                "names \(name), which transformers 5 loads in place of \(form.rawValue). Name the file that is meant, "
                    + "with --config \(checkpoint.path).")
        }
        checkpoint.configuration = source
    }

    /// Names of the files that ``read(_:)`` opens.
    static func fileNames(in path: String) throws(CheckpointError) -> [String] {
        let form = try form(in: path)
        let shards = form.isSharded ? try ShardIndex.read(path + "/" + form.rawValue).shards : []
        let configuration = FileSystem.isFile(path + "/" + configurationName) ? [configurationName] : []
        return configuration + [form.rawValue] + shards
    }

    /// The same directory read from the other forms of weights it holds, which transformers would not look at.
    static func alternatives(in path: String) throws(CheckpointError) -> [(name: String, checkpoint: RawCheckpoint)] {
        var alternatives: [(name: String, checkpoint: RawCheckpoint)] = []
        for form in forms(in: path).dropFirst() {
            alternatives.append((form.rawValue, try read(form, in: path)))
        }
        return alternatives
    }

    /// The form that transformers would take.
    private static func form(in path: String) throws(CheckpointError) -> Form {
        guard let form = forms(in: path).first else { throw FolderReport(path).error }
        return form
    }

    private static func forms(in path: String) -> [Form] {
        Form.allCases.filter { FileSystem.isFile(path + "/" + $0.rawValue) }
    }

    private static func isLink(_ name: String, in path: String) -> Bool {
        FileSystem.destination(ofLink: path + "/" + name) != nil
    }

    /// Says which links lead nowhere that would have been taken before `form`.
    private static func danglingLinkFindings(for form: Form, in path: String) -> [CheckpointFinding] {
        Form.allCases.prefix { $0 != form }.compactMap { other in
            DanglingLink(onTheWayTo: path + "/" + other.rawValue).map { link in
                CheckpointFinding(
                    .fileOddity, .warning, at: CheckpointLocation(path: path, place: other.rawValue),
                    "is a link to \(link.target), which is not there; \(form.rawValue) was read, as transformers does.")
            }
        }
    }

    private static func read(_ form: Form, in path: String) throws(CheckpointError) -> RawCheckpoint {
        var checkpoint: RawCheckpoint
        if form.isSharded {
            checkpoint = try readShards(try ShardIndex.read(path + "/" + form.rawValue), in: path)
        } else {
            checkpoint = try WeightFile.open(path + "/" + form.rawValue).flat(in: path)
        }
        return RawCheckpoint(
            path: path, method: .pretrained, entries: checkpoint.entries, unread: checkpoint.unread,
            files: checkpoint.files, format: checkpoint.format, findings: checkpoint.findings,
            unverified: checkpoint.unverified)
    }
}
