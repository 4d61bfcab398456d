import Testing

@testable import MAECluster

@Suite("Position sets")
struct PositionSetTests {
    @Test(
        "a set does what a set of numbers does, over borders of words and blocks",
        arguments: [0, 1, 64, 4095, 4096, 9000])
    func likeASet(end: Int) {
        var chance = SplitMix(state: UInt64(end))
        var set = PositionSet(end: end)
        var model = Set(0..<end)
        var modelEnd = end
        for step in 0..<3000 {
            let position = Int.random(in: 0..<max(modelEnd, 1) + 3, using: &chance)
            switch Int.random(in: 0..<8, using: &chance) {
            case 0:
                guard position < modelEnd else { continue }
                set.insert(position)
                model.insert(position)
            case 1 where step % 500 == 1:
                set.append(100)
                model.formUnion(modelEnd..<modelEnd + 100)
                modelEnd += 100
            case 2...4:
                // Whole stretches, so that blocks become empty.
                for each in position..<position + 40 {
                    set.remove(each)
                    model.remove(each)
                }
            default:
                set.remove(position)
                model.remove(position)
            }
            #expect(set.count == model.count)
            #expect(set.contains(position) == model.contains(position))
            let next = set.next(from: position)
            #expect(next == model.filter { $0 >= position }.min())
        }
    }

    @Test("going through a set of a million and emptying it finds each position once")
    func emptied() {
        var set = PositionSet(end: 1_000_000)
        var expected = 0
        while let next = set.next(from: expected) {
            guard next == expected else { break }
            set.remove(next)
            expected += 1
        }
        #expect(expected == 1_000_000)
        #expect(set.count == 0)
        #expect(set.next(from: 0) == nil)
    }

    @Test("what was emptied whole is passed over, and can be filled again")
    func emptyBlocks() {
        var set = PositionSet(end: 20_000)
        for position in 0..<16_000 { set.remove(position) }
        #expect(set.next(from: 0) == 16_000)
        #expect(set.next(from: 5000) == 16_000)
        set.insert(4200)
        #expect(set.next(from: 0) == 4200)
        #expect(set.count == 4001)
    }
}
