import Foundation

/// A script of the folder Tests/Images.
enum Script: String {
    case enter, bases

    /// The root of the repository.
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Where the script lies.
    var path: String { Self.repository + "/Tests/Images/" + rawValue }

    /// How a program ended, and what it wrote.
    struct Outcome {
        let exitCode: Int32
        /// Standard output and standard error.
        let text: String
    }

    /// Runs the script to its end.
    func run(_ arguments: [String]) throws -> Outcome { try Self.run(path, arguments) }

    /// Runs a program to its end; what it writes on standard error is taken for output too.
    static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Outcome(exitCode: code, text: String(decoding: bytes, as: UTF8.self))
    }
}
