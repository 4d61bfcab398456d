import MAEDomain

/// Something odd that did not stop the reading, and that a person should know.
public struct CheckpointFinding: Sendable, Hashable, CustomStringConvertible {
    /// Kinds of finding that callers tell apart; the raw value is what `--json` shows.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// An oddity in the bytes of a file, which the reader worked around.
        case fileOddity = "file-oddity"
        /// The file name promises another content than the file has.
        case misleadingName = "misleading-name"
        /// A file of the same stem and another extension, which is the place of the finding, holds something else.
        case differentSibling = "different-sibling"
        /// Several files could be the weights of a hub directory, and they differ.
        case competingWeights = "competing-weights"
        /// The commit of a model that was found in the hub cache.
        case hubCommit = "hub-commit"
        /// A file of the hub cache is not what its name says.
        case changedBlob = "changed-blob"
        /// The configuration of a hub directory is another library's, or cannot be read, and was not used.
        case foreignConfiguration = "foreign-configuration"
        /// Weights are stored in another type than fp32.
        case convertedDType = "converted-dtype"
        /// Weights that are NaN or infinite.
        case nonFiniteWeights = "non-finite-weights"
        /// Whole tensors of weights that are zero.
        case zeroWeights = "zero-weights"
        /// Configuration values that nothing in the checkpoint says.
        case guessedConfiguration = "guessed-configuration"
        /// Parts of the checkpoint that describe the model differently.
        case contradictoryConfiguration = "contradictory-configuration"
        /// A mask ratio of another type than double precision, which changes the number of visible patches.
        case maskRatioType = "mask-ratio-type"
        /// Parameters that share memory in the file.
        case sharedStorage = "shared-storage"
        /// Versions of transformers that would not read all weights.
        case limitedReaders = "limited-readers"
        /// Tensors that are no parameter of the model.
        case unexpectedKeys = "unexpected-keys"
        /// Attention biases of queries and values without one of keys, which counts as zero.
        case joinedBiases = "joined-biases"
        /// Weights that are products of an original and a mask.
        case prunedWeights = "pruned-weights"
        /// A model pickled in training mode with dropout, whose outputs are random in PyTorch.
        case trainingMode = "training-mode"
        /// Modules in the blocks of a pickled model whose code is not known.
        case foreignClasses = "foreign-classes"
        /// Several models in one file, of which one was taken.
        case severalModels = "several-models"
        /// Weights of the encoder alone.
        case encoderOnly = "encoder-only"
        /// Names of several dialects in one file.
        case mixedNames = "mixed-names"
    }

    /// The kind of finding.
    public let code: Code
    /// How much it matters.
    public let severity: Severity
    /// Where it was seen.
    public let location: CheckpointLocation
    /// What was seen and what was done about it.
    public let message: String

    /// Describes something seen at `location`.
    public init(
        _ code: Code = .fileOddity, _ severity: Severity = .note, at location: CheckpointLocation, _ message: String
    ) {
        self.code = code
        self.severity = severity
        self.location = location
        self.message = message
    }

    /// `path: place: message`.
    public var description: String { "\(location): \(message)" }
}
