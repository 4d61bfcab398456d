import ArgumentParser

/// The option of every command that runs until it is told to stop, or for long: where it keeps its sign of life.
public struct HealthArguments: ParsableArguments {
    /// The file that the sign of life is kept in; nil when none is asked for.
    @Option(
        help: ArgumentHelp(
            "Keep a sign of life in this file, which is renewed all the time, for probes of containers and services.",
            valueName: "file"), completion: .file())
    public var health: String?

    /// The defaults.
    public init() {}

    /// Runs `work`, which calls the closure that it is given at least every five seconds; the file goes at an orderly end.
    ///
    /// - Throws: ``HealthError`` when the file cannot be written, and what `work` throws.
    public func during<Outcome>(_ work: (_ renew: @escaping () -> Void) throws -> Outcome) throws -> Outcome {
        guard let health else { return try work {} }
        let file = try HealthFile(health)
        defer { file.remove() }
        return try work(file.renew)
    }
}
