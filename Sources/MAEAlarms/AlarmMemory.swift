import Foundation
import Glibc
import MAEFiles
import MAEStore
import MAEText

/// What was told last of each series, so that an alarm comes once: a small file in the folder of the store.
///
/// What was told counts, not what was judged: a run that was interrupted and told as incomplete, and is then carried on to its end,
/// has recovered, though the store keeps only its end.
public struct AlarmMemory: Sendable {
    /// Series that are remembered; those told of longest ago are forgotten first.
    static let capacity = 1000
    /// Bytes that the file may have.
    private static let mostBytes = 1 << 20

    /// What was told last of a series.
    public struct Told: Sendable, Equatable {
        /// The verdict; nil where an alarm was due, and none could be told yet.
        public let verdict: String?
    }

    private struct Entry: Codable {
        let verdict: String?
        let run: String?
        let time: Date
    }

    private let path: String
    private let lockPath: String

    /// The memory of the store in the folder at `path`, which need not exist.
    public init(store path: String) {
        self.path = path + "/" + Store.alarmFile
        lockPath = path + "/" + Store.alarmLock
    }

    /// Does `work`, which asks what was told, tells, and remembers it, while no other process does the same for this store.
    ///
    /// Another process is waited for, for `limit` at most: an alarm that comes twice is better than none. Where nothing can be locked,
    /// nothing can be remembered either, of which ``remember(_:after:of:at:)`` tells.
    ///
    /// - Parameter isHasty: whether to wait no longer, asked now and then.
    public func exclusively(for limit: Duration, isHasty: () -> Bool = { false }, _ work: () -> Void) {
        let deadline = ContinuousClock.now + limit
        var lock: LockedFile?
        if (try? makeFolder()) != nil {
            while ContinuousClock.now < deadline, !isHasty() {
                do throws(FileError) { lock = try LockedFile(lockPath, .exclusive, for: .writing, mode: 0o666) } catch {
                    break
                }
                if lock != nil { break }
                usleep(50_000)
            }
        }
        withExtendedLifetime(lock, work)
    }

    /// What was told last of a series; nil where nothing is remembered, or the file cannot be read.
    public func told(of series: RunSeries) -> Told? { entries[series.key].map { Told(verdict: $0.verdict) } }

    /// Remembers what was told last of a series, after a run: its own verdict, or the one before where it could not be told.
    ///
    /// - Throws: `FileError`; the alarm is then told again after the next run.
    public func remember(_ verdict: String?, after run: String?, of series: RunSeries, at time: Date) throws {
        var entries = entries
        entries[series.key] = Entry(verdict: verdict, run: run, time: time)
        if entries.count > Self.capacity, let oldest = entries.min(by: { $0.value.time < $1.value.time }) {
            entries[oldest.key] = nil
        }
        try makeFolder()
        try AtomicFile.write(
            Array((try JSONText.encode(entries, snakeCase: false) + "\n").utf8), to: path,
            AtomicFileOptions(durability: .contentAndName))
    }

    private func makeFolder() throws(FileError) {
        let folder = FileSystem.split(path).folder
        try Folder.make(folder, mode: 0o775)
        // As the store itself: who writes to it decides what is told.
        try Folder.requireTrusted(folder)
    }

    private var entries: [String: Entry] {
        guard let bytes = try? RegularFile(path, followsLink: false).bytes(limit: Self.mostBytes) else { return [:] }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return (try? decoder.decode([String: Entry].self, from: Data(bytes))) ?? [:]
    }
}
