import MAEFormats
import MAETensor

/// What `mae_record` wrote of a model of PyTorch: which module gave which bits, with which weights, settings and random
/// numbers.
///
/// `docs/recordings.md` describes the file. Everything read has been checked: each index is in its list, each reference to
/// another value is resolved, each named tensor is in the file with the shape that is told of it.
public struct Recording: Sendable {
    /// Of which modules digests were taken.
    public enum Detail: String, Sendable {
        /// Of the model's stages and of the parts of each block.
        case blocks
        /// Of every module.
        case all
    }

    /// One setting of the process: a version, a flag, a number of threads.
    public struct Setting: Sendable, Hashable {
        /// Its name, such as `torch` or `threads`.
        public let name: String
        /// Its value.
        public let value: JSONValue
    }

    /// The file.
    public let path: String
    /// Version of the recorder.
    public let recorder: String
    /// When it began, ISO 8601 in UTC; nil when it is not told.
    public let started: String?
    /// How long it took; nil when it is not told.
    public let seconds: Double?
    /// The exception that ended it, type and message; nil for one that was finished.
    public let exception: String?
    /// Of which modules digests were taken.
    public let detail: Detail
    /// Calls that were not recorded, for there were too many.
    public let callsLeftOut: Int
    /// What the recorder could not record, in its own words.
    public let problems: [String]
    /// The settings, in the order of the file.
    public let settings: [Setting]
    /// Models whose calls were recorded, in the order of their first call.
    public let models: [Model]
    /// Outermost calls of models, in the order in which they began.
    public let calls: [Call]
    /// The tensors that were kept whole, by name.
    let tensors: [String: CheckpointTensor]
    /// Keeps the file mapped, and tells when it was written to.
    let file: MappedFile

    /// The key of the metadata that holds everything but tensors.
    static let metadataKey = "mae_record"
    /// The newest layout of the file that is read.
    static let newestSchema = 1

    /// The value of a setting; nil for one that was not recorded.
    public func setting(_ name: String) -> JSONValue? { settings.first { $0.name == name }?.value }

    /// The model that a call ran.
    public func model(of call: Call) -> Model { models[call.model] }
}
