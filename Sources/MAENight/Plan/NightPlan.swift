import MAEText

/// The plan of a night: what `verify` is to do night after night, and what becomes of its runs.
public struct NightPlan: Sendable {
    /// A key of the file, with the words of a command line that say the same.
    struct Entry: Sendable {
        let setting: NightSetting
        let line: Int
        let parts: [NightValue.Part]

        var words: [String] { parts.flatMap(\.words) }
    }

    /// The file, as it was named.
    public let path: String
    /// Name of the plan.
    public let name: String
    /// How many of its runs are kept; nil keeps all.
    public let keep: Int?
    /// The folder that gets the pages of the history; nil for none.
    public let history: String?
    let entries: [Entry]

    /// The arguments of `verify` for a run.
    ///
    /// - Parameters:
    ///   - run: name of the run.
    ///   - date: the date of the night, from which fresh batches are drawn.
    ///   - flags: words of the command line, which go before the plan.
    public func arguments(for run: String, on date: NightDate, overriddenBy flags: [String]) -> [String] {
        let given = Set(flags.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) })
        let kept = entries.filter { !$0.setting.isOfNight && $0.setting.flags.isDisjoint(with: given) }
        var words = kept.flatMap(\.words) + flags
        let names = given.union(kept.map(\.setting.flag))
        if names.contains("--fresh"), !names.contains("--fresh-seed") {
            words += ["--fresh-seed", "\(date.freshSeed)"]
        }
        words = words.map { $0.replacing("{run}", with: run).replacing("{date}", with: "\(date)") }
        return words + ["--run", run]
    }

    /// The words that carry a run on, of those that would begin it: what its record has is left out.
    public static func words(carryingOn run: String, _ words: [String]) -> [String] {
        let recorded: Set = ["--method", "--replicas", "--run", "--config"]
        var kept: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            guard recorded.contains(String(word.prefix { $0 != "=" })) else {
                kept.append(word)
                continue
            }
            if !word.contains("=") { _ = rest.popFirst() }
        }
        return kept + ["--resume", run]
    }

    /// What was found wrong with what the plan asks for, with the place in the file where that is known.
    ///
    /// - Parameter messages: what is wrong, each of which names a flag or a value.
    public func error(_ messages: [String]) -> NightPlanError {
        NightPlanError(
            path,
            messages.map { message in
                let entry = entry(named: message)
                let line = best(entry?.parts ?? [], for: message) { [$0] }?.line
                return .init(line: line ?? entry?.line, key: entry?.setting.key, message)
            })
    }

    /// The key that a message is about: by its flag, else by the longest of the values that it tells.
    private func entry(named message: String) -> Entry? {
        let byFlag = message.split(separator: " ").lazy.compactMap { word in
            let flag = String(word.prefix { $0 != ":" && $0 != "=" })
            return entries.first { $0.setting.flags.contains(flag) }
        }.first
        return byFlag ?? best(entries, for: message) { $0.parts }
    }

    /// The candidate whose parts fit a message best; nil where the message tells no path of any.
    private func best<Candidate>(
        _ candidates: [Candidate], for message: String, _ parts: (Candidate) -> [NightValue.Part]
    ) -> Candidate? {
        candidates.compactMap { candidate in
            parts(candidate).compactMap { $0.mention(in: message) }.max().map { (candidate, $0) }
        }.max { $0.1 < $1.1 }?.0
    }
}
