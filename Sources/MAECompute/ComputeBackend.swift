import MAETensor

/// What computes: plain Swift, a CPU's vector units, a GPU.
public protocol ComputeBackend: Sendable {
    /// What this backend is and runs on.
    var description: BackendDescription { get }

    /// Names what the backend chose about its computing while it worked: known answers are asked again when it changes.
    var variant: String { get }

    /// Brings weights into the form this backend works with; it keeps no reference to what it had to copy.
    func load(_ parameters: ParameterSet) throws -> any LoadedParameters
}

extension ComputeBackend {
    /// Nothing is chosen while it works.
    public var variant: String { "" }
}

/// Weights on a backend, shared by all programs that use them.
public protocol LoadedParameters: AnyObject, Sendable {
    /// Bytes that compiling and running `program` takes in addition to the weights, its inputs and its outputs.
    func memoryNeed(of program: Program) -> Int

    /// Whether a run can be bound to one processor (``RunControl/processor``).
    var bindsRuns: Bool { get }

    /// Plans memory and kernels for `program`, whose parameters are those loaded here.
    func compile(_ program: Program) throws -> any Executable
}

extension LoadedParameters {
    /// Most backends leave it to others where they compute.
    public var bindsRuns: Bool { false }

    /// All buffers in use side by side.
    public func memoryNeed(of program: Program) -> Int {
        zip(program.buffers, program.bufferLives).reduce(0) { $0 + ($1.1 == nil ? 0 : $1.0.count) }
            * MemoryLayout<Float>.stride
    }
}

/// A program that is ready to run.
///
/// It owns its buffers, so it serves one run at a time.
public protocol Executable: AnyObject {
    /// Runs the program.
    ///
    /// - Parameters:
    ///   - inputs: one tensor for each of the program's inputs, of its element count.
    ///   - indexTables: one table for each of the program's.
    ///   - control: progress, cancellation and taps.
    /// - Returns: one tensor for each of the program's outputs, of the shape that the program states. Their memory may be
    ///   that of an earlier run's outputs which are no longer held.
    /// - Throws: ``ComputeError`` with code `cancelled`, or the backend's own failure.
    func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor]
}

/// What a backend is and runs on.
public struct BackendDescription: Sendable, Hashable {
    /// `reference`, `cpu` or `vulkan`.
    public let backend: String
    /// Name of the processor or device, as it names itself.
    public let device: String
    /// Instruction set in use, such as `avx512`; on a GPU, how it fuses; `none` for the reference.
    public let instructionSet: String
    /// Threads computing.
    public let threads: Int
    /// Class of backends that give the same bits; ``NumericClass/canonical`` or one of the device's own.
    public let numericClass: String
    /// What the backend saw of its own arithmetic that decided on the class, for people; nil when it looked at nothing.
    public let evidence: String?
    /// Begins the name of the class that the backend is in when it answers wrongly: what computes the same way shares it.
    public let ownClass: String

    /// Describes a backend.
    public init(
        backend: String, device: String, instructionSet: String, threads: Int, numericClass: String,
        evidence: String? = nil, ownClass: String? = nil
    ) {
        self.backend = backend
        self.device = device
        self.instructionSet = instructionSet
        self.threads = threads
        self.numericClass = numericClass
        self.evidence = evidence
        self.ownClass = ownClass ?? "\(backend)-\(instructionSet)"
    }
}

/// Names of numeric classes.
public enum NumericClass {
    /// The class that ``ReferenceBackend`` defines.
    public static let canonical = "canonical-v1"
}

/// How far a run is.
public struct RunProgress: Sendable, Hashable {
    /// Operations carried out.
    public let done: Int
    /// Operations in all.
    public let total: Int
    /// The layer that is computed next, such as `vit.encoder.layer.3`; nil after the last one.
    public let layer: String?

    /// A place in a run.
    public init(done: Int, total: Int, layer: String?) {
        self.done = done
        self.total = total
        self.layer = layer
    }
}

/// How a caller follows and stops a run.
///
/// Everything is called on the thread that runs.
public struct RunControl: Sendable {
    /// Called before each operation, so that a watcher of a run that hangs knows where, and after the last one.
    public var progress: (@Sendable (_ progress: RunProgress) -> Void)?
    /// Asked before each operation; true ends the run with ``ComputeError`` `cancelled`.
    public var isCancelled: (@Sendable () -> Bool)?
    /// Called with each of the program's taps and the matrix there; reading it may slow the run.
    public var observer: (@Sendable (_ tap: Tap, _ value: Tensor) -> Void)?
    /// The system's number of the only processor that the run is to use; a backend that cannot bind a run ignores it.
    public var processor: Int?

    /// A run that is not watched.
    public init(
        progress: (@Sendable (_ progress: RunProgress) -> Void)? = nil,
        isCancelled: (@Sendable () -> Bool)? = nil,
        observer: (@Sendable (_ tap: Tap, _ value: Tensor) -> Void)? = nil
    ) {
        self.progress = progress
        self.isCancelled = isCancelled
        self.observer = observer
    }
}

/// Why a backend could not be opened or a run did not end.
public struct ComputeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        case cancelled, unsupportedDevice, outOfMemory, invalidInput
        /// The device is gone and must be opened again.
        case deviceLost
        /// The device does not end its work; the program has to.
        case deviceHung
        /// The device gave wrong results for questions with known answers.
        case deviceMiscomputed
    }

    /// The kind of failure.
    public let code: Code
    /// What went wrong and what to do about it.
    public let message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
