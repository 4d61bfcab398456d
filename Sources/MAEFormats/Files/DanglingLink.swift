import MAEFiles

/// A link to something that is not there, which keeps a file from being opened.
package struct DanglingLink {
    /// The link itself.
    package let path: String
    /// Where it leads at last, after links to links.
    package let target: String

    /// More links after each other than the system follows.
    private static let maximumSteps = 40

    /// Finds the link that keeps `path` from being opened, at its end or on the way to it; nil when there is none.
    package init?(onTheWayTo path: String) {
        guard !FileSystem.isThere(path) else { return nil }
        var place = path
        while FileSystem.destination(ofLink: place) == nil || FileSystem.isThere(place) {
            let folder = FileSystem.split(place).folder
            guard folder != place else { return nil }
            place = folder
        }
        self.path = place
        var target = place
        for _ in 0..<Self.maximumSteps {
            guard let next = FileSystem.destination(ofLink: target) else { break }
            target = next
        }
        self.target = target
    }

    /// Says that the file at `file` cannot be read because of this link.
    package func error(reading file: String) -> CheckpointError {
        let fetch = HubName(inPath: path).map { "Fetch it again with `hf download \($0)`" } ?? "Fetch the file again"
        return CheckpointError(
            .unreadableFile, path: file,
            (path == file ? "is a link to \(target)" : "is behind \(path), a link to \(target)")
                + ", which is not there. \(fetch), or copy its folder again with `cp -rL`, which follows links."
        )
    }
}
