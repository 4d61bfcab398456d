import Foundation
import MAENight
import TestSupport
import Testing

@Suite("The plan of a night")
struct NightPlanTests {
    private let folder: TemporaryDirectory
    private let date = NightDate(year: 2026, month: 1, day: 31)

    init() throws { folder = try TemporaryDirectory() }

    private func plan(_ text: String) throws -> NightPlan {
        try NightPlan(reading: folder.write("night.yaml", text.utf8))
    }

    private func problems(_ text: String) throws -> [String] {
        let path = try folder.write("night.yaml", text.utf8)
        let error = #expect(throws: NightPlanError.self) { try NightPlan(reading: path) }
        return error?.problems.map { "\($0.line.map(String.init) ?? "-") \($0.key ?? "-"): \($0.message)" } ?? []
    }

    /// The value behind a flag; nil where it is not there.
    private func value(_ flag: String, _ words: [String]) -> String? {
        words.firstIndex(of: flag).map { $0 + 1 }.flatMap { words.indices.contains($0) ? words[$0] : nil }
    }

    private static let small = "name: night\nmethods:\n  - full: model.pth\n"

    @Test("the example can be read, with every key that it shows, set or not")
    func example() throws {
        let words = try plan(NightSetting.exampleText).arguments(for: "night-1", on: date, overriddenBy: [])
        #expect(value("--expect", words) == "node1,node2,node3")
        #expect(words.count { $0 == "--method" } == 3)
        // Comments of a key that is not set begin so; those of sentences with a capital.
        let all = NightSetting.exampleText.split(separator: "\n").map { line in
            line.wholeMatch(of: /# ([a-z_]+:.*)/).map { String($0.output.1) } ?? String(line)
        }.joined(separator: "\n")
        let whole = try plan(all)
        #expect(whole.name == "night" && whole.keep == 90)
        let given = Set(whole.arguments(for: "r", on: date, overriddenBy: []).filter { $0.hasPrefix("--") })
        // Yes and no that say what holds anyway need no flag.
        let silent: Set = ["--no-referee", "--files-on-workers"]
        let expected = NightSetting.all.filter { !$0.isOfNight }.map(\.flag)
        #expect(given == Set(expected).subtracting(silent).union(["--run"]))
    }

    @Test("the table of keys in docs/formats.md is the one that the program has")
    func documentation() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/formats.md"), encoding: .utf8)
        #expect(text.contains(NightSetting.table), "\(NightSetting.table)")
    }

