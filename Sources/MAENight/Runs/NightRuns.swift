import MAEStore

/// The runs of a plan: which one a night begins or carries on.
public struct NightRuns: Sendable {
    /// What a night does.
    public enum Start: Sendable, Hashable {
        /// It begins a run of this name.
        case new(String)
        /// It carries this run on, which was cut off before its verdict.
        case resumed(String)
    }

    /// Name of the plan.
    public let plan: String

    /// The runs of a plan.
    public init(of plan: String) { self.plan = plan }

    /// Name of the `number`-th run of a day, from 1 on: `night-2026-01-31`, `night-2026-01-31-2`.
    public func name(_ number: Int, on date: NightDate) -> String {
        "\(plan)-\(date)" + (number == 1 ? "" : "-\(number)")
    }

    /// Whether a run is one of the plan, by its name.
    public func have(_ run: String) -> Bool {
        guard run.hasPrefix(plan + "-") else { return false }
        return run.dropFirst(plan.count + 1).wholeMatch(of: /\d{4}-\d\d-\d\d(-\d+)?/) != nil
    }

    /// What a night of `date` does: it carries the day's last run on where that has no verdict, else it begins the next.
    ///
    /// - Throws: what the store throws.
    public func next(on date: NightDate, in store: Store) throws -> Start {
        var last: String?
        var number = 1
        while true {
            let name = name(number, on: date)
            guard let isJudged = try Self.isJudged(name, store) else {
                return last.map(Start.resumed) ?? .new(name)
            }
            last = isJudged ? nil : name
            number += 1
        }
    }

    /// The name of the run that follows all those of the day.
    ///
    /// - Throws: what the store throws.
    public func newName(on date: NightDate, in store: Store) throws -> String {
        var number = 1
        while try Self.isJudged(name(number, on: date), store) != nil { number += 1 }
        return name(number, on: date)
    }

    /// Whether a run has its verdict; nil where there is no such run.
    private static func isJudged(_ run: String, _ store: Store) throws -> Bool? {
        do {
            return try store.run(run).ending != nil
        } catch let error as StoreError where error.code == .unknownRun {
            return nil
        }
    }
}
