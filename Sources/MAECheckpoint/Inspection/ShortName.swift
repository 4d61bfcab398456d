extension String {
    /// Most bytes of a name from a file that are shown.
    private static let shownBytes = 80

    /// The text as a person is shown it: a key of a file may be as long as the file.
    var shortName: String {
        guard utf8.count > Self.shownBytes else { return self }
        return String(decoding: utf8.prefix(Self.shownBytes), as: UTF8.self) + "…"
    }
}
