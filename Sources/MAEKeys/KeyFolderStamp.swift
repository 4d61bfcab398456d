import Foundation

/// The state of a key folder as far as it can be seen without reading the files.
public struct KeyFolderStamp: Sendable, Equatable {
    private struct File: Equatable {
        let inode: UInt64
        let seconds: Int
        let nanoseconds: Int
    }

    private var files: [String: File] = [:]

    init(of folders: [String]) {
        for folder in folders {
            add(folder)
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                add(folder + "/" + name)
            }
        }
    }

    /// The time of the last change counts modes and owners too, and a file that was replaced is another one.
    private mutating func add(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        files[path] = File(
            inode: UInt64(status.st_ino), seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
    }
}
