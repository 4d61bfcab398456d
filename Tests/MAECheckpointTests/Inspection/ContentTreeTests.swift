import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Outlines of files")
struct ContentTreeTests {
    @Test("a checkpoint that was opened has the outline of its file")
    func comesWithTheCheckpoint() throws {
        let bench = try StateDictBench()
        let weights = StateDictBench.dictionary(try bench.entries())
        let log: PickleExpression = .list([.tuple([.int(1), .string("loss")])])
        let checkpoint = try bench.open(.dictionary([(.string("model"), weights), (.string("log"), log)]))
        let nodes = try #require(checkpoint.contents).nodes
        #expect(nodes.first?.summary == "a dictionary of 2")
        #expect(nodes.filter { $0.depth == 1 }.map(\.key) == ["model", "log"])
        #expect(nodes.last?.summary == "a list of 1")
    }

    @Test("a directory has none")
    func hasNoneForADirectory() throws {
        #expect(try ModelCheckpoint.open(GoldenWeights.path("hub4")).contents == nil)
    }
}
