import Foundation
import Glibc
import ProcessTestSupport
import Synchronization
import TestSupport

/// A name server on a loopback address of its own, for which every name is that of 127.0.0.1; it ends with the last reference.
///
/// While it is silent it answers nothing, and keeps the questions.
final class NameServer: Sendable {
    private struct State {
        var isSilent = false
        var kept: [(question: [UInt8], sender: sockaddr_in)] = []
        /// Questions by their bytes: a resolver that waited in vain sends the same again.
        var asked: [[UInt8]: Int] = [:]
        var isClosed = false
    }

    private let address: String
    private let descriptor: CInt
    private let state: SharedState
    private let folder: TemporaryDirectory

    /// What the thread of the server needs.
    private final class SharedState: Sendable {
        let mutex = Mutex(State())
    }

    /// Listens from now on; only root may.
    init() throws {
        folder = try TemporaryDirectory()
        let parts = (0..<3).map { _ in Int.random(in: 1...254) }
        address = "127." + parts.map(String.init).joined(separator: ".")
        let end = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        descriptor = end
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = UInt16(53).bigEndian
        inet_pton(AF_INET, address, &place.sin_addr)
        // So that the thread sees now and then that it is to end.
        var pause = timeval(tv_sec: 0, tv_usec: 100_000)
        setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &pause, socklen_t(MemoryLayout<timeval>.size))
        let isListening = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(end, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        state = SharedState()
        guard isListening else {
            let reason = String(cString: strerror(errno))
            close(end)
            throw NetworkError(description: "\(address):53: \(reason)")
        }
        Thread.detachNewThread { [state] in
            Self.serve(end, state)
            close(end)
        }
    }

    deinit { state.mutex.withLock { $0.isClosed = true } }

    /// Answers nothing from now on, or everything that it was asked meanwhile and all that follows.
    func setSilent(_ isSilent: Bool) {
        let kept = state.mutex.withLock { state in
            state.isSilent = isSilent
            guard !isSilent else { return [(question: [UInt8], sender: sockaddr_in)]() }
            defer { state.kept = [] }
            return state.kept
        }
        for (question, sender) in kept { Self.answer(question, sender, descriptor) }
    }

    /// Questions that wait for an answer.
    var unanswered: Int { state.mutex.withLock { $0.kept.count } }

    /// Whether somebody gave the wait for an answer up and asked again.
    var wasAskedAgain: Bool { state.mutex.withLock { $0.asked.values.contains { $0 > 1 } } }

    /// A command that runs another where no one but this server is asked for addresses, and patiently: 30 s each of five times.
    func command() throws -> [String] {
        let file = try folder.write(
            "resolv.conf", Array("nameserver \(address)\noptions timeout:30 attempts:5\n".utf8))
        let names = try folder.write("nsswitch.conf", Array("hosts: files dns\n".utf8))
        let script = """
            mount --bind "$0" /etc/resolv.conf && { [ ! -e /etc/nsswitch.conf ] || mount --bind "$1" /etc/nsswitch.conf; } \
            && shift && exec "$@"
            """
        return ["/usr/bin/env", "unshare", "--mount", "sh", "-c", script, file, names]
    }

    /// Whether this process may listen as a name server does, and give a program files of its own.
    static func isPossible() async -> Bool {
        guard let server = try? NameServer(), let command = try? server.command() else { return false }
        // Its files go with it.
        defer { withExtendedLifetime(server) {} }
        let run = try? RunningCommand(
            program: command[0], arguments: Array(command.dropFirst()) + ["true"], directory: nil)
        return (try? await run?.result().exitCode) == 0
    }

    private static func serve(_ descriptor: CInt, _ state: SharedState) {
        var buffer = [UInt8](repeating: 0, count: 512)
        while !state.mutex.withLock({ $0.isClosed }) {
            var sender = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &sender) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &size)
                }
            }
            guard count > 12 else { continue }
            let question = Array(buffer[..<count])
            let isKept = state.mutex.withLock { state in
                state.asked[question, default: 0] += 1
                if state.isSilent { state.kept.append((question, sender)) }
                return state.isSilent
            }
            if !isKept { answer(question, sender, descriptor) }
        }
    }

    /// Answers a question (RFC 1035, section 4): with the address, or that there is none of the kind that was asked for.
    private static func answer(_ question: [UInt8], _ sender: sockaddr_in, _ descriptor: CInt) {
        var end = 12
        while end < question.count, question[end] != 0 { end += Int(question[end]) + 1 }
        guard end + 5 <= question.count else { return }
        let asksForIPv4 = question[end + 2] == 1
        var answer = question[..<2] + [0x81, 0x80, 0, 1, 0, asksForIPv4 ? 1 : 0, 0, 0, 0, 0] + question[12..<end + 5]
        // The name of the question, kind A, class IN, for no time, four bytes.
        if asksForIPv4 { answer += [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1] }
        var sender = sender
        _ = withUnsafePointer(to: &sender) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                Array(answer).withUnsafeBytes {
                    sendto(descriptor, $0.baseAddress, $0.count, 0, place, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }
}
