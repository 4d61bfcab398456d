import Glibc

/// Why workers of this machine cannot be started.
public struct LocalWorkerError: Error, CustomStringConvertible {
    /// The path, what is wrong with it, and the remedy where there is one.
    public let description: String

    init(_ path: String, _ message: String) { description = "\(path): \(message)" }

    init(_ path: String, _ message: String, number: CInt) {
        self.init(path, "\(message): \(String(cString: strerror(number)))")
    }
}
