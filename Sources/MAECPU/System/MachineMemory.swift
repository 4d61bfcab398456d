import Glibc

/// The memory that this process can still get.
package enum MachineMemory {
    /// Bytes that can be had without swapping: what the machine has left, or less where a control group limits it.
    package static var available: Int {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let machine = SystemFile.number("/proc/meminfo", field: "MemAvailable").map { $0 << 10 } ?? pages
        return min(machine, ControlGroups().memoryLeft ?? .max)
    }
}
