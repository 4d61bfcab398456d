import MAEFiles
import MAEFormats

/// Names of what is in a folder, by kind.
struct FolderContents {
    /// The folder, without a slash at its end.
    let path: String
    /// Regular files, and links to them.
    let files: [String]
    /// Folders, and links to them.
    let folders: [String]
    /// Links to something that is not there.
    let danglingLinks: [String]

    /// Most names that are looked at; no checkpoint needs more.
    private static let maximumCount = 1 << 13
    /// Most folders of a folder that are looked into.
    private static let maximumSubfolderCount = 64
    /// Most names that one message lists.
    private static let listedCount = 4

    /// Looks at the folder at `path`.
    init(_ path: String) {
        let path = Self.withoutSlash(path)
        self.path = path
        var files: [String] = []
        var folders: [String] = []
        var danglingLinks: [String] = []
        for name in FileSystem.names(in: path).prefix(Self.maximumCount) {
            let place = path + "/" + name
            if FileSystem.isFile(place) {
                files.append(name)
            } else if FileSystem.isDirectory(place) {
                folders.append(name)
            } else if FileSystem.destination(ofLink: place) != nil {
                danglingLinks.append(name)
            }
        }
        self.files = files
        self.folders = folders
        self.danglingLinks = danglingLinks
    }

    /// A path without slashes at its end.
    static func withoutSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// Name of the folder itself, also where the path is `.` or ends in `..`.
    var name: String { FileSystem.split(FileSystem.realPath(path) ?? path).name }

    /// The folder above.
    var parent: String { FileSystem.split(FileSystem.realPath(path) ?? path).folder }

    /// The path next to this folder: its own with `ending`.
    func sibling(_ ending: String) -> String { parent + "/" + name + ending }

    /// Everything in the folder, folders with a slash.
    var names: [String] { (files + folders.map { $0 + "/" } + danglingLinks).sorted() }

    /// The first result that `body` has for what is in a folder of this folder, the newest first.
    func firstInFolders<Result>(_ body: (FolderContents) -> Result?) -> Result? {
        for name in newestFirst.prefix(Self.maximumSubfolderCount) {
            if let result = body(FolderContents(path + "/" + name)) { return result }
        }
        return nil
    }

    /// Folders, the highest number in a name first: the newest of a training.
    var newestFirst: [String] {
        folders.sorted { (Self.number(in: $0), $1) > (Self.number(in: $1), $0) }
    }

    /// The last number in a name, such as the step of `checkpoint-500`; -1 without one.
    static func number(in name: String) -> Int {
        let digits = name.reversed().drop { !$0.isASCII || !$0.isNumber }.prefix { $0.isASCII && $0.isNumber }
        return Int(String(digits.reversed())) ?? -1
    }

    /// The first few names, and how many more there are, in one line.
    static func list(_ names: [String]) -> String {
        let more = names.count - listedCount
        return names.prefix(listedCount).map(inOneLine).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// A name without the control characters that would break a message.
    private static func inOneLine(_ name: String) -> String {
        let scalars = name.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        return String(String.UnicodeScalarView(scalars))
    }
}
