import Foundation

/// The most memory that this process has held.
enum PeakMemory {
    /// The high-water mark of this process's resident memory, in MiB.
    static func mebibytes() throws -> Double {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let kibibytes = line?.split(separator: " ").dropLast().last.flatMap({ Double($0) }) else {
            throw ChildFailure(exitCode: 69, "/proc/self/status has no VmHWM, so memory cannot be measured")
        }
        return kibibytes / 1024
    }
}
