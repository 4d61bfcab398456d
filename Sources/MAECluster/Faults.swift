/// What is wrong with the state of a machine, in words.
struct Faults {
    private(set) var texts: [String] = []

    /// Adds `fault` unless `condition` holds.
    mutating func require(_ condition: Bool, _ fault: @autoclosure () -> String) {
        if !condition { texts.append(fault()) }
    }
}
