import MAEDomain
import Testing

@testable import MAECluster

@Suite("Row sets")
struct RowSetTests {
    @Test("a set does what a set of numbers does, over borders of blocks", arguments: [1, 2, 3])
    func likeASet(seed: Int) {
        var chance = SplitMix(state: UInt64(seed))
        var set = RowSet()
        var model: Set<Int> = []
        for _ in 0..<400 {
            let row = Int.random(in: 0..<200_000, using: &chance)
            // Stretches, so that blocks come to have many rows.
            let stretch = row..<row + Int.random(in: 1...2000, using: &chance)
            if Bool.random(using: &chance) {
                for row in stretch { set.insert(row) }
                model.formUnion(stretch)
            } else {
                for row in stretch { set.remove(row) }
                model.subtract(stretch)
            }
        }
        let agrees = (0..<210_000).allSatisfy { set.contains($0) == model.contains($0) }
        #expect(agrees)
        #expect(!set.contains(-1) && !set.contains(1 << 30))
    }
}

@Suite("Assignments")
struct AssignmentTableTests {
    @Test("each state in each place is kept, over borders of blocks, in 16 bytes")
    func kept() {
        let floor = Epoch(rawValue: 7 << 44 | 3 << 20)
        var table = AssignmentTable(floor: floor)
        let node = NodeNumber(index: 1023)
        let places: [Assignment.Place] = [.slot(0), .slot(2000), .extra, .node(NodeNumber(index: 0)), .node(node)]
        let states: [Assignment.State] = [
            .pending, .leased(node), .storing(node), .done(NodeNumber(index: 0)), .closed,
        ]
        var expected: [Assignment] = []
        for number in 0..<10_000 {
            let place = places[number % places.count]
            let id = table.add(row: number * 3, at: place)
            #expect(id.rawValue == number && table[number].epoch == floor && table[number].state == .pending)
            let assignment = Assignment(
                id: id, row: number * 3, place: place, epoch: Epoch(rawValue: floor.rawValue + UInt64(number)),
                state: states[number / places.count % states.count])
            table[number] = assignment
            expected.append(assignment)
        }
        #expect(Array(table) == expected)
        // A run may have millions.
        #expect(MemoryLayout<AssignmentTable.Entry>.stride == 16)
    }
}
