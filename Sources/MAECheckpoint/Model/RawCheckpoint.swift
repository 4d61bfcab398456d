import MAEFiles
import MAEFormats

/// What lies in the files of a checkpoint, before it is known which tensor is which parameter.
struct RawCheckpoint {
    /// One tensor under the name the file gives it.
    struct Entry {
        let key: String
        let tensor: CheckpointTensor
        /// What the tensor shares its elements by: the storage of a torch file, the kept name of a safetensors file; nil for a
        /// tensor of its own.
        var storageKey: String?
    }

    /// A tensor in a form that is not read.
    struct Unread {
        let key: String
        /// How it is stored, such as `an object of torch._utils._rebuild_sparse_tensor`.
        let form: String
    }

    /// The path the user named.
    var path: String
    /// The method whose rules were followed; never ``LoadingChoice/automatic``.
    var method: LoadingChoice
    /// The way to the tensors inside the file, such as `model`; empty where they are all that it holds.
    var key = ""
    /// Other such ways, where one object is stored under several names.
    var otherKeys: [String] = []
    /// The tensors, in the order of the file.
    var entries: [Entry]
    /// The tensors that stay unread, in the order of the file.
    var unread: [Unread] = []
    /// The configuration found with them; nil without one.
    var configuration: ConfigurationSource?
    /// The `config.json` next to them that is none of a ViT-MAE; nil without one.
    var unusedConfiguration: UnusedConfiguration?
    /// Settings in the same file as the weights, or in such a `config.json`.
    var stated = StatedValues.none
    /// The pickled model that the tensors are of; nil for weights alone.
    var module: PickledModule?
    /// All configurations in the file, with the way to each.
    var configurations: [PickledConfiguration.Place] = []
    /// Keys of dictionaries of the file that are no models by themselves.
    var elsewhere: [String] = []
    /// The other models of the file.
    var others: [RawCheckpoint] = []
    /// The outline of its file; nil for a directory.
    var contents: ContentTree?
    /// Why these tensors were taken and not the others', as the end of a sentence.
    var reason = ""
    /// Every file that was read.
    var files: [CheckpointFile]
    var format: CheckpointFormat
    var findings: [CheckpointFinding]
    /// The records of its files whose checksums are still to be verified.
    var unverified: [UnverifiedRecord]
}

extension RawCheckpoint {
    /// Reads the checkpoint at `path` by `method`; `key` names one of several models in a file.
    ///
    /// Throws ``CheckpointError``, naming the right method when the content fits another.
    static func read(
        _ path: String, method: LoadingChoice, key: String? = nil
    ) throws(CheckpointError) -> RawCheckpoint {
        let isDirectory = FileSystem.isDirectory(path)
        if isDirectory, let key {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: key,
                "is a directory, of which transformers reads one model. Name a file inside it with the key, and "
                    + "--config \(path).")
        }
        if !isDirectory, let refusal = FolderReport.refusal(ofPart: path) { throw refusal }
        switch method {
        case .automatic:
            if isDirectory { return try HubDirectory.read(path) }
            return try WeightFile.open(path).checkpointByContent(key)
        case .pretrained:
            guard isDirectory else {
                // A path that does not exist is better explained by the file system than by the method.
                _ = try MappedFile(path: path)
                throw CheckpointError(
                    .unsupportedFormat, path: path,
                    "is a file, but the method pretrained reads a hub directory. Name the directory with config.json, "
                        + "or load the file by the method full (a whole pickled model) or state-dict (weights alone).")
            }
            return try HubDirectory.read(path)
        case .full, .stateDict:
            guard !isDirectory else {
                guard HubDirectory.hasWeights(path) else { throw FolderReport(path).error }
                throw CheckpointError(
                    .unsupportedFormat, path: path,
                    "is a directory, but the method \(method.rawValue) reads a file. "
                        + "Load the directory by the method pretrained, or name a file inside it.")
            }
            let file = try WeightFile.open(path)
            return try method == .full ? file.pickledModel(key) : file.stateDictionary(key)
        }
    }
}
