import Foundation
import Glibc

extension Program {
    /// Runs the program to its end and returns its exit code and the most memory, in bytes, that it held at one time.
    ///
    /// Read from the running process some hundred times a second: what the system tells of an ended child counts the
    /// memory of its parent, this process, as well.
    func peakMemory(_ arguments: [String]) throws -> (exitCode: Int32, bytes: Int) {
        let path = try path
        var words = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for case let word? in words { free(word) } }
        var process = pid_t()
        let status = posix_spawn(&process, path, nil, nil, words, environ)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
        var ending: Int32 = 0
        var peak = 0
        while true {
            let ended = waitpid(process, &ending, WNOHANG)
            if ended == process { break }
            guard ended == 0 || errno == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
            peak = max(peak, residentPeak(of: process) ?? 0)
            usleep(3_000)
        }
        let signal = ending & 0x7F
        return (signal == 0 ? ending >> 8 & 0xFF : -signal, peak)
    }

    private func residentPeak(of process: pid_t) -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
