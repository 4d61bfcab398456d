/// What a recording may ask of the reader; the recorder itself stays far below.
enum RecordingLimits {
    /// Values of JSON in all: 64 calls of a model of a thousand modules, every module described, need two million.
    static let values = 1 << 22
    /// Deepest nesting: a configuration inside a model has the most.
    static let depth = 32
    /// Models in a recording.
    static let models = 1024
    /// Outermost calls in a recording.
    static let calls = 1024
    /// Modules of a model, and calls of modules in one outermost call.
    static let modules = 1 << 16
    /// Tensors of a state dict.
    static let weights = 1 << 16
    /// Tensors among the arguments of one call of a module, or among what it returns.
    static let valuesOfCall = 1024
    /// Settings, and attributes of one module.
    static let settings = 1024
    /// Bytes of a name, a class or a message.
    static let text = 4096
    /// Dimensions of a tensor.
    static let dimensions = 64
    /// References that lead from one to the next.
    static let references = 16
}
