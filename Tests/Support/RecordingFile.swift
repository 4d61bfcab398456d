import Foundation

/// A recording of PyTorch taken apart, to be changed and written again: its tensors stay as they are.
public struct RecordingFile {
    /// The JSON of the recording.
    public var document: [String: Any]
    private var header: [String: Any]
    private let data: Data

    /// Takes the file at `path` apart.
    public init(_ path: String) throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = file.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        header = try Self.object(file[8..<8 + length])
        data = Data(file[(8 + length)...])
        let text = (header["__metadata__"] as? [String: Any])?["mae_record"] as? String ?? ""
        document = try Self.object(Data(text.utf8))
    }

    private static func object(_ data: Data) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// The JSON as text.
    public var text: String {
        get throws {
            String(
                decoding: try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys]), as: UTF8.self)
        }
    }

    /// The bytes of the file, with `text` in place of the document where it is given.
    public func bytes(text: String? = nil) throws -> Data {
        var header = header
        header["__metadata__"] = ["mae_record": try text ?? self.text]
        let encoded = try JSONSerialization.data(withJSONObject: header)
        var length = UInt64(encoded.count).littleEndian
        return withUnsafeBytes(of: &length) { Data($0) } + encoded + data
    }

    /// Puts a value at a place such as `calls.0.modules.3.parent`; nil takes the field away.
    public mutating func set(_ place: String, to value: Any?) {
        let words = place.split(separator: ".").map(String.init)
        document = Self.setting(document, words[...], value) as? [String: Any] ?? document
    }

    /// The value at a place.
    public func value(_ place: String) -> Any? {
        place.split(separator: ".").reduce(document as Any?) { value, word in
            if let list = value as? [Any], let index = Int(word), list.indices.contains(index) { return list[index] }
            return (value as? [String: Any])?[String(word)]
        }
    }

    private static func setting(_ value: Any, _ words: ArraySlice<String>, _ new: Any?) -> Any? {
        guard let word = words.first else { return new }
        if var list = value as? [Any], let index = Int(word), list.indices.contains(index) {
            if let changed = setting(list[index], words.dropFirst(), new) {
                list[index] = changed
            } else {
                list.remove(at: index)
            }
            return list
        }
        guard var members = value as? [String: Any] else { return value }
        members[word] = setting(members[word] ?? [:] as [String: Any], words.dropFirst(), new)
        return members
    }
}
