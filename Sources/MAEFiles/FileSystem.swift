import Glibc
import SystemPackage

/// Questions to the file system that need no file to be opened.
package enum FileSystem {
    /// Whether a folder lies at `path`.
    package static func isDirectory(_ path: String) -> Bool { mode(path) == S_IFDIR }

    /// Whether a regular file lies at `path`.
    package static func isFile(_ path: String) -> Bool { mode(path) == S_IFREG }

    /// Bytes of the regular file at `path`, links followed; nil for anything else.
    package static func size(ofFile path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Whether anything is at `path`, links followed; also true where this user may not look.
    package static func isThere(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 || errno == EACCES
    }

    /// Whether this user may list the folder at `path`, and open what is in it.
    package static func isOpen(_ path: String) -> Bool { access(path, R_OK | X_OK) == 0 }

    /// Where the link at `path` leads, by one step; nil for anything that is no link.
    package static func destination(ofLink path: String) -> String? {
        guard let text = text(ofLink: path) else { return nil }
        let target = FilePath(text)
        let folder = split(path).folder
        // A relative link starts at the folder that the link is really in.
        return FilePath(realPath(folder) ?? folder).pushing(target).lexicallyNormalized().string
    }

    /// What the link at `path` holds; nil for anything that is no link.
    static func text(ofLink path: String) -> String? {
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { max(0, readlink(path, $0, text.count)) } ?? 0
            }
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// What is at `path` itself, a link not followed: the bits of its mode that tell its kind; nil when nothing is there.
    package static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// Removes the regular file at `path`; anything else stays.
    package static func removeFile(_ path: String) {
        if kind(path) == S_IFREG { unlink(path) }
    }

    /// The path without links, `.` and `..`; nil when nothing is there.
    package static func realPath(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// Where `path` leads when all links on the way are followed; parts at its end that are not there are kept.
    ///
    /// Nil when a link on the way leads nowhere, so that nothing says where the path would be.
    package static func place(of path: String) -> String? {
        var missing: [String] = []
        var current = path
        while true {
            if let place = realPath(current) {
                guard !missing.contains("..") else { return nil }
                let rest = missing.reversed().filter { !$0.isEmpty }
                return rest.isEmpty ? place : ([place == "/" ? "" : place] + rest).joined(separator: "/")
            }
            let (folder, name) = split(current)
            guard kind(current) == nil, folder != current else { return nil }
            missing.append(name)
            current = folder
        }
    }

    /// Links in the folder at `path`, each with where it leads by one step.
    package static func links(in path: String) -> [(link: String, destination: String)] {
        names(in: path).compactMap { name in
            let link = path + "/" + name
            return destination(ofLink: link).map { (link, $0) }
        }
    }

    /// Names of everything in the folder at `path`, sorted; empty when it cannot be read.
    package static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: name.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The folder and the last component of a path.
    package static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }

    /// The name of a file without its extension.
    package static func stem(of name: String) -> Substring { name.lastIndex(of: ".").map { name[..<$0] } ?? name[...] }

    /// When what lies at `path` was last written, in seconds since 1970, links followed; nil when nothing is there.
    package static func modificationTime(_ path: String) -> Double? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }

    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
