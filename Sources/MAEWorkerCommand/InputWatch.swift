import Glibc
import MAEThreads
import ZeroMQ

/// Notices that standard input has ended: the program that holds its other end is gone.
final class InputWatch {
    private let end: WakeUp
    private let thread: NamedThread

    /// Calls `leave` on a thread of its own once standard input has ended; what comes before that is not looked at.
    init(whenInputEnds leave: @escaping @Sendable () -> Void) throws {
        let end = try WakeUp()
        self.end = end
        thread = try NamedThread("mae-input") {
            var items = [STDIN_FILENO, end.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            var buffer = [UInt8](repeating: 0, count: 256)
            while true {
                guard poll(&items, nfds_t(items.count), -1) >= 0 else { continue }
                if items[1].revents != 0 { return }
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count == 0 || (count < 0 && errno != EINTR) { return leave() }
            }
        }
    }

    /// Ends the thread.
    func stop() throws {
        end.signal()
        try thread.join()
    }
}
