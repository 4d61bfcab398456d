/// The name of a model on the hub, such as `facebook/vit-mae-base`.
package struct HubName: Hashable, CustomStringConvertible {
    /// Owner and name with a slash between; the name alone for models of the first years.
    package let description: String

    /// What the folder of a model begins with in the hub cache.
    private static let folderPrefix = "models--"
    private static let separator = "--"
    private static let maximumLength = 96

    /// Takes `owner/name`; nil for what the hub gives to no model.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(Self.isPart) else { return nil }
        description = text
    }

    /// Takes the name of a folder of the hub cache, such as `models--facebook--vit-mae-base`.
    package init?(folder: some StringProtocol) {
        guard folder.hasPrefix(Self.folderPrefix) else { return nil }
        let name = folder.dropFirst(Self.folderPrefix.count)
        let parts = String(name).split(separator: Self.separator, omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isPart) else { return nil }
        description = parts.joined(separator: "/")
    }

    /// Looks for the folder of a model in a path; nil when it does not lead through one.
    package init?(inPath path: String) {
        guard let found = path.split(separator: "/").lazy.compactMap({ HubName(folder: $0) }).first else { return nil }
        self = found
    }

    /// The name of its folder in the hub cache.
    package var folder: String {
        Self.folderPrefix + description.split(separator: "/").joined(separator: Self.separator)
    }

    /// Letters, digits, `-`, `_` and `.`, with none of the sequences that the hub keeps for itself.
    private static func isPart(_ text: Substring) -> Bool {
        guard (1...maximumLength).contains(text.utf8.count), !text.contains("--"), !text.contains("..") else {
            return false
        }
        guard let first = text.utf8.first, let last = text.utf8.last, isWord(first), isWord(last) else { return false }
        return text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return byte == UInt8(ascii: "_") || (byte < 0x80 && (character.isLetter || character.isNumber))
    }
}
