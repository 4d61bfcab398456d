import Foundation
import Glibc
import MAEFiles

/// Removes files of a cache that are not in use, those used longest ago first.
struct Eviction {
    let directory: String

    private struct Candidate {
        let name: String
        let path: String
        /// Bytes that it takes, or will take once it is filled.
        let size: Int
        let used: (seconds: Int, nanoseconds: Int)
    }

    /// The name of a file that is being filled: it tells the size that the file will have.
    static func name(ofPartial content: FileContent) -> String { "\(content.digest)-\(content.size)" }

    /// Makes room below `limit` for what is there and what is being filled; false when what is left is in use.
    func makeRoom(limit: Int, _ note: (String) -> Void) -> Bool {
        let candidates = (list("files") + list("partial").map(atFullSize)).sorted { $0.used < $1.used }
        var total = candidates.reduce(0) { $0 + $1.size }
        var isViewStale = false
        for candidate in candidates where total > limit {
            // A process that uses or fills a file holds a lock on it; no lock is taken from its holder.
            guard let lock = try? LockedFile(candidate.path, .exclusive, for: .reading) else { continue }
            unlink(candidate.path)
            VerificationRecords(directory: directory + "/verified").remove(candidate.name)
            withExtendedLifetime(lock) {}
            total -= candidate.size
            isViewStale = true
            note("the cache is full: \(candidate.path) (\(candidate.size) bytes), used longest ago, is removed")
        }
        if isViewStale { removeStaleViews() }
        return total <= limit
    }

    /// A file of `partial/`, with the size that it will have once it is filled.
    private func atFullSize(_ candidate: Candidate) -> Candidate {
        guard let size = candidate.name.split(separator: "-").last.flatMap({ Int($0) }), size > candidate.size,
            (try? LockedFile(candidate.path, .exclusive, for: .reading)) == nil
        else { return candidate }
        return Candidate(name: candidate.name, path: candidate.path, size: size, used: candidate.used)
    }

    /// Removes views that lead to a file that is no longer there; they are made again when needed.
    private func removeStaleViews() {
        for view in names("views") {
            let folder = "\(directory)/views/\(view)"
            let links = names("views/\(view)").map { folder + "/" + $0 }
            guard links.contains(where: { access($0, F_OK) != 0 }) else { continue }
            for link in links { unlink(link) }
            rmdir(folder)
        }
    }

    private func list(_ folder: String) -> [Candidate] {
        names(folder).compactMap { name in
            let path = "\(directory)/\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return Candidate(
                name: name, path: path, size: Int(status.st_size), used: (status.st_atim.tv_sec, status.st_atim.tv_nsec)
            )
        }
    }

    private func names(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
    }
}
