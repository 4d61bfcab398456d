/// A worker as it introduced itself: what ran the model, and in which numeric class.
public struct NodeIdentity: Sendable, Hashable {
    /// Name of the node, unique in a run.
    public var name: String
    /// Name of the machine.
    public var host: String
    /// `cpu` or `vulkan`; another engine's name for foreign results.
    public var backend: String
    /// The processor or graphics device, as the system names it.
    public var device: String
    /// Instruction set the kernels used; empty where there is none to choose.
    public var isa: String
    /// Threads the node computed with.
    public var threads: Int
    /// Nodes of one class must agree bit for bit; see `docs/verdict.md`.
    public var numericClass: String
    /// Why the node is in that class, in a sentence; nil when it did not say.
    public var classReason: String?
    /// Version and build of the engine.
    public var engineBuild: String
    /// What the worker tells of its machine; nil when it tells nothing.
    public var machine: MachineFacts?

    /// Describes a node.
    public init(
        name: String, host: String, backend: String, device: String, isa: String, threads: Int, numericClass: String,
        classReason: String? = nil, engineBuild: String, machine: MachineFacts? = nil
    ) {
        self.name = name
        self.host = host
        self.backend = backend
        self.device = device
        self.isa = isa
        self.threads = threads
        self.numericClass = numericClass
        self.classReason = classReason
        self.engineBuild = engineBuild
        self.machine = machine
    }
}
