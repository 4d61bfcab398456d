import Foundation
import MAEFiles
import MAEText
import MAEVerify

/// The file that a baseline is kept in: JSON that a person reviews and a version control system compares line by line.
public enum BaselineFile {
    /// A thousand batches by ten methods take a tenth of this.
    private static let mostBytes = 64 << 20

    /// The text of the file, ending in a newline: the same for the same baseline.
    ///
    /// - Throws: `BaselineError` for one that has more bytes than are read again.
    public static func render(_ baseline: Baseline) throws -> String {
        let text = try JSONText.encode(BaselineDocument(baseline), snakeCase: true) + "\n"
        guard text.utf8.count <= mostBytes else {
            throw BaselineError(
                "run \(baseline.run): its \(baseline.results.count) results would take \(text.utf8.count >> 20) MiB, and a baseline has "
                    + "at most \(mostBytes >> 20): pin a run of fewer --batches, and give nights further ones with --fresh"
            )
        }
        return text
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `BaselineError` for what cannot be read or is no baseline, with the place in the document.
    public static func read(_ path: String) throws(BaselineError) -> Baseline {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try RegularFile(path).bytes(limit: mostBytes)
        } catch { throw BaselineError("\(path): this baseline cannot be read: \(error.reason)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(BaselineDocument.self, from: Data(bytes)).baseline()
        } catch let fault as BaselineDocument.Fault {
            throw BaselineError("\(path): \(fault)")
        } catch {
            throw BaselineError(
                "\(path): this is no baseline\(place(of: error)): mae-coord baseline pin RUN -o FILE writes one")
        }
    }

    /// ` (results[3].method is missing)` of what JSONDecoder complains of; empty where it names no place.
    private static func place(of error: any Error) -> String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.reduce(into: "") { text, key in
                if let index = key.intValue {
                    text += "[\(index)]"
                } else {
                    // As the file has it: the decoder names it as the property.
                    let name = key.stringValue.replacing(/[A-Z]/) { "_" + $0.output.lowercased() }
                    text += (text.isEmpty ? "" : ".") + name
                }
            }
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context): return " (\(path(context.codingPath + [key])) is missing)"
        case .valueNotFound(_, let context): return " (\(path(context.codingPath)) has no value)"
        case .typeMismatch(_, let context): return " (\(path(context.codingPath)) is something else than it should be)"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return " (\(path(context.codingPath)) cannot be read)"
        default: return ""
        }
    }
}
