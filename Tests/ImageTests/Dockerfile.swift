import Foundation

/// A Dockerfile, as far as ours goes: an instruction or a form of one that is not known here is an error.
struct Dockerfile {
    /// One image, built on another one.
    struct Stage {
        /// A name of an image outside, or of an earlier stage.
        let base: String
        let name: String?
        var instructions: [Instruction] = []
    }

    enum Instruction: Equatable {
        case argument(name: String, standard: String)
        case environment([String: String])
        case workingDirectory(String)
        case user(String)
        /// Copies from the stage named, or from the build context.
        case copy(from: String?, [String], to: String)
        /// Runs a shell command; each of the caches is a folder that is kept from build to build.
        case run(String, caches: [String])
        case entryPoint([String])
        case command([String])
        case healthCheck([String])
        case stopSignal(String)
        case volumes([String])
        /// Says something about the image, and does nothing.
        case remark
    }

    /// What cannot be read, with its line.
    struct Failure: Error, CustomStringConvertible {
        let line: Int
        let message: String
        var description: String { "line \(line): \(message)" }
    }

    private(set) var stages: [Stage] = []

    /// The stages that images of the stages named `targets` are made of, in the order of the file.
    func stages(for targets: [String]) -> [Stage] {
        var needed = Set(targets)
        // A stage refers to earlier ones only.
        for stage in stages.reversed() where stage.name.map(needed.contains) == true {
            needed.insert(stage.base)
            for case .copy(let source?, _, _) in stage.instructions { needed.insert(source) }
        }
        return stages.filter { $0.name.map(needed.contains) == true }
    }

    /// Reads `text`; `arguments` are given as with `--build-arg`.
    init(_ text: String, arguments: [String: String] = [:]) throws {
        var global: [String: String] = [:]
        for (line, words) in Self.statements(text) {
            let (keyword, rest) = Self.split(words)
            let statement = Statement(line: line, keyword: keyword.uppercased(), rest: rest)
            switch statement.keyword {
            case "FROM":
                let parts = rest.split(separator: " ").map(String.init)
                guard parts.count == 1 || (parts.count == 3 && parts[1].uppercased() == "AS") else {
                    throw statement.failure
                }
                let base = try parts[0].expanded(global, else: statement.failure)
                stages.append(Stage(base: base, name: parts.count == 3 ? parts[2] : nil))
            case "ARG" where stages.isEmpty:
                let (name, standard) = try statement.assignment()
                global[name] = try arguments[name] ?? standard.expanded(global, else: statement.failure)
            default:
                guard !stages.isEmpty else { throw statement.failure }
                stages[stages.count - 1].instructions.append(try statement.instruction(arguments))
            }
        }
    }

    /// Statements without comments, with lines that go on joined, and the number of the first line of each.
    private static func statements(_ text: String) -> [(Int, String)] {
        var statements: [(Int, String)] = []
        var open: (line: Int, text: String)?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if trimmed.hasPrefix("#") || trimmed.isEmpty { continue }
            let goesOn = trimmed.hasSuffix("\\")
            let part = goesOn ? trimmed.dropLast().trimmingCharacters(in: .whitespaces) : trimmed
            open = (open?.line ?? index + 1, open.map { $0.text + " " + part } ?? part)
            if !goesOn, let statement = open {
                statements.append(statement)
                open = nil
            }
        }
        return statements + (open.map { [$0] } ?? [])
    }

    fileprivate static func split(_ text: String) -> (String, String) {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        return (parts[0], parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
    }
}

/// One statement, before it is understood.
private struct Statement {
    let line: Int
    let keyword: String
    var rest: String

    var failure: Dockerfile.Failure { .init(line: line, message: "\(keyword) \(rest): not understood") }

    func instruction(_ arguments: [String: String]) throws -> Dockerfile.Instruction {
        switch keyword {
        case "ARG":
            let (name, standard) = try assignment()
            return .argument(name: name, standard: arguments[name] ?? standard)
        case "ENV":
            let (name, value) = try assignment()
            return .environment([name: value])
        case "WORKDIR": return .workingDirectory(try path())
        case "USER": return .user(try word())
        case "STOPSIGNAL": return .stopSignal(try word())
        case "COPY": return try copy()
        case "RUN": return try run()
        case "ENTRYPOINT": return .entryPoint(try list())
        case "CMD": return .command(try list())
        case "VOLUME": return .volumes(try list())
        case "HEALTHCHECK": return .healthCheck(try healthCheck())
        case "LABEL", "EXPOSE": return .remark
        default: throw failure
        }
    }

    func assignment() throws -> (String, String) {
        let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !rest.contains(where: { " \"'".contains($0) }) else { throw failure }
        return (parts[0], parts[1])
    }

    private func word() throws -> String {
        guard !rest.isEmpty, !rest.contains(" "), !rest.contains("$") else { throw failure }
        return rest
    }

    private func path() throws -> String {
        guard rest.hasPrefix("/") else { throw failure }
        return try word()
    }

    private func list() throws -> [String] {
        guard let list = try? JSONDecoder().decode([String].self, from: Data(rest.utf8)) else { throw failure }
        return list
    }

    private func healthCheck() throws -> [String] {
        var statement = self
        let options = ["--interval=", "--timeout=", "--start-period=", "--retries="]
        while options.contains(where: statement.rest.hasPrefix) { statement.rest = Dockerfile.split(statement.rest).1 }
        let (keyword, rest) = Dockerfile.split(statement.rest)
        guard keyword == "CMD" else { throw failure }
        statement.rest = rest
        return try statement.list()
    }

    private func copy() throws -> Dockerfile.Instruction {
        var words = rest.split(separator: " ").map(String.init)
        var stage: String?
        if let first = words.first, first.hasPrefix("--from=") {
            stage = String(first.dropFirst("--from=".count))
            words.removeFirst()
        }
        guard words.count >= 2, !words.contains(where: { $0.hasPrefix("--") || $0.contains("$") }) else {
            throw failure
        }
        return .copy(from: stage, Array(words.dropLast()), to: words[words.count - 1])
    }

    private func run() throws -> Dockerfile.Instruction {
        var command = rest
        var caches: [String] = []
        while command.hasPrefix("--") {
            let (option, rest) = Dockerfile.split(command)
            let prefix = "--mount=type=cache,target="
            guard option.hasPrefix(prefix) else { throw failure }
            caches.append(String(option.dropFirst(prefix.count).prefix { $0 != "," }))
            command = rest
        }
        guard !command.isEmpty, !command.hasPrefix("["), !command.hasPrefix("<<") else { throw failure }
        return .run(command, caches: caches)
    }
}

extension String {
    /// The text with each `${NAME}` replaced by its value; throws when one has none, or for another form of expansion.
    fileprivate func expanded(_ values: [String: String], else failure: Dockerfile.Failure) throws -> String {
        let text = try replacing(#/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/#) { match in
            guard let value = values[String(match.1)] else { throw failure }
            return value
        }
        guard !text.contains("$") else { throw failure }
        return text
    }
}
