import Foundation
import Glibc

extension Program {
    /// Runs the program to its end and returns its exit code and the most memory, in bytes, that it held at one time.
    func peakMemory(_ arguments: [String]) throws -> (exitCode: Int32, bytes: Int) {
        let path = try path
        var words = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for case let word? in words { free(word) } }
        var process = pid_t()
        let status = posix_spawn(&process, path, nil, nil, words, environ)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
        var ending: Int32 = 0
        var usage = rusage()
        while wait4(process, &ending, 0, &usage) < 0 {
            guard errno == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
        }
        let signal = ending & 0x7F
        return (signal == 0 ? ending >> 8 & 0xFF : -signal, usage.ru_maxrss * 1024)
    }
}
