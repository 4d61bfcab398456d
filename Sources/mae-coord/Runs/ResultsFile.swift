import Glibc
import MAECommand
import MAEFiles
import MAEFormats
import MAEReport
import MAEStore

/// The file of every result of a run, written while the store is read: runs may have millions.
struct ResultsFile {
    private let file: OutputFile
    private let isCompressed: Bool

    /// A file at `path`, compressed where the name ends in `.gz`.
    init(_ path: String) {
        file = OutputFile(path)
        isCompressed = path.hasSuffix(".gz")
    }

    /// Bytes that are gathered before they are written.
    private static let pieceSize = 1 << 20

    /// Writes all results of a run.
    func write(_ run: String, of store: Store) throws {
        let lines = JSONResults()
        let gzip = isCompressed ? GzipStream() : nil
        guard gzip != nil || !isCompressed else {
            throw OutputError(file.path, FileError(file.path, .system(ENOMEM)))
        }
        try file.write { append in
            var piece: [UInt8] = []
            try store.eachResult(of: run) { result in
                piece += try lines.line(result)
                guard piece.count >= Self.pieceSize else { return }
                try append(gzip?.append(piece) ?? piece)
                piece.removeAll(keepingCapacity: true)
            }
            try append(gzip?.append(piece) ?? piece)
            if let gzip { try append(gzip.finish()) }
        }
    }
}
