import Foundation

/// What docker/compose.yaml says of its containers, so that the tests run the same.
struct ComposeFile {
    private let lines: [String]

    /// A block has no such key.
    struct Failure: Error {
        let key: String
        let heading: String
    }

    init() throws {
        let path = Script.repository + "/docker/compose.yaml"
        lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// What stands behind `key:` after the line `heading`.
    func value(_ key: String, in heading: String) throws -> String {
        for line in lines.drop(while: { $0 != heading }) where line.hasPrefix(key + ": ") {
            return String(line.dropFirst(key.count + 2))
        }
        throw Failure(key: key, heading: heading)
    }

    /// The list behind `key:` after the line `heading`, which is on that line.
    func list(_ key: String, in heading: String) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(value(key, in: heading).utf8))
    }
}
