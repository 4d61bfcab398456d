import Glibc

/// Tells a file that was replaced or written to from one that was not.
///
/// The time of the last change goes with it, which no program can set: one that writes and then puts the time of writing back is
/// found out. Giving a file other permissions, or noting its use, changes the identity too.
public struct FileIdentity: Hashable, Sendable, Codable {
    private let device: UInt64
    private let number: UInt64
    /// Size in bytes.
    public let size: Int
    private let seconds: Int
    private let nanoseconds: Int
    private let changeSeconds: Int
    private let changeNanoseconds: Int

    /// The identity of the file at `path` now; nil when there is none.
    public init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The identity of an open file now.
    init?(descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
        changeSeconds = status.st_ctim.tv_sec
        changeNanoseconds = status.st_ctim.tv_nsec
    }

    /// Whether both are of one file, whatever became of it meanwhile.
    func isSameFile(_ other: FileIdentity) -> Bool { device == other.device && number == other.number }

    /// Whether both are of one file that was not written to in between, as far as its size and time of writing tell.
    public func hasSameContent(as other: FileIdentity) -> Bool {
        isSameFile(other) && size == other.size && seconds == other.seconds && nanoseconds == other.nanoseconds
    }

    /// The same of two files of which either may not be there.
    public static func haveSameContent(_ left: FileIdentity?, _ right: FileIdentity?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.hasSameContent(as: right)
    }

    /// Whether the file was last written to long enough ago that a write after now would give it another identity.
    ///
    /// A file system counts time in steps: two writes within one step leave the same time.
    public var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec - seconds > 2
    }
}
