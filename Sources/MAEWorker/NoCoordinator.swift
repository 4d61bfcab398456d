import MAEText

/// There is no coordinator, or was none for as long as a worker was to wait.
public struct NoCoordinator: Error, CustomStringConvertible {
    /// Where it was looked for, for how long, and the remedy.
    public let description: String

    /// None at `address`, for so long as the worker was to wait; nil where it did not wait.
    init(at address: CoordinatorAddress, after patience: Duration? = nil) {
        let wait = patience.map { " for \(NumberText.short($0 / .seconds(1))) s" } ?? ""
        description =
            "no coordinator at \(address)\(wait): check that mae-coord verify runs and that this is its endpoint, or wait longer "
            + "with --give-up"
    }
}
