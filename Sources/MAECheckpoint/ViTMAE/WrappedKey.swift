/// A key taken apart: the names that wrappers put into it, anywhere, and what is left without them.
///
/// torch.compile, DataParallel, FSDP, activation checkpointing and PEFT each put a module of a fixed name around another,
/// around the whole model or around some of its blocks.
struct WrappedKey {
    /// The key as it is in the file.
    let key: String
    /// The key without the names of wrappers.
    let plain: String

    /// Names by which wrappers hold the module they are around.
    static let wrappers: Set<Substring> = [
        "_orig_mod", "orig_mod", "_checkpoint_wrapped_module", "_fsdp_wrapped_module", "_fpw_module", "_forward_module",
        "_wrapped_module", "_module", "module", "base_layer", "original_module",
    ]

    init(_ key: String) {
        self.key = key
        plain = Self.plain(key[...])
    }

    /// `name` without the names of wrappers.
    static func plain(_ name: Substring) -> String {
        // Each of the names holds one of these, and most keys hold none.
        guard holds(name, "mod") || holds(name, "base_layer") else { return String(name) }
        return name.split(separator: ".", omittingEmptySubsequences: false).filter { !wrappers.contains($0) }
            .joined(separator: ".")
    }

    /// Whether the bytes of `text` are in `name`: every key is asked several times, and a search by characters takes ten times as
    /// long.
    private static func holds(_ name: Substring, _ text: String) -> Bool {
        guard let first = text.utf8.first else { return true }
        var rest = name.utf8[...]
        while let start = rest.firstIndex(of: first) {
            if rest[start...].starts(with: text.utf8) { return true }
            rest = rest[rest.index(after: start)...]
        }
        return false
    }

    /// What stands in the file for `plainPrefix`, wrappers around it and right behind it included.
    func front(of plainPrefix: String) -> String {
        var left = plainPrefix.utf8.count { $0 == UInt8(ascii: ".") }
        var end = key.startIndex
        while let point = key[end...].firstIndex(of: ".") {
            let isWrapper = Self.wrappers.contains(key[end..<point])
            guard isWrapper || left > 0 else { break }
            if !isWrapper { left -= 1 }
            end = key.index(after: point)
        }
        return String(key[..<end])
    }
}
