import Foundation

/// The files that COPY finds outside of images: those of a folder that its ignore file does not keep out.
struct BuildContext {
    let root: String
    private let rules: [(pattern: String, isKept: Bool)]

    /// A pattern that is not known here.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The folder `root`, without what `ignoreFile` names: `*`, and paths without wildcards, kept after a `!`.
    init(root: String, ignoreFile: String) throws {
        self.root = root
        rules = try ignoreFile.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let isKept = line.hasPrefix("!")
            let pattern = String(isKept ? line.dropFirst() : line)
            guard pattern == "*" || !pattern.contains(where: { "*?[".contains($0) }) else {
                throw Failure(description: "\(line): not understood")
            }
            return (pattern, isKept)
        }
    }

    /// The last rule that fits a path or a folder that it lies in decides.
    func contains(_ path: String) -> Bool {
        rules.last { $0.pattern == "*" || path == $0.pattern || path.hasPrefix($0.pattern + "/") }?.isKept ?? true
    }

    /// Every file that `pattern` stands for, with its path inside the folder that the pattern names, "" for a file itself.
    func files(_ pattern: String) throws -> [(source: String, inside: String)] {
        var files: [(String, String)] = []
        for match in glob(pattern) {
            let path = root + "/" + match
            guard Self.isFolder(path) else {
                if contains(match) { files.append((path, "")) }
                continue
            }
            for inside in try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
            where contains(match + "/" + inside) && !Self.isFolder(path + "/" + inside) {
                files.append((path + "/" + inside, inside))
            }
        }
        return files
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The paths in the folder that fit a pattern.
    private func glob(_ pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard Foundation.glob(root + "/" + pattern, 0, nil, &result) == 0 else { return [] }
        return (0..<result.gl_pathc).compactMap { result.gl_pathv[Int($0)] }
            .map { String(String(cString: $0).dropFirst(root.count + 1)) }
    }
}
