import MAETensor

/// What a node is asked about one layer of a pass that it runs again, to find where results part.
public struct Examination: Sendable, Equatable {
    /// The layer whose operations are looked at.
    public var layer: EncoderLayer
    /// The digests that another node gave after each of those operations; empty where none are known.
    public var expected: [SHA256Digest] = []
    /// Indices of the images of the batch whose values are wanted.
    public var images: [Int] = []
    /// The operation whose output is wanted of ``images``; nil for the first whose digest is not the expected one.
    public var operation: Int?
    /// Whether the tokens of the first of ``images`` are wanted as they are before the layer and after each block from it on.
    public var wantsStates = false
    /// How often the pass is to be run again, up to the layer: half of them bound to one processor at a time.
    public var repetitions = 0
    /// Another node's tokens of one image, (states, tokens, hidden): as they are before ``layer``, then after each block from it on.
    ///
    /// Each block from the layer on is to be computed from them.
    public var states: Tensor?

    /// Asks for the digests after each operation of a layer.
    public init(layer: EncoderLayer) { self.layer = layer }

    /// Most images whose values can be asked for.
    public static let imageLimit = 64
    /// Most repetitions that can be asked for.
    public static let repetitionLimit = 100
    /// Most bytes of an answer's values of one operation.
    public static let valueBytes = 64 << 20
    /// Most bytes of states, in an answer or with a question.
    public static let stateBytes = 12 << 20
}

/// What a node found when it looked closely at one layer.
public struct ExaminationAnswer: Sendable, Equatable {
    /// The layer.
    public var layer: EncoderLayer
    /// Its operations, in order.
    public var operations: [ExaminedOperation]
    /// Digest of the layer's output of each image, of the first ``imageDigestLimit`` of the batch.
    public var images: [SHA256Digest]
    /// The values of an operation, where they were asked for, or where a digest was not the expected one.
    public var output: OperationOutput?
    /// The tokens that were asked for, (states, tokens, hidden).
    public var states: Tensor?
    /// Digest of the tokens that each block gave when it began with the states of the question.
    public var restarted: [SHA256Digest]
    /// What came of the repetitions.
    public var repetitions: [PassRepetition]

    /// Collects what was found.
    public init(
        layer: EncoderLayer, operations: [ExaminedOperation], images: [SHA256Digest], output: OperationOutput? = nil,
        states: Tensor? = nil,
        restarted: [SHA256Digest] = [], repetitions: [PassRepetition] = []
    ) {
        self.layer = layer
        self.operations = operations
        self.images = images
        self.output = output
        self.states = states
        self.restarted = restarted
        self.repetitions = repetitions
    }

    /// Most images that have a digest each.
    public static let imageDigestLimit = 4096
    /// Most operations of a layer.
    public static let operationLimit = 64
}

/// One operation of a layer, and the digest of what it gave.
public struct ExaminedOperation: Sendable, Equatable {
    /// What kind of operation it is.
    public enum Kind: String, Sendable, CaseIterable {
        /// Values that are moved, and added to others at most.
        case gathering
        /// A product with a matrix of weights.
        case product
        /// A product with a matrix of weights, and an activation function.
        case activatedProduct = "activated-product"
        /// A layer norm.
        case layerNorm = "layer-norm"
        /// Attention.
        case attention
        /// A mean over tokens.
        case mean
    }

    /// What kind of operation it is.
    public var kind: Kind
    /// What it is, in words: `linear 768 → 3072 with gelu (intermediate.dense)`.
    public var words: String
    /// Rows of its output for each image: tokens, kept patches, or 1.
    public var rows: Int
    /// Elements of a row.
    public var columns: Int
    /// Heads that a row is made of; 1 where it has none.
    public var heads: Int
    /// Digest of its output of the whole batch.
    public var digest: SHA256Digest

    /// Describes an operation.
    public init(kind: Kind, words: String, rows: Int, columns: Int, heads: Int, digest: SHA256Digest) {
        self.kind = kind
        self.words = words
        self.rows = rows
        self.columns = columns
        self.heads = heads
        self.digest = digest
    }
}

/// The values that one operation gave.
public struct OperationOutput: Sendable, Equatable {
    /// Which operation of the layer, from 0.
    public var operation: Int
    /// Indices of the images in the batch.
    public var images: [Int]
    /// (images, rows, columns).
    public var values: Tensor

    /// Describes values.
    public init(operation: Int, images: [Int], values: Tensor) {
        self.operation = operation
        self.images = images
        self.values = values
    }
}

/// One more run of a pass, up to the layer that is looked at.
public struct PassRepetition: Sendable, Equatable {
    /// The system's number of the only processor that computed; nil when the node computed as it always does.
    public var processor: Int?
    /// Digest after each operation of the layer.
    public var digests: [SHA256Digest]

    /// Describes a repetition.
    public init(processor: Int?, digests: [SHA256Digest]) {
        self.processor = processor
        self.digests = digests
    }
}
