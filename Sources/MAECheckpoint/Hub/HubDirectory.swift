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

    /// Reads the weights that transformers would take, and the configuration if there is one.
    ///
    /// Throws ``CheckpointError/Code/missing`` when the directory holds no weights.
    static func read(_ path: String) throws(CheckpointError) -> RawCheckpoint {
        let form = try form(in: path)
        var checkpoint = try read(form, in: path)
        let configurationPath = path + "/" + configurationName
        if FileSystem.isFile(configurationPath) {
            checkpoint.configuration = try ConfigurationSource.read(
                configFile: configurationPath, origin: .configFile(path: configurationPath))
            checkpoint.files.insert(try CheckpointFile(opening: configurationPath), at: 0)
        }
        return checkpoint
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
        guard let form = forms(in: path).first else {
            throw CheckpointError(
                .missing, path: path,
                "holds no weights: none of \(weightNames.joined(separator: ", ")). "
                    + "Name the directory that save_pretrained wrote, or fetch the files that lack.")
        }
        return form
    }

    private static func forms(in path: String) -> [Form] {
        Form.allCases.filter { FileSystem.isFile(path + "/" + $0.rawValue) }
    }

    private static func read(_ form: Form, in path: String) throws(CheckpointError) -> RawCheckpoint {
        var checkpoint: RawCheckpoint
        if form.isSharded {
            checkpoint = try readShards(try ShardIndex.read(path + "/" + form.rawValue), in: path)
        } else {
            checkpoint = try WeightFile.open(path + "/" + form.rawValue).stateDictionary()
        }
        return RawCheckpoint(
            path: path, method: .pretrained, entries: checkpoint.entries, files: checkpoint.files,
            format: checkpoint.format, findings: checkpoint.findings, unverified: checkpoint.unverified)
    }

    private static func readShards(_ index: ShardIndex, in path: String) throws(CheckpointError) -> RawCheckpoint {
        var whole: RawCheckpoint?
        var shardOfKey: [String: String] = [:]
        for shard in index.shards {
            let shardPath = path + "/" + shard
            guard FileSystem.isFile(shardPath) else {
                throw CheckpointError(
                    .missing, path: index.path, place: shard,
                    "the shard is not in the directory. Fetch it, or the whole checkpoint again.")
            }
            let part = try WeightFile.open(shardPath).shard()
            for entry in part.entries {
                if let other = shardOfKey.updateValue(shard, forKey: entry.key) {
                    throw CheckpointError(
                        .contradiction, path: path, place: "tensor \(entry.key)",
                        "lies in two shards, \(other) and \(shard). Fetch or save the checkpoint again.")
                }
            }
            whole = whole?.appending(part) ?? part
        }
        for (key, shard) in index.shardOfKey.sorted(by: { $0.key < $1.key }) where shardOfKey[key] != shard {
            throw CheckpointError(
                .missing, path: path + "/" + shard, place: "tensor \(key)",
                "the index names this shard for the tensor, which is not in it. Fetch the checkpoint again.")
        }
        guard var whole else {
            throw CheckpointError(.missing, path: index.path, "names no shard. Fetch the index again.")
        }
        whole.files.insert(try CheckpointFile(opening: index.path), at: 0)
        whole.format.shardCount = index.shards.count
        return whole
    }
}

extension RawCheckpoint {
    /// Both parts of a sharded checkpoint as one.
    fileprivate func appending(_ part: RawCheckpoint) -> RawCheckpoint {
        var whole = self
        whole.entries += part.entries
        whole.files += part.files
        whole.findings += part.findings
        whole.unverified += part.unverified
        return whole
    }
}