    @Test("becomes the arguments of verify, with paths that count from its folder, and the date in reports")
    func arguments() throws {
        let words = try plan(
            """
            name: night
            store: store
            methods:
              - pretrained: ./base
              - full@mask_ratio=0.5: /models/model.pth#ema
            seed: -1
            noise: file=noise.npy
            referee: false
            html: out/{date}/{run}.html
            """
        ).arguments(for: "night-2026-01-31", on: date, overriddenBy: [])
        let here = folder.path
        #expect(
            words == [
                "--store", "\(here)/store", "--method", "pretrained=\(here)/base", "--method",
                "full@mask_ratio=0.5=/models/model.pth#ema", "--seed=-1", "--noise", "file=\(here)/noise.npy",
                "--no-referee",
                "--html", "\(here)/out/2026-01-31/night-2026-01-31.html", "--run", "night-2026-01-31",
            ])
        let resumed = NightPlan.words(carryingOn: "night-2026-01-31", words)
        #expect(!resumed.contains("--method") && !resumed.contains("--run") && resumed.contains("--seed=-1"))
        #expect(resumed.suffix(2) == ["--resume", "night-2026-01-31"])
    }

    @Test("a model of the hub cache keeps its name, unless something of that name is in the plan's folder")
    func modelNames() throws {
        let text = "name: n\nmethods: [pretrained: some-owner/some-model]\n"
        let named = try plan(text).arguments(for: "r", on: date, overriddenBy: [])
        #expect(value("--method", named) == "pretrained=some-owner/some-model")
        let path = folder.file("some-owner/some-model")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let local = try plan(text).arguments(for: "r", on: date, overriddenBy: [])
        #expect(value("--method", local) == "pretrained=\(path)")
    }

    @Test("a flag goes before the plan, and fresh batches are drawn from the date unless a seed is given")
    func flags() throws {
        let plan = try plan(Self.small + "batches: 2\nfresh: 3\nreferee: false\n")
        let own = plan.arguments(for: "r", on: date, overriddenBy: [])
        #expect(value("--fresh-seed", own) == "20260131000" && value("--batches", own) == "2")
        let given = plan.arguments(
            for: "r", on: date,
            overriddenBy: [
                "--batches=5", "--referee", "--method", "full=a", "--fresh-seed", "7", "--html", "{run}.html",
            ])
        #expect(!given.contains("--batches") && given.contains("--batches=5") && !given.contains("--no-referee"))
        #expect(given.count { $0 == "--method" } == 1 && value("--fresh-seed", given) == "7")
        #expect(value("--html", given) == "r.html")
        let added = try self.plan(Self.small).arguments(for: "r", on: date, overriddenBy: ["--fresh", "1"])
        #expect(value("--fresh-seed", added) == "20260131000")
    }

    @Test("everything that is wrong is said at once, each with its line and key")
    func mistakes() throws {
        let found = try problems(
            """
            name: "a b"
            stor: x
            methods:
              - pretraind: model
              - full
              - full@mask_ratio=1: m
            batch_size: eight
            fresh: 1001
            nodes: node1
            html: "{rum}.html"
            noise: shard
            mask_ratio: 1
            timeout: 0
            atol: -1
            secure: perhaps
            ping: hc-ping.com
            config:
            seed: [1]
            keep: 0
            """)
        let expected = [
            "1 name: a b: ", "2 stor: a plan has no such key. Did you mean 'store'?",
            "4 methods: pretraind: no such way of loading. Did you mean 'pretrained'?",
            "5 methods: full: a way of loading with a path",
            "6 methods: full@mask_ratio=1: as in full@mask_ratio=0.75",
            "7 batch_size: eight: a whole number from 1 to 65536",
            "8 fresh: 1001: a whole number from 1 to 1000", "9 nodes: node1: a list of names",
            "10 html: {rum}.html: {run} and {date} are known, {rum} is not",
            "11 noise: shard: shared, sequential or file=F.npy",
            "12 mask_ratio: 1: a number from 0 to below 1", "13 timeout: 0: a number above 0, at most 1e7",
            "14 atol: -1: a number from 0 on", "15 secure: perhaps: true or false",
            "16 ping: hc-ping.com: an address begins",
            "17 config: has no value", "18 seed: one value is wanted, and this is a list", "19 keep: 0: a whole number",
        ]
        #expect(found.count == expected.count, "\(found)")
        for (told, start) in zip(found, expected) { #expect(told.hasPrefix(start), "\(told)") }
        #expect(try problems("seed: 1\n").map { $0.prefix(9) } == ["- name: i", "- methods"])
        #expect(try problems(Self.small + "nodes: [a, \"b,c\", a]\n") == ["4 nodes: b,c: this is no name of a node"])
        #expect(try problems(Self.small + "nodes: [a, b, a]\n") == ["4 nodes: a: this node is named twice"])
    }

    @Test("what is no YAML, or no plan, is said with the line where that is known")
    func noYAML() throws {
        #expect(try problems("name: a\nmethods: [{full: x}\nseed: 1\n")[0].hasPrefix("3 -: this is no YAML"))
        #expect(try problems("name: a\nname: b\n") == ["1 -: name: this key is there more than once"])
        #expect(try problems("- a\n- b\n") == ["1 -: a plan is made of lines `key: value`"])
        #expect(try problems("")[0].contains("nightly --example"))
        #expect(try problems("a: *b\n")[0].hasPrefix("1 -: this is no YAML"))
        #expect(try !problems(String(repeating: "[", count: 100_000)).isEmpty)
        #expect(try !problems(String(repeating: "a: {", count: 20_000)).isEmpty)
        #expect(try problems(String(repeating: "#", count: 1 << 19))[0].contains("cannot be read"))
        let binary = try folder.write("binary.yaml", [0x6E, 0xFF, 0xFE, 0x3A])
        #expect(throws: NightPlanError.self) { try NightPlan(reading: binary) }
        #expect(throws: NightPlanError.self) { try NightPlan(reading: folder.file("none.yaml")) }
        #expect(throws: NightPlanError.self) { try NightPlan(reading: folder.path) }
    }

    @Test("control characters of the file are shown, never sent to the terminal")
    func escaped() throws {
        let path = try folder.write("night.yaml", "name: \"a\\e[31m\"\n\"k\\e\": 1\n".utf8)
        let error = #expect(throws: NightPlanError.self) { try NightPlan(reading: path) }
        let text = try #require(error?.description)
        #expect(!text.contains("\u{1B}") && text.contains("\\u{1b}"), "\(text)")
        #expect(text.hasPrefix("\(path): 3 mistakes:\n\(path): methods: is missing"), "\(text)")
    }

    @Test("what verify says of the arguments is led back to the key: by its flag, or by its value")
    func places() throws {
        let plan = try plan(Self.small + "local: 4\nworkers: 2\n")
        let path = folder.file("model.pth")
        let error = plan.error(["--workers 2: at least the 4 of --local.", "\(path): cannot be read", "nothing known"])
        #expect(error.problems.map { "\($0.line ?? 0) \($0.key ?? "")" } == ["0 ", "3 methods", "5 workers"])
    }
}
