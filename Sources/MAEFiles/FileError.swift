import Glibc

/// Why a file could not be read, written or locked.
///
/// Rooms that have an error of their own make it from this one, with ``reason`` and a remedy.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong.
    public enum Problem: Sendable, Hashable {
        /// A system call failed with this `errno`.
        case system(CInt)
        /// Something else than a regular file is there: a folder, a pipe, a device; or, where a file is locked, one with a second
        /// name.
        case notRegular
        /// A link on the way belongs to another user, who decides where it leads.
        case foreignLink(String)
        /// Another user owns the folder, or it is a link.
        case notOwn
        /// This folder, the one that is meant or one above it, belongs to a user who is neither this one nor root.
        case foreignFolder(String)
        /// Others may write to this folder, the one that is meant or one above it.
        case openFolder(String)
        /// The file ended before the bytes that it had when it was opened.
        case truncated
        /// The file has more bytes than are read: its size and the limit.
        case tooLarge(size: Int, limit: Int)
    }

    /// The file or folder concerned.
    public let path: String
    /// What was wrong.
    public let problem: Problem

    /// Describes a problem with the file at `path`.
    public init(_ path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// Describes the system call that failed last on this thread.
    init(errnoAt path: String) { self.init(path, .system(errno)) }

    /// The problem in words.
    public var reason: String {
        switch problem {
        case .system(let number): String(cString: strerror(number))
        case .notRegular: "is not a regular file"
        case .foreignLink(let link): "the link \(link) on the way belongs to another user"
        case .notOwn: "is a link, or belongs to another user"
        case .foreignFolder(let folder): "the folder \(folder) belongs to another user"
        case .openFolder(let folder): "others may write to the folder \(folder)"
        case .truncated: "was cut short while it was read"
        case .tooLarge(let size, let limit): "has \(size) bytes, more than the \(limit) that are read"
        }
    }

    /// Whether the disk, or the user's share of it, is full.
    public var isDiskFull: Bool { [.system(ENOSPC), .system(EDQUOT)].contains(problem) }

    /// What to do when reading failed: a sentence.
    public var remedyForReading: String {
        switch problem {
        case .system(ENOENT): "Check the spelling of the path."
        case .system(EACCES): "Give this user the right to read it."
        default: "Check the file system that it is on."
        }
    }

    /// What to do when writing failed: a sentence.
    public var remedyForWriting: String {
        switch problem {
        case .foreignLink: "Name the file that is meant without the link."
        case .notOwn, .foreignFolder: "Choose a folder of your own."
        case .openFolder(let folder): "Close it with `chmod go-w \(folder)`, or choose another folder."
        case .system(ENOENT): "Make the folder first."
        case .system(EACCES), .system(EROFS): "Choose a folder this user may write to."
        case .system(EISDIR): "Name a file, not a folder."
        case .system(ENOSPC), .system(EDQUOT): "Free some space on the disk."
        default: "Check the file system that it is on."
        }
    }

    /// `path: reason`.
    public var description: String { "\(path): \(reason)" }
}
