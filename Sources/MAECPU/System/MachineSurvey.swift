import Glibc

/// What the system tells of a machine, as far as it can make a difference to what is computed, or tell two machines apart.
package struct MachineSurvey: Sendable {
    /// The processor's own name.
    package let processor: String
    /// Its family, model and stepping, or the implementer and part of an ARM one; nil where the system tells none.
    package let model: String?
    /// The revision of its microcode.
    package let microcode: String?
    /// Extensions of the instruction set that matter for arithmetic, in a fixed order.
    package let extensions: [String]
    /// Whether a hypervisor shows itself; nil where the processor can't tell.
    package let isVirtual: Bool?
    /// Release of the kernel.
    package let kernel: String?
    /// Name and version of the C library.
    package let libc: String?
    /// Processors that are online.
    package let onlineProcessors: Int
    /// Whether processors share cores.
    package let hasSMT: Bool?
    /// How frequencies are chosen.
    package let governor: String?
    /// Bytes of memory.
    package let memory: Int
    /// Processors' worth of time, and bytes of memory, that control groups grant; nil without a limit.
    package let processorLimit: Double?, memoryLimit: Int?

    private static let telling = [
        "sse4_2", "f16c", "fma", "fma4", "avx", "avx2", "avx_vnni", "avx512f", "avx512dq", "avx512bw", "avx512vl",
        "avx512ifma", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "asimd",
        "asimdhp",
        "asimddp", "asimdfhm", "fphp", "sve", "sve2", "i8mm", "bf16",
    ]

    /// Asks the system.
    package init() {
        self.init(cpuinfo: "/proc/cpuinfo", devices: "/sys/devices/system/cpu", groups: ControlGroups())
    }

    /// Asks the system, which tells of processors in the file `cpuinfo` and in the folder `devices`.
    init(cpuinfo: String, devices: String, groups: ControlGroups) {
        func field(_ name: String) -> String? { SystemFile.field(name, of: cpuinfo) }
        func line(_ path: String) -> String? {
            SystemFile.text(devices + path)?.split(separator: "\n").first.map(String.init)
        }
        processor = field("model name") ?? Processor.name
        let numbers = [
            ("family", "cpu family"), ("model", "model"), ("stepping", "stepping"), ("implementer", "CPU implementer"),
            ("part", "CPU part"), ("revision", "CPU revision"),
        ].compactMap { name, key in field(key).map { "\(name) \($0)" } }
        model = numbers.isEmpty ? nil : numbers.joined(separator: ", ")
        microcode = field("microcode")
        let flags = Set((field("flags") ?? field("Features") ?? "").split(separator: " ").map(String.init))
        extensions = Self.telling.filter(flags.contains)
        // Only x86-64 has a flag for it.
        isVirtual = field("flags") == nil ? nil : flags.contains("hypervisor")
        var names = utsname()
        kernel =
            uname(&names) == 0
            ? withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } : nil
        libc = Self.libc
        onlineProcessors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        hasSMT = line("/smt/active").map { $0 == "1" }
        governor = line("/cpu0/cpufreq/scaling_governor")
        memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        processorLimit = groups.processorQuota
        memoryLimit = groups.memoryLimit
    }

    private static var libc: String? {
        var bytes = [UInt8](repeating: 0, count: 128)
        let length = bytes.withUnsafeMutableBytes { buffer in
            confstr(Int32(_CS_GNU_LIBC_VERSION), buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return (1...bytes.count).contains(length) ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : nil
    }
}
