import Foundation
import Glibc

/// Processors as the system numbers them.
package enum CurrentProcessor {
    private typealias Function = @convention(c) () -> CInt

    // An extension of glibc, which Swift's importer leaves out.
    private static let function: Function? = dlsym(nil, "sched_getcpu").map { unsafeBitCast($0, to: Function.self) }

    /// The one that the calling thread runs on; −1 where the system doesn't tell.
    package static var number: Int { function.map { Int($0()) } ?? -1 }

    /// The first that this process may use; nil where the system doesn't tell.
    package static var firstAllowed: Int? {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
        return line?.dropFirst("Cpus_allowed_list:".count).split { !$0.isNumber }.first.flatMap { Int($0) }
    }
}
