import MAECheckpoint
import MAEFiles
import MAEFormats

/// The `preprocessor_config.json` of an image processor of transformers.
package struct PreprocessorFile: Sendable {
    /// Where it is; for messages.
    package let path: String
    private let content: JSONValue

    private static let name = "preprocessor_config.json"
    private static let maximumSize = 1 << 20
    private static let mostChannels = 16

    /// The file in the first of `folders` that has one, each a folder or a model's name in the local hub cache; nil where none has.
    ///
    /// - Throws: `CheckpointError` for a file that cannot be read or is no JSON.
    package static func find(in folders: [String]) throws(CheckpointError) -> PreprocessorFile? {
        let files = folders.map { (HubCache.default.folder(ofModel: $0) ?? $0) + "/" + name }
        guard let file = files.first(where: FileSystem.isFile) else { return nil }
        let content = try JSONFile.read(file, maximumSize: maximumSize)
        guard case .object = content else {
            throw CheckpointError(
                .invalidConfiguration, path: file, "is no JSON object: fetch or save the processor's file again")
        }
        return PreprocessorFile(path: file, content: content)
    }

    /// Content that is no file of its own.
    init(path: String, content: JSONValue) { (self.path, self.content) = (path, content) }

    /// Whether something is done; nil where nothing is said of it.
    ///
    /// - Throws: `CheckpointError` for anything else than true, false and null.
    package func flag(_ key: String) throws(CheckpointError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.bool else { throw problem(key, "is neither true nor false") }
        return flag
    }

    /// A number for each channel, or one for all; nil where there is none.
    ///
    /// - Throws: `CheckpointError` for anything else, and numbers that `isAllowed` is not true for.
    package func channelValues(_ key: String, where isAllowed: (Double) -> Bool) throws(CheckpointError) -> [Double]? {
        guard let value = value(key) else { return nil }
        let values = value.array.map { $0.map(\.double) } ?? [value.double]
        guard !values.isEmpty, values.count <= Self.mostChannels, values.allSatisfy({ $0.map(isAllowed) == true })
        else { throw problem(key, "is no number for each channel that pixels can be scaled by") }
        return values.compactMap(\.self)
    }

    /// A value; nil where there is none, or null.
    func value(_ key: String) -> JSONValue? { content[key].flatMap { $0 == .null ? nil : $0 } }

    /// What is wrong with a value.
    func problem(_ key: String, _ message: String) -> CheckpointError {
        CheckpointError(.malformedFile, path: path, place: key, "\(message). Correct it, or take the file away.")
    }
}
