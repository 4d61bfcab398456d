/// What `mae-bench regression --json` prints: a build against another one.
///
/// Other programs read these fields: more may come, none is renamed.
struct RegressionReport: Encodable {
    /// One thing that both did.
    struct Entry: Encodable {
        let name: String
        /// Seconds of the passes, in turns; nil where instructions were counted.
        let old_seconds: Spread?
        let new_seconds: Spread?
        /// Instructions of a pass; nil where time was taken.
        let old_instructions: Double?
        let new_instructions: Double?
        /// New over old, of the least times or of the instructions.
        let ratio: Double
        /// Of times, new over old of the medians.
        let median_ratio: Double?

        init(_ name: String, old: [Double], new: [Double]) {
            let (old, new) = (Spread(old), Spread(new))
            self.name = name
            (old_seconds, new_seconds) = (old, new)
            (old_instructions, new_instructions) = (nil, nil)
            ratio = new.min / old.min
            median_ratio = new.median / old.median
        }

        init(_ name: String, oldInstructions old: Double, newInstructions new: Double) {
            self.name = name
            (old_seconds, new_seconds) = (nil, nil)
            (old_instructions, new_instructions) = (old, new)
            ratio = new / old
            median_ratio = nil
        }
    }

    let old: String
    let new: String
    /// The largest ratio that is no regression.
    let limit: Double
    let entries: [Entry]

    /// Those that are above the limit.
    var regressions: [Entry] { entries.filter { $0.ratio > limit } }

    /// Whether the times say little: of passes that take less than five milliseconds, or where least and median times disagree.
    var isNoisy: Bool {
        entries.contains { entry in
            guard let seconds = entry.new_seconds, let medians = entry.median_ratio else { return false }
            return seconds.min < 0.005 || abs(medians - entry.ratio) > 0.1
        }
    }

    /// The report as a person reads it.
    var text: String {
        let width = (entries.map(\.name.count).max() ?? 0) + 2
        let head =
            "\("".left(width))\("old, least".right(12))\("new, least".right(12))\("new ÷ old".right(11))\("of medians".right(12))"
        let rows = entries.map { entry in
            func value(_ seconds: Spread?, _ instructions: Double?) -> String {
                seconds.map { $0.min.formatted(decimals: 2, times: 1e3) + " ms" }
                    ?? instructions.map { $0.formatted(decimals: 2, times: 1e-6) + " M" } ?? ""
            }
            return entry.name.left(width) + value(entry.old_seconds, entry.old_instructions).right(12)
                + value(entry.new_seconds, entry.new_instructions).right(12)
                + entry.ratio.formatted(decimals: 3).right(11)
                + (entry.median_ratio?.formatted(decimals: 3) ?? "").right(12)
                + (entry.ratio > limit ? "  above \(limit.formatted(decimals: 2))" : "")
        }
        let note =
            isNoisy
            ? ["The passes are too short, or the machine too busy, to tell: --instructions, or more --turns."] : []
        return (["old: \(old)", "new: \(new)", head] + rows + note).joined(separator: "\n")
    }
}
