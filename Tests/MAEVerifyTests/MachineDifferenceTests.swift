import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("What differs between machines")
struct MachineDifferenceTests {
    private static func node(_ name: String, _ facts: [MachineFacts.Fact?]?, threads: Int = 2) -> NodeIdentity {
        var node = Simulation.identity(name)
        node.threads = threads
        node.machine = facts.map { MachineFacts($0.compactMap(\.self)) }
        return node
    }

    private static func microcode(_ value: String) -> MachineFacts.Fact { .init(.microcode, value) }

    @Test("only what all of one side have otherwise than all of the other is told")
    func separating() {
        let here = [
            Self.node("a", [Self.microcode("0x1"), .init(.kernel, "6.1"), .init(.libc, "glibc 2.36")]),
            Self.node("b", [Self.microcode("0x2"), .init(.kernel, "6.2"), .init(.libc, "glibc 2.36")]),
        ]
        let there = [
            Self.node("c", [Self.microcode("0x3"), .init(.kernel, "6.2"), .init(.libc, "glibc 2.36")], threads: 8)
        ]
        let difference = MachineDifference(between: here, and: there)
        #expect(
            difference.sentence
                == "What differs between their machines: microcode 0x1 or 0x2 here, 0x3 there; threads 2 here, 8 there."
        )
    }

    @Test("a variable that is not there is not set; of other facts that are not there, nothing is known")
    func missing() {
        let variable = MachineFacts.Fact(variable: "OMP_NUM_THREADS", "4")
        let difference = MachineDifference(
            between: [Self.node("a", [variable, Self.microcode("0x1")])],
            and: [Self.node("b", [.init(.kernel, "6.1")])])
        #expect(
            difference.sentence
                == "What differs between their machines: environment OMP_NUM_THREADS 4 here, not set there.")
    }

    @Test("nothing is said where a side tells nothing, or nothing differs")
    func silent() {
        let told = Self.node("a", [Self.microcode("0x1")])
        #expect(MachineDifference(between: [told], and: [Self.node("b", nil)]).sentence == nil)
        #expect(MachineDifference(between: [told], and: []).sentence == nil)
        #expect(MachineDifference(between: [told], and: [Self.node("b", [Self.microcode("0x1")])]).sentence == nil)
    }

    @Test("a finding that blames a node says what its machine has otherwise")
    func evidence() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 2)
        simulation.node = { Self.node($0, [Self.microcode($0 == "n3" ? "0xa101148" : "0xa101144")]) }
        let result = simulation.verify { cell, work in if cell.node == "n3" { work.outputFault = "broken core" } }
        #expect(result.causes == ["node-outlier"])
        #expect(
            result.findings[0].evidence.contains(
                "What differs between their machines: microcode 0xa101148 here, 0xa101144 there."))
    }

    @Test("a loading method is not blamed on machines")
    func loader() {
        var simulation = Simulation(nodes: ["n1", "n2"], batches: 1)
        simulation.node = { Self.node($0, [Self.microcode($0)]) }
        let result = simulation.verify { cell, work in if cell.method == "full" { work.outputFault = "loader" } }
        #expect(!result.findings[0].evidence.contains { $0.contains("machines") })
    }
}

@Suite("Facts of a machine")
struct MachineFactsTests {
    @Test("only variables of the families that libraries look at are told")
    func variables() {
        for name in ["MAE_SEED", "OMP_NUM_THREADS", "MKL_CBWR", "KMP_AFFINITY", "VK_ICD_FILENAMES", "LD_PRELOAD"] {
            #expect(MachineFacts.Fact(variable: name, "x")?.name == "environment \(name)")
        }
        for name in ["HOME", "AWS_SECRET_ACCESS_KEY", "PATH", "LD_PRELOADED", "OMP NUM", "MAE_\u{1B}", "XMAE_"] {
            #expect(MachineFacts.Fact(variable: name, "x") == nil)
        }
        #expect(MachineFacts.Fact(variable: "MAE_" + String(repeating: "X", count: 61), "x") == nil)
    }

    @Test("names in messages are those of the keys, and others stand for nothing")
    func names() {
        for key in MachineFacts.Key.allCases where key != .environment {
            #expect(MachineFacts.Fact(name: key.rawValue, value: "x") == MachineFacts.Fact(key, "x"))
            #expect(key.rawValue.utf8.count <= MachineFacts.nameBytes)
        }
        for name in ["", "environment", "environment ", "environment HOME", "secret"] {
            #expect(MachineFacts.Fact(name: name, value: "x") == nil)
        }
    }

    @Test("values are short, and harmless on a terminal")
    func values() {
        #expect(MachineFacts.Fact(.kernel, "6.1\u{1B}[2J\n\u{202E}").value == "6.1?[2J??")
        let long = MachineFacts.Fact(.kernel, String(repeating: "ä", count: 1000)).value
        #expect(long.utf8.count == MachineFacts.valueBytes && long.allSatisfy { $0 == "ä" })
    }

    @Test("there are no more facts than there may be, and each once")
    func bounded() {
        let variables = (0..<100).compactMap { MachineFacts.Fact(variable: "OMP_\($0)", "x") }
        #expect(MachineFacts(variables).facts.count == MachineFacts.mostFacts)
        #expect(MachineFacts([.init(.kernel, "1"), .init(.kernel, "2")]).facts.map(\.value) == ["1"])
    }
}
