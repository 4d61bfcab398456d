import Foundation

/// A `mae-bench model --turns` of some build, which runs one pass whenever it is asked.
final class TurnsProcess {
    private let process = Process()
    private let requests = Pipe(), answers = Pipe()
    private let program: String
    private var rest = Data()

    /// Exit codes that mae-bench has for errors.
    private static let ownCodes: Set<Int32> = [1, 64, 65, 69, 70]

    private struct Answer: Decodable { let seconds: Double }

    /// Starts the program and waits until it is warm.
    ///
    /// - Throws: ``ChildFailure`` when it cannot be started, or ends.
    init(_ program: String, _ options: [String]) throws {
        self.program = program
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["model", "--turns"] + options
        process.standardInput = requests
        process.standardOutput = answers
        do { try process.run() } catch {
            throw ChildFailure(exitCode: 69, "\(program) cannot be started: is it there, and a program?")
        }
        _ = try line()
    }

    deinit {
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Seconds of one pass: `encoder` or `full`.
    func pass(_ name: String) throws -> Double {
        try requests.fileHandleForWriting.write(contentsOf: Data((name + "\n").utf8))
        return try JSONDecoder().decode(Answer.self, from: line()).seconds
    }

    /// The next line of its output.
    private func line() throws -> Data {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest = Data(rest[(end + 1)...]) }
                return Data(rest[..<end])
            }
            let more = answers.fileHandleForReading.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                let code = process.terminationStatus
                guard Self.ownCodes.contains(code) else {
                    throw ChildFailure(exitCode: 65, "\(program) is no mae-bench: it does not know model --turns")
                }
                throw ChildFailure(exitCode: code, "\(program) model --turns ended before it had answered")
            }
            rest += more
        }
    }
}
