/// Worker to coordinator: who I am and what I compute with.
public struct Hello: Sendable, Equatable {
    /// The name that people know the node by.
    public var name: String
    /// The machine's host name.
    public var host: String
    /// The process on that machine.
    public var pid: UInt64
    /// The build of the engine.
    public var build: String
    /// What computes: `cpu` or `vulkan`.
    public var backend: String
    /// The processor or device, as it names itself.
    public var device: String
    /// The instruction set in use.
    public var isa: String
    /// Threads in use.
    public var threads: Int
    /// The class of engines that promise the same bits.
    public var numericClass: String
    /// Why the node is in that class, in a sentence; empty when it does not say.
    public var classReason: String
    /// Instruction sets that the node could use.
    public var instructionSets: [String]
    /// Digests of small computations with known results.
    public var knownAnswers: [NamedDigest]
    /// Jobs that the worker takes at a time, running and waiting.
    public var maximumJobs: Int

    /// An introduction.
    public init(
        name: String, host: String, pid: UInt64, build: String, backend: String, device: String, isa: String,
        threads: Int, numericClass: String, classReason: String = "", instructionSets: [String],
        knownAnswers: [NamedDigest], maximumJobs: Int
    ) {
        self.name = name
        self.host = host
        self.pid = pid
        self.build = build
        self.backend = backend
        self.device = device
        self.isa = isa
        self.threads = threads
        self.numericClass = numericClass
        self.classReason = classReason
        self.instructionSets = instructionSets
        self.knownAnswers = knownAnswers
        self.maximumJobs = maximumJobs
    }
}

/// Coordinator to worker: you are known; the envelope's session is yours.
public struct Welcome: Sendable, Equatable {
    /// How often the worker shall send a heartbeat.
    public var heartbeatInterval: Duration
    /// After how long a silence either side gives the other up.
    public var livenessTimeout: Duration

    /// A welcome, whose durations are carried in whole milliseconds.
    public init(heartbeatInterval: Duration, livenessTimeout: Duration) {
        self.heartbeatInterval = heartbeatInterval
        self.livenessTimeout = livenessTimeout
    }
}
