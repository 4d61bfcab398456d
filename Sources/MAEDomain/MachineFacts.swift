/// What a worker tells of the machine it runs on, for those who ask why two machines compute different bits.
///
/// Facts are few, short and of known kinds, from any sender: a list that is longer, or a text that could do harm on a
/// terminal, is cut down to what may be shown.
public struct MachineFacts: Sendable, Hashable {
    /// What can be told.
    public enum Key: String, Sendable, CaseIterable {
        /// The processor's own name; its family, model and stepping; the microcode that it runs.
        case processor, model, microcode
        /// The extensions of the instruction set that matter for arithmetic.
        case extensions
        /// Whether the system runs in a virtual machine.
        case virtual
        /// Release of the kernel, and name and version of the C library.
        case kernel, libc
        /// Processors that the process may use, those that are online, and whether they share cores.
        case usableProcessors = "usable processors", onlineProcessors = "online processors", smt
        /// How the system chooses frequencies.
        case governor
        /// Memory of the machine, and what control groups grant of processors and memory.
        case memory, processorLimit = "processor limit", memoryLimit = "memory limit"
        /// Driver of the Vulkan device that computes, with its version.
        case vulkanDriver = "vulkan driver"
        /// Releases of PyTorch and transformers, where these compute, and the implementation of attention.
        case torch, transformers, attention
        /// The instruction set that PyTorch takes, its threads, and the libraries that it was built with.
        case cpuCapability = "cpu capability", torchThreads = "torch threads", mkl, mkldnn
        /// Which products PyTorch may compute in TF32, and whether it takes deterministic algorithms alone.
        case tf32, deterministic
        /// A variable of the worker's environment that changes how libraries compute.
        case environment
    }

    /// One thing that is told.
    public struct Fact: Sendable, Hashable {
        /// What it is about.
        public let key: Key
        /// The name of a variable; nil for other keys.
        public let variable: String?
        /// What is so.
        public let value: String

        /// A fact that is no variable; its value is cut to ``MachineFacts/valueBytes``, and what isn't printable is replaced.
        public init(_ key: Key, _ value: String) {
            precondition(key != .environment, "a variable has a name")
            (self.key, variable, self.value) = (key, nil, MachineFacts.shown(value, MachineFacts.valueBytes))
        }

        /// A variable of the environment; nil for one that is none of those that are told.
        public init?(variable: String, _ value: String) {
            guard MachineFacts.tells(variable) else { return nil }
            (key, self.variable) = (.environment, variable)
            self.value = MachineFacts.shown(value, MachineFacts.valueBytes)
        }

        /// A fact by the name that it has in messages and stores; nil for a name that stands for nothing.
        public init?(name: String, value: String) {
            if let key = Key(rawValue: name), key != .environment {
                self.init(key, value)
            } else if name.hasPrefix(Self.prefix) {
                self.init(variable: String(name.dropFirst(Self.prefix.count)), value)
            } else {
                return nil
            }
        }

        /// `microcode`, or `environment OMP_NUM_THREADS`.
        public var name: String { variable.map { Self.prefix + $0 } ?? key.rawValue }

        private static let prefix = "environment "
    }

    /// Most facts of a machine.
    public static let mostFacts = 48
    /// Most bytes of a fact's name and value.
    public static let nameBytes = 96, valueBytes = 256

    /// The facts, each name once, in the order in which they are told.
    public let facts: [Fact]

    /// Takes the first facts of each name, as many as there may be.
    public init(_ facts: [Fact]) {
        var names: Set<String> = []
        self.facts = Array(facts.filter { names.insert($0.name).inserted }.prefix(Self.mostFacts))
    }

    /// The value of a fact by its name; nil for what is not told.
    public subscript(_ name: String) -> String? { facts.first { $0.name == name }?.value }

    /// Whether a variable of the environment is told: libraries that compute look at those of these families.
    public static func tells(_ variable: String) -> Bool {
        let families = ["MAE_", "OMP_", "MKL_", "KMP_", "VK_", "MALLOC_", "ATEN_", "TORCH_", "CUBLAS_", "NVIDIA_TF32"]
        let isName = variable.utf8.allSatisfy {
            (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == 95
        }
        return isName && variable.utf8.count <= 64
            && (families.contains(where: variable.hasPrefix) || ["LD_PRELOAD", "GLIBC_TUNABLES"].contains(variable))
    }

    /// The text without what a terminal would act on, no longer than so many bytes.
    private static func shown(_ text: String, _ limit: Int) -> String {
        var shown = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            let isHarmful =
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
                default: false
                }
            let scalar = isHarmful ? "?" : scalar
            bytes += UTF8.width(scalar)
            guard bytes <= limit else { break }
            shown.unicodeScalars.append(scalar)
        }
        return shown
    }
}
