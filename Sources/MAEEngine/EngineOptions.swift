import MAECPU

/// How an engine is opened.
public struct EngineOptions: Sendable, Hashable {
    /// What computes.
    public enum Backend: Sendable, Hashable {
        /// The vector units of this machine's processor.
        case cpu
        /// A Vulkan device, by its place in the loader's list.
        case vulkan(device: Int)
        /// The specification in plain Swift: slow, for comparisons.
        case reference

        /// Reads `cpu`, `reference`, `vulkan` (the first device) or `vulkan:N`; nil for anything else.
        public init?(_ text: String) {
            switch text {
            case "cpu": self = .cpu
            case "reference": self = .reference
            case "vulkan": self = .vulkan(device: 0)
            default:
                guard text.hasPrefix("vulkan:"), let index = UInt16(text.dropFirst("vulkan:".count)) else { return nil }
                self = .vulkan(device: Int(index))
            }
        }
    }

    /// What computes.
    public var backend: Backend
    /// Instruction set to use; nil takes the widest this processor has.
    public var instructionSet: InstructionSet?
    /// Threads to compute with; nil takes one for each processor this process may use, within a control
    /// group's quota.
    public var threads: Int?
    /// Whether each thread stays on a processor of its own while it computes.
    public var pinsThreads: Bool

    /// The CPU, its widest instruction set and all its processors unless told otherwise.
    public init(
        backend: Backend = .cpu, instructionSet: InstructionSet? = nil, threads: Int? = nil, pinsThreads: Bool = false
    ) {
        self.backend = backend
        self.instructionSet = instructionSet
        self.threads = threads
        self.pinsThreads = pinsThreads
    }
}
