/// Tuples, by number, with the elements of all of them in one array.
package struct PickleTuples: Sendable {
    private var elements: [PickleSlot] = []
    /// Where the elements of each tuple end, which is where those of the next one begin.
    private var ends: [Int] = []

    /// How many tuples there are.
    var count: Int { ends.count }

    /// Adds a tuple, whose number is the count of those before.
    mutating func append(_ tuple: some Collection<PickleSlot>) {
        elements.append(contentsOf: tuple)
        ends.append(elements.count)
    }

    /// The elements of a tuple.
    ///
    /// Let go of them before the next tuple is added: all elements would be copied.
    subscript(number: Int) -> ArraySlice<PickleSlot> { elements[start(of: number)..<ends[number]] }

    /// How many elements a tuple has.
    func count(of number: Int) -> Int { ends[number] - start(of: number) }

    /// The element of a tuple at a position below its count.
    subscript(number: Int, position: Int) -> PickleSlot { elements[start(of: number) + position] }

    private func start(of number: Int) -> Int { number == 0 ? 0 : ends[number - 1] }
}
