import Glibc

/// What the system tells about the processors this process runs on.
package enum Processor {
    /// The name the processor gives itself, or the machine type where there is none, as on ARM.
    static let name: String = SystemFile.field("model name", of: "/proc/cpuinfo") ?? machineType

    /// Number of processors the calling thread may run on.
    package static var allowedCount: Int {
        ProcessorSet.ofCallingThread?.count ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// The system's numbers of the processors that the calling thread may run on; empty where the system does not tell.
    package static var allowedNumbers: [Int] { ProcessorSet.ofCallingThread?.numbers ?? [] }

    /// Number of threads that can run at once: one for each allowed processor, fewer where a control group grants less
    /// time than that.
    ///
    /// More threads than the quota are worse than useless: they use it up together, and then all stand still until the
    /// next period.
    package static var usableCount: Int {
        usableCount(allowed: allowedCount, quota: ControlGroups().processorQuota)
    }

    static func usableCount(allowed: Int, quota: Double?) -> Int {
        guard let quota, quota < Double(allowed) else { return allowed }
        return max(1, Int(quota.rounded(.up)))
    }

    private static var machineType: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown processor" }
        return withUnsafeBytes(of: names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
