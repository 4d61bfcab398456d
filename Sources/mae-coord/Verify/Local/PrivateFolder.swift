import Foundation

/// A folder for the time of one command that its user alone can enter.
struct PrivateFolder {
    let path: String

    /// Makes the folder where temporary files go.
    ///
    /// - Throws: ``LocalWorkerError``
    init() throws(LocalWorkerError) {
        let parent = FileManager.default.temporaryDirectory.path
        var template = Array((parent + "/mae-verify-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw LocalWorkerError(parent, "no folder can be made", number: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Removes the folder and what is in it, except the files `kept`.
    func remove(keeping kept: [String] = []) {
        guard !kept.isEmpty else {
            try? FileManager.default.removeItem(atPath: path)
            return
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where !kept.contains(file(name))
        {
            try? FileManager.default.removeItem(atPath: file(name))
        }
    }
}
