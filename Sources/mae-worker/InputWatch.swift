import Foundation

/// Notices that standard input has ended: the program that holds its other end is gone.
enum InputWatch {
    /// Calls `leave` on a thread of its own once standard input has ended; what comes before that is not looked at.
    static func whenInputEnds(_ leave: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            leave()
        }
    }
}
