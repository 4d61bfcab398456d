import MAEText

/// All that keeps a run from beginning, as far as its plan and its files show it: what is missing is told at once, and not one by one.
public struct RunObstacles: Error, CustomStringConvertible {
    /// Why the run cannot begin, in the order in which it was found; each message is there once.
    public private(set) var all: [any Error] = []

    /// Nothing was found yet.
    public init() {}

    /// What `work` makes; nil where it throws, which is an obstacle.
    public mutating func attempt<Value>(_ work: () throws -> Value) -> Value? {
        do { return try work() } catch {
            add(error)
            return nil
        }
    }

    /// Looks through what a run reads on this machine; nothing is computed, and no weights are read.
    ///
    /// - Parameter isWhole: whether the run has all that it is planned with. Without its images, how many there are in a batch is not
    ///   known, and so neither is which noise fits.
    public mutating func look(at planned: PlannedRun, _ options: VerificationOptions, isWhole: Bool) {
        let noise = attempt { try planned.noise() } ?? nil
        let check = planned.check(isWhole ? noise : nil, options)
        let hasConfiguration = attempt { try check.requireConfiguration() } != nil
        for method in planned.plan.methods {
            do { try check.requireLoadable(method) } catch {
                let isOfConfiguration = (error as? MethodError)?.isOfConfiguration ?? false
                // One that is not there was told of as such.
                if hasConfiguration || !isOfConfiguration { add(error) }
                if isOfConfiguration { _ = attempt { try check.requireReadable(method) } }
            }
        }
    }

    private mutating func add(_ error: any Error) {
        // Several methods may fail for one reason.
        guard !has(error) else { return }
        all.append(error)
    }

    /// Whether an error with this message is among them.
    public func has(_ error: any Error) -> Bool { all.contains { "\($0)" == "\(error)" } }

    /// A line for each; where there are several, behind a line that counts them.
    public var description: String {
        let head = all.count > 1 ? ["\(NumberText.count(all.count, "thing")) keep this run from beginning:"] : []
        return (head + all.map { "\($0)" }).joined(separator: "\n")
    }
}
