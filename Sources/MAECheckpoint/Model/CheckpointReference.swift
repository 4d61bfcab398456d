import MAEFiles
import MAEFormats

/// A checkpoint as a person names it: a path, or `FILE#KEY` for one of several models in a file.
public struct CheckpointReference: Sendable, Hashable, CustomStringConvertible {
    /// The file or directory.
    public let path: String
    /// Key of the model in the file, such as `ema`; nil to let the content decide.
    public let weights: String?

    /// Takes `text` apart at the first `#` in front of which a file is named, at the first of all when there is none.
    ///
    /// Something of the whole name that exists is taken as it is.
    public init(_ text: String) {
        let marks = text.indices.filter { index in
            text[index] == "#" && index != text.startIndex && text.index(after: index) != text.endIndex
        }
        guard !FileSystem.isThere(text),
            let mark = marks.first(where: { FileSystem.isFile(String(text[..<$0])) }) ?? marks.first
        else {
            (path, weights) = (text, nil)
            return
        }
        path = String(text[..<mark])
        weights = String(text[text.index(after: mark)...])
    }

    /// Names the parts; `weights` goes before a key in `text`.
    public init(_ text: String, weights: String?) {
        let parts = CheckpointReference(text)
        path = parts.path
        self.weights = weights ?? parts.weights
    }

    /// `FILE#KEY`, or the path alone.
    public var description: String { weights.map { "\(path)#\($0)" } ?? path }
}
