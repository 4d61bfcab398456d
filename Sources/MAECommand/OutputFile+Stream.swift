import Glibc
import MAEFiles

extension OutputFile {
    /// Replaces what the file holds by what `body` appends piece by piece.
    ///
    /// - Throws: ``OutputError``, and whatever `body` throws; what was there before is there still, in a file.
    public func write(_ body: (_ append: ([UInt8]) throws -> Void) throws -> Void) throws {
        let target: String
        do { target = try LinkedPath.target(of: path) } catch { throw OutputError(path, error) }
        do {
            if SpecialFile.isAt(target) { return try SpecialFile.write(to: target, body) }
            try AtomicFile<any Error>.write(to: target, options, failure: { $0 }) { file in
                try body { try file.append($0) }
            }
        } catch let error as FileError {
            throw OutputError(path, error)
        }
    }
}
