import MAECluster

/// Decides how often the log says that no coordinator answers: the second Hello that goes unanswered, then now and then.
struct HelloReminder {
    private var hellos = 0
    private var lastWords: Instant?

    /// What to say of a Hello sent now; nil when it is not worth a line.
    mutating func words(at now: Instant, every interval: Duration) -> String? {
        hellos += 1
        guard hellos > 1 else { return nil }
        if let lastWords, now - lastWords < interval { return nil }
        defer { lastWords = now }
        return lastWords == nil ? ": trying again until there is one" : " after \(hellos) tries: still trying"
    }
}
