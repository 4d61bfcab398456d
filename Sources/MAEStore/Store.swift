import GRDB
import Glibc
import MAEFiles
import Synchronization

/// The runs of one site: a folder with the database `mae.sqlite` and, under `tensors/`, whole tensors by content.
///
/// What a call has recorded when it returns survives a crash and a power cut: each call is one transaction, and the
/// database waits for the disk (`synchronous = FULL`). One process at a time may write; any number may read meanwhile, or leave
/// it orders.
public final class Store: Sendable {
    /// What a store is opened for.
    public enum Access: Sendable {
        /// Reading and writing, as the only writer; makes the store when there is none.
        case writing
        /// Leaving orders for the writer, while it works: a row at a time, in a store that is there and up to date.
        case ordering
        /// Reading what is there.
        case reading
    }

    /// The version of the tables that this code writes; a store of a later version is refused.
    public static var schemaVersion: Int { Schema.version }

    /// The folder.
    public let directory: String
    let database: DatabaseQueue
    let tensors: TensorFolder
    /// What results have in common and is in the database already.
    let interned = Mutex(InternedContexts())
    /// What was read last of a run's results.
    let folded = Mutex<FoldedRun?>(nil)
    private let lock: StoreLock?

    /// Opens the store in `directory`.
    ///
    /// `lockLimit` is how long a call waits for another process that has locked the database.
    ///
    /// Throws a ``StoreError`` when the folder is out of reach, when it is to be written to and is another user's or open to
    /// everyone, when another process writes to the store, when the file
    /// is damaged or no store at all, and when a newer version made it. Nothing is written in these cases.
    public init(directory: String, access: Access = .writing, lockLimit: Duration = .seconds(5)) throws {
        self.directory = directory
        let isWriter = access == .writing
        if isWriter {
            // Whatever the umask is: what everyone may write to is refused below.
            do { try Folder.make(directory, mode: 0o775) } catch {
                throw StoreError(error, "the folder cannot be made")
            }
        }
        try Self.requireReadable(directory)
        if access != .reading { try Self.requireTrusted(directory) }
        try Self.requireOwnFiles(directory)
        lock = isWriter ? try StoreLock(directory: directory) : nil
        tensors = TensorFolder(directory: directory + "/tensors")
        database = try Self.connect(directory + "/mae.sqlite", access, lockLimit: lockLimit)
    }

    /// The name of the file in which alarms remember what they told; other code writes it.
    public static let alarmFile = "alarms.json"
    /// The file in a store's folder that is locked while alarms are told.
    public static let alarmLock = "alarms.lock"

    /// The folder in which a run makes tensors of pictures before it begins; empty apart from that.
    public var preparationFolder: String { directory + "/prepared" }

    private static let ownFolders = ["tensors", "prepared"]

    /// The files and folders in ``directory`` that are the store's own: nothing else may be written there.
    public var ownFiles: [String] { Self.ownFiles(in: directory) }

    private static func ownFiles(in directory: String) -> [String] {
        let files = [
            "mae.sqlite", "mae.sqlite-wal", "mae.sqlite-shm", "mae.lock", "digests.json", alarmFile, alarmLock,
        ]
        return (files + ownFolders).map { "\(directory)/\($0)" }
    }

    /// Throws when something stands in the store that is no file or folder of its own: who made the store may have put a link
    /// there, through which other files would be written and removed.
    private static func requireOwnFiles(_ directory: String) throws(StoreError) {
        for path in ownFiles(in: directory) {
            guard let kind = FileSystem.kind(path) else { continue }
            let isFolder = ownFolders.contains(FileSystem.split(path).name)
            guard kind == (isFolder ? S_IFDIR : S_IFREG) else {
                throw StoreError(
                    .inaccessible, path: path,
                    "is a link, or no \(isFolder ? "folder" : "file"), which no store has there: remove it, or "
                        + "choose another folder")
            }
        }
    }

    /// Reads in one consistent view.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try translating { try database.read(body) }
    }

    /// Writes in one transaction, which is on the disk when this returns.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try translating { try database.write(body) }
    }

    /// Writes outside of any transaction.
    func writeWithoutTransaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try translating { try database.writeWithoutTransaction(body) }
    }

    /// Throws when a user who is neither this one nor root, or everyone, decides what is in the folder that is to be written to.
    private static func requireTrusted(_ path: String) throws(StoreError) {
        do { try Folder.requireTrusted(path) } catch {
            throw StoreError(
                .inaccessible, path: path,
                "\(error.reason), and who writes to a store decides what runs say: it is only read. "
                    + (error.problem == .openFolder(path)
                        ? error.remedyForWriting : "Work as that user, or choose a folder of your own."))
        }
    }

    private static func requireReadable(_ path: String) throws(StoreError) {
        guard let handle = opendir(path) else {
            guard errno != ENOENT else { throw StoreError.noStore(path) }
            throw StoreError(FileError(path, .system(errno)), "the folder cannot be read")
        }
        closedir(handle)
    }

    private func translating<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, path: directory + "/mae.sqlite")
        } catch is RowDecodingError {
            throw StoreError(
                .damaged, path: directory + "/mae.sqlite",
                "a row holds values that no release writes; restore the store from a copy")
        }
    }
}
