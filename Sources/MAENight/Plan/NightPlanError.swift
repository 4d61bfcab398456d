import MAEText

/// Why a plan is refused: everything that is wrong with it, at once.
public struct NightPlanError: Error, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable {
        /// Line in the file, from 1 on; nil where it is of the file as a whole.
        public let line: Int?
        /// The key; nil where it is of no key.
        public let key: String?
        /// What is wrong with it, and what it should be.
        public let message: String

        init(line: Int?, key: String?, _ message: String) {
            (self.line, self.key, self.message) = (line, key, message)
        }
    }

    /// The file, as it was named.
    public let path: String
    /// What is wrong, in the order of lines.
    public let problems: [Problem]

    init(_ path: String, _ problems: [Problem]) {
        self.path = path
        self.problems = problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    /// A line for each problem: `night.yaml:7: batch_size: eight: a whole number from 1 to 65536`; where there are several,
    /// behind a line that counts them.
    public var description: String {
        let head = problems.count > 1 ? SafeText.terminal(path) + ": \(problems.count) mistakes:\n" : ""
        return head + lines
    }

    private var lines: String {
        problems.map { problem in
            let place = path + (problem.line.map { ":\($0)" } ?? "")
            return SafeText.terminal(
                [place, problem.key, problem.message].compactMap(\.self).joined(separator: ": "))
        }.joined(separator: "\n")
    }
}
