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
        guard let last = try lastNumber(on: date, in: store) else { return .new(name(1, on: date)) }
        let run = name(last, on: date)
        return try store.run(run).ending == nil ? .resumed(run) : .new(name(last + 1, on: date))
    }

    /// The name of the run that follows all those of the day.
    ///
    /// - Throws: what the store throws.
    public func newName(on date: NightDate, in store: Store) throws -> String {
        try name((lastNumber(on: date, in: store) ?? 0) + 1, on: date)
    }

    /// The highest number of the day's runs, earlier ones of which may have been removed; nil where there are none.
    private func lastNumber(on date: NightDate, in store: Store) throws -> Int? {
        let first = name(1, on: date)
        return try store.runNames().compactMap { run in
            if run == first { return 1 }
            guard run.hasPrefix(first + "-") else { return nil }
            // Digits alone, and no more than a person would count to.
            let digits = run.dropFirst(first.count + 1)
            return digits.wholeMatch(of: /[1-9]\d{0,8}/) == nil ? nil : Int(digits)
        }.max()
    }
}
