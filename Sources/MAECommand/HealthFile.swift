import Foundation
import Glibc
import MAEFiles

/// A file that a running program renews as long as its own thread goes round: the sign of life that probes of containers
/// and service managers ask for.
///
/// The age of the file is the sign, by the clock of the file system, so that any shell can look at it too. What stands in
/// the file is for people. A clock that is set costs a running program one failed probe at most: it renews the file soon.
public final class HealthFile {
    /// Older than this, the file is no sign of life: programs turn at least every five seconds.
    public static let longestAge: Duration = .seconds(30)
    private static let interval: Duration = .seconds(1)

    private let path: String
    private var renewed = ContinuousClock.now

    /// Writes the file at `path` for the first time.
    ///
    /// - Throws: ``HealthError`` when it cannot be written.
    public init(_ path: String) throws {
        self.path = path
        try write()
    }

    /// Renews the file, unless that was done less than a second ago.
    ///
    /// A file that cannot be written now is left to grow old: that is what probes then find.
    public func renew() {
        guard ContinuousClock.now - renewed >= Self.interval else { return }
        renewed = ContinuousClock.now
        try? write()
    }

    /// Takes the sign of life away, at an orderly end.
    public func remove() { FileSystem.removeFile(path) }

    /// Looks at the age of the file at `path`.
    ///
    /// - Throws: ``HealthError`` when there is none, or it is older than ``longestAge``.
    public static func check(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw HealthError("\(path): no sign of life (\(String(cString: strerror(errno))))")
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let age =
            Duration.seconds(now.tv_sec - status.st_mtim.tv_sec)
            + .nanoseconds(now.tv_nsec - status.st_mtim.tv_nsec)
        // A file from the future was written before the clock was set back, by a program that may be gone.
        guard age.magnitude <= longestAge else {
            throw HealthError("\(path): the last sign of life is \(age.components.seconds) s old")
        }
    }

    private func write() throws {
        do {
            try AtomicFile.write(
                "process \(getpid()) is at work\n".utf8, to: path, AtomicFileOptions(durability: .none))
        } catch { throw HealthError("\(path): the sign of life cannot be written: \(error.reason)") }
    }
}

/// A program gives no sign of life, or cannot write it.
public struct HealthError: Error, CustomStringConvertible {
    /// What is the matter, with the file's path.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Duration {
    /// The duration without its sign.
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
