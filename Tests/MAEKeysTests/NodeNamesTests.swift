import MAEDomain
import Testing

@testable import MAEKeys

@Suite("Names of nodes as they are typed")
struct NodeNamesTests {
    @Test(
        "a range stands for each of its names, with zeros in front where a bound has them",
        arguments: [
            ("n-{0..3}", ["n-0", "n-1", "n-2", "n-3"]), ("{8..11}", ["8", "9", "10", "11"]),
            ("n{08..11}.lan", ["n08.lan", "n09.lan", "n10.lan", "n11.lan"]), ("n{1..003}", ["n001", "n002", "n003"]),
            ("n{5..5}", ["n5"]),
        ])
    func ranges(text: String, names: [String]) throws {
        let read = try NodeNames(text)
        #expect(read.nodes.map(\.name) == names)
        #expect(read.isRange)
    }

    @Test(
        "what is no range is a name as it stands",
        arguments: ["node2", "n{0}", "n{a..b}", "n{0...3}", "{}", "n{-1..3}"])
    func single(text: String) throws {
        let read = try NodeNames(text)
        #expect(read.nodes.map(\.name) == [text])
        #expect(!read.isRange)
    }

    @Test(
        "what cannot be is refused with the reason",
        arguments: [
            ("n{3..0}", "lower number first"), ("n{0..1024}", "more than 1024"),
            ("r{0..1}n{0..1}", "more than one range"),
            ("", "is no name"), ("\u{7}{0..1}", "is no name"),
            (String(repeating: "n", count: 64) + "{0..1}", "is no name"),
        ])
    func refused(text: String, reason: String) {
        let fault = #expect(throws: NodeNameFault.self) { try NodeNames(text) }
        #expect(fault?.description.contains(reason) == true, "\(fault?.description ?? "")")
    }

    @Test("1024 names are a range")
    func most() throws { #expect(try NodeNames("n{0..1023}").nodes.count == 1024) }
}
