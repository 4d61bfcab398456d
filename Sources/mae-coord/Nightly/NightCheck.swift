import ArgumentParser
import Glibc
import MAECommand
import MAEFiles
import MAENight
import MAERun
import MAEStore
import MAEText

/// What can be found out about a night without running it.
struct NightCheck {
    let night: Night

    /// Says everything that is wrong, and what would be run.
    ///
    /// - Throws: `NightPlanError` with everything that is wrong.
    func run() throws {
        let first = try night.command(night.words(beginning: night.runs.name(1, on: night.date)))
        // The next of the day, where there were some.
        let known = try? Store(directory: first.store, access: .reading)
        let name =
            try known.map { try night.runs.newName(on: night.date, in: $0) } ?? night.runs.name(1, on: night.date)
        let words = night.words(beginning: name)
        let verify = try night.command(words)
        let shown = AlarmOptions.withoutSecrets(words)
        let line = (["mae-coord", "verify"] + shown).map(ShellText.quoted).joined(separator: " ")
        let problems = problems(verify)
        let state =
            problems.isEmpty
            ? "nothing is wrong. A night of today begins with:" : "what a night of today would begin with:"
        try StandardOutput.writeLine(SafeText.terminal("\(night.plan.path): \(state)"))
        try StandardOutput.writeLine(SafeText.terminal(line))
        if let keep = night.keep {
            try StandardOutput.writeLine("and keeps the last \(NumberText.count(keep, "run")) of this plan")
        }
        if let history = night.history {
            try StandardOutput.writeLine(SafeText.terminal("and writes the history of its store into \(history)"))
        }
        guard !problems.isEmpty else { return }
        throw night.plan.error(problems)
    }

    private func problems(_ verify: VerifyCommand) -> [String] {
        var problems: [String] = []
        func attempt<Value>(_ work: () throws -> Value) -> Value? {
            do { return try work() } catch {
                problems.append(error is ValidationError ? VerifyCommand.message(for: error) : "\(error)")
                return nil
            }
        }
        _ = attempt { try InputProtection(inputs: verify.inputs + [night.plan.path]).check(verify.outputs) }
        problems += verify.obstacles().all.map { "\($0)" }
        // What is wrong with it was told.
        var rest = verify
        rest.baselineOptions.baseline = nil
        if let options = try? rest.runOptions(expecting: verify.workers) {
            problems += options.keyObstacles(expecting: verify.workers).map { "\($0)" }
        }
        for output in verify.outputs {
            guard let path = output.path else { continue }
            if FileSystem.isDirectory(FileSystem.split(path).folder) {
                _ = attempt { try OutputFile(path).probe() }
            } else if let problem = Self.obstacle(toMaking: path) {
                problems.append("\(output.option) \(problem)")
            }
        }
        if FileSystem.isThere(verify.store + "/mae.sqlite") {
            _ = attempt { try Store(directory: verify.store, access: .reading) }
        } else if let problem = Self.obstacle(toMaking: verify.store + "/mae.sqlite") {
            problems.append("--store \(problem)")
        }
        // Several methods may fail for one reason.
        return problems.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Why nothing can be made at `path`, whose folders need not be there yet; nil when it can.
    private static func obstacle(toMaking path: String) -> String? {
        var folder = FileSystem.split(path).folder
        while !FileSystem.isThere(folder), folder != "/", folder != "." { folder = FileSystem.split(folder).folder }
        guard FileSystem.isDirectory(folder) else { return "\(path): \(folder) is no folder" }
        return access(folder, W_OK | X_OK) == 0 ? nil : "\(path): this user may not write to \(folder)"
    }
}
