import Foundation
import GRDB
import Glibc

extension Store {
    /// `MAE1`, in the header of the database file: a file without it is not ours.
    static let applicationID: Int32 = 0x4D41_4531

    /// Pages that the write-ahead log may have before they are carried over into the database: 32 MiB.
    ///
    /// Of SQLite's own 1,000, the results that share one wait for the disk fill more than all: each transaction would wait for the
    /// disk twice more, and write pages that the next one writes again.
    private static let pagesInLog = 8192

    /// Opens the database, and brings it up to date for the writer.
    static func connect(_ path: String, _ access: Access, lockLimit: Duration) throws -> DatabaseQueue {
        let isWriter = access == .writing
        let mayWrite = access != .reading
        guard isWriter || Glibc.access(path, F_OK) == 0 else {
            throw StoreError.noStore(path)
        }
        var configuration = Configuration()
        configuration.label = "mae-store"
        configuration.readonly = true
        configuration.foreignKeysEnabled = true
        // Readers do not block: in WAL mode only a writer's checkpoint may keep one waiting for a moment.
        configuration.busyMode = .timeout(lockLimit / .seconds(1))
        let path = access == .reading ? sourceAtRest(path) : path
        do {
            try requireOurs(path, configuration, isWriter: isWriter)
            configuration.readonly = !mayWrite
            configuration.journalMode = mayWrite ? .wal : .default
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            if mayWrite {
                // GRDB sets NORMAL with WAL, which may lose the last transactions in a power cut.
                try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
                try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = \(pagesInLog)") }
            }
            if isWriter { try Schema.migrator.migrate(queue) }
            return queue
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// What SQLite is to open for a reader.
    ///
    /// A database in WAL mode has more files while a program works with it, which a reader makes when there are none. One
    /// who may not write to the folder (another user, a read-only mount) reads the file alone then: no program writes to it.
    private static func sourceAtRest(_ path: String) -> String {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard Glibc.access(folder, W_OK) != 0, Glibc.access(path + "-wal", F_OK) != 0,
            let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
        else { return path }
        return "file:\(encoded)?immutable=1"
    }

    /// Looks at the file before anything is written to it.
    private static func requireOurs(_ path: String, _ configuration: Configuration, isWriter: Bool) throws {
        if isWriter {
            var status = stat()
            guard stat(path, &status) == 0, status.st_size > 0 else { return }
        }
        try DatabaseQueue(path: path, configuration: configuration).read { database in
            let identifier = try Int32.fetchOne(database, sql: "PRAGMA application_id")
            guard try Schema.isEmpty(database) || identifier == applicationID else {
                throw StoreError(.damaged, path: path, "this is a database of another program: choose another folder")
            }
            guard try !Schema.isUnreleased(database) else {
                throw StoreError(
                    .olderVersion, path: path,
                    "this store is of a version of mae-coord from before the first release, and cannot be carried over: move "
                        + "its folder away, or choose another folder, and run verify again")
            }
            guard try !Schema.migrator.hasBeenSuperseded(database) else {
                throw StoreError(
                    .newerVersion, path: path,
                    "a newer version of mae-coord made this store: use that version, or choose another folder")
            }
            let isCurrent = try Schema.migrator.hasCompletedMigrations(database)
            guard isWriter || isCurrent else {
                throw StoreError(
                    .olderVersion, path: path,
                    "an older version of mae-coord made this store: a run with this version brings it up to date")
            }
        }
    }
}

extension StoreError {
    /// Says what an error of SQLite means for the person who runs the program.
    init(_ error: DatabaseError, path: String) {
        let detail = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.diskFull, path: path, "no space left: free some, then resume the run (\(detail))")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.inUse, path: path, "another process keeps the database locked: end it (\(detail))")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_SCHEMA, .SQLITE_MISMATCH, .SQLITE_ERROR:
            self.init(
                .damaged, path: path,
                "the database is damaged or no store: restore it from a backup, or choose another folder (\(detail))")
        case .SQLITE_CONSTRAINT where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY:
            self.init(
                .unknownReference, path: path, "a record names a run, node, shard or lease never recorded (\(detail))")
        case .SQLITE_CONSTRAINT: self.init(.duplicate, path: path, "it is recorded already (\(detail))")
        default:
            self.init(
                .inaccessible, path: path, "the database cannot be used: check its permissions and disk (\(detail))")
        }
    }
}
