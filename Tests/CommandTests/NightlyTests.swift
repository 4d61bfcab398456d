import Foundation
import Glibc
import TestSupport
import Testing

@Suite("mae-coord nightly and baseline, with real processes", .serialized)
struct NightlyTests {
    private let folder: TemporaryDirectory
    /// A time zone in which it is about noon: no test sees the date change. (POSIX counts hours west of Greenwich.)
    private let zone = "NOO\(Int(Date().timeIntervalSince1970) / 3600 % 24 - 12)"

    init() async throws {
        folder = try await VerifySite.tinyModel()
        _ = try write(Self.plan)
    }

    private static let plan = """
        name: night
        store: store
        methods:
          - pretrained: model
          - state-dict: model/model.safetensors
        config: model
        local: 2
        threads: 2
        batch_size: 2
        fresh: 1
        html: reports/{run}.html
        json: reports/{run}.json
        history: pages
        quiet: true

        """

    /// A run of three nodes, all of which this machine starts.
    private static let three = ["--bind", "tcp://127.0.0.1:*", "--workers", "3", "--local", "3"]
    /// One whose third node never comes.
    private static let waiting = ["--bind", "tcp://127.0.0.1:*", "--workers", "3", "--local", "2", "--timeout", "1000"]

    private func write(_ text: String) throws -> String { try folder.write("night.yaml", text.utf8) }

    private func start(_ options: [String] = []) throws -> RunningCommand {
        // From another folder: paths count from that of the plan.
        try Program.coordinator.start(
            ["nightly", "--plan", folder.file("night.yaml")] + options, in: "/",
            environment: ["TMPDIR": folder.path, "TZ": zone])
    }

    private func night(_ options: String...) async throws -> CommandResult { try await start(options).result() }

    private func coordinator(_ arguments: String...) async throws -> CommandResult {
        try await Program.coordinator.run(arguments, in: folder.path)
    }

    /// The runs of the store, the latest first; none while there is no store.
    private func runs() async throws -> [JSONObject] {
        let listed = try await coordinator("runs", "--json", "--store", folder.file("store"))
        return listed.exitCode == 0 ? try listed.json.objects("runs") : []
    }

    private func report(_ run: String) throws -> JSONObject {
        try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("reports/\(run).json"))))
    }

    /// Another model in place of the one that the plan names.
    private func replaceModel() async throws {
        try FileManager.default.removeItem(atPath: folder.file("model"))
        let made = try await coordinator(
            "checkpoint", "init", "--preset", "tiny", "--seed", "2", "--output", folder.file("model"))
        #expect(made.exitCode == 0, "\(made.errors)")
    }

    @Test("a plan is checked, run twice in a day with the day's fresh batches, and old runs of it alone are removed")
    func twoNights() async throws {
        let checked = try await night("--check")
        #expect(checked.exitCode == 0, "\(checked.errors)")
        #expect(checked.output.contains("nothing is wrong") && checked.output.contains("mae-coord verify --store"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("store")))

        let other = try await coordinator(
            "verify", "--local", "2", "--method", "pretrained=model", "--store", folder.file("store"), "--run", "mine")
        #expect(other.exitCode == 0, "\(other.errors)")
        let first = try await night()
        #expect(first.exitCode == 0 && first.output.contains("AGREE"), "\(first.output)\(first.errors)")
        let second = try await night("--keep", "1", "--fresh", "2")
        #expect(second.exitCode == 0, "\(second.output)\(second.errors)")
        let names = try await runs().compactMap { $0["name"] }
        #expect(names.count == 2 && names.contains("mine"), "\(names)")
        let name = try #require(names.first { $0 != "mine" })
        #expect(FileManager.default.fileExists(atPath: folder.file("pages/index.html")))
        #expect(name.wholeMatch(of: /night-\d{4}-\d\d-\d\d(-2)?/) != nil)
        let settings = try report(name).object("settings")
        #expect(settings.number("batches") == 3 && settings.number("fresh_batches") == 2)
        let date = name.dropFirst("night-".count).prefix(10)
        let seed = try #require(Double(date.replacing("-", with: "") + "000"))
        #expect(settings.number("fresh_seed") == seed)
        #expect(second.output.contains("1 batch of 2, and 2 fresh from seed \(Int(seed))"), "\(second.output)")
        let seeds = try Set(report(name).objects("cells").compactMap { $0.number("seed") })
        #expect(seeds == [42, seed, seed + 1])
        let page = try String(contentsOfFile: folder.file("reports/\(name).html"), encoding: .utf8)
        #expect(page.contains("2 fresh from seed \(Int(seed))"))
    }

    @Test("a night that was killed is carried on by the next start, unless its files changed")
    func killed() async throws {
        // Workers that never come: the run is there, and has no verdict.
        let never = Self.waiting
        func beginAndKill() async throws -> String {
            let process = try start(never)
            let known = Set(try await runs().compactMap { $0["name"] })
            var begun: String?
            try await eventually("results of a run that is under way") {
                let listed = try await runs().first { !known.contains($0["name"] ?? "") || $0["verdict"] == nil }
                guard let listed, listed.number("results") ?? 0 >= 4 else { return false }
                begun = listed["name"]
                return true
            }
            process.send(signal: SIGKILL)
            _ = try await process.result()
            return try #require(begun)
        }
        let cut = try await beginAndKill()
        let resumed = try await start(Self.three).result()
        #expect(resumed.exitCode == 0, "\(resumed.output)\(resumed.errors)")
        #expect(try await runs().map { $0["name"] } == [cut])

        let again = try await beginAndKill()
        #expect(again.hasPrefix("night-") && again != cut)
        try await replaceModel()
        let told = folder.file("told")
        let hook = ["--on-change", "echo \"$MAE_VERDICT $MAE_MESSAGE\" >>\(told)"]
        let fresh = try await start(Self.three + hook + ["--github"]).result()
        #expect(fresh.exitCode == 0, "\(fresh.output)\(fresh.errors)")
        // That the other run cannot be carried on is no alarm: this night agrees as the one before.
        #expect(!FileManager.default.fileExists(atPath: told))
        // GitHub's runner listens again after each of both runs.
        let tokens = fresh.output.matches(of: #/::stop-commands::(\S+)/#).map { String($0.1) }
        #expect(tokens.count == 2, "\(fresh.output)")
        for token in tokens { #expect(fresh.output.contains("::\(token)::\n"), "\(fresh.output)") }
        let listed = try await runs()
        #expect(listed.count == 3 && listed.count { $0["verdict"] == nil } == 1)
        #expect(listed.first { $0["verdict"] == nil }?["name"] == again)
    }

    @Test("a second night at once ends with 69, and says who holds the store")
    func twoAtOnce() async throws {
        let first = try start(Self.waiting)
        try await eventually("the first night works") {
            !(try await runs().isEmpty)
        }
        let second = try await night()
        #expect(second.exitCode == 69 && second.errors.contains("another mae-coord (process "), "\(second.errors)")
        first.send(signal: SIGTERM)
        _ = try await first.result()
    }

    @Test("a baseline holds, and a checkpoint that was replaced is told as the cause, with the last run that held")
    func baseline() async throws {
        let first = try await night()
        #expect(first.exitCode == 0, "\(first.output)\(first.errors)")
        let store = ["--store", folder.file("store")]
        let pin = ["baseline", "pin", "-o", folder.file("baseline.json")]
        let pinned = try await Program.coordinator.run(pin + store)
        #expect(
            pinned.exitCode == 0 && pinned.output.contains("2 results (1 batch by 2 methods)"),
            "\(pinned.output)\(pinned.errors)")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("baseline.json")))
        _ = try write(Self.plan + "baseline: baseline.json\n")
        let held = try await night()
        #expect(held.exitCode == 0, "\(held.output)\(held.errors)")
        #expect(held.output.contains("baseline: 4 of 4 results to pinned batches have the bits"), "\(held.output)")
        // The same bits are the same file, but for the run that they are of.
        let again = try await Program.coordinator.run(pin + store)
        #expect(again.exitCode == 0)
        let other = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: folder.file("baseline.json"))), as: UTF8.self)
        let lines = (String(decoding: bytes, as: UTF8.self).split(separator: "\n"), other.split(separator: "\n"))
        #expect(
            zip(lines.0, lines.1).filter { $0 != $1 }.allSatisfy {
                $0.0.contains("\"run\"") || $0.0.contains("\"started_at\"")
            })

        try await replaceModel()
        let changed = try await night()
        #expect(changed.exitCode == 1, "\(changed.output)\(changed.errors)")
        #expect(changed.output.contains("the checkpoint is another one"), "\(changed.output)")
        let run = try #require(try await runs().first?["name"])
        let document = try report(run)
        let finding = try #require(try document.objects("findings").first { $0["code"] == "baseline-differs" })
        let evidence = try finding.strings("evidence").joined(separator: "\n")
        #expect(evidence.contains("This is the first run with other bits") && evidence.contains("`model.safetensors`"))
        #expect(try document["verdict"] == "disagree" && document.object("baseline").number("changed") == 4)

        // Pinning what is meant now makes the next night agree.
        let repinned = try await Program.coordinator.run(pin + store)
        #expect(repinned.exitCode == 0, "\(repinned.errors)")
        let agreed = try await night()
        #expect(agreed.exitCode == 0, "\(agreed.output)\(agreed.errors)")

        let misfit = try await night("--seed", "7")
        #expect(misfit.exitCode == 65 && misfit.errors.contains("does not fit: seed 42 in the baseline, 7 in this run"))
        let names = try await runs().count
        #expect(names == 4)
    }

    @Test("what is wrong with a plan, with a flag, or with what they name is said before anything runs")
    func mistakes() async throws {
        _ = try write("name: night\nmethods:\n  - pretrained: modell\nbatchsize: 4\n")
        let typed = try await night()
        #expect(typed.exitCode == 65, "\(typed.errors)")
        let path = folder.file("night.yaml")
        #expect(typed.errors == "mae-coord: \(path):4: batchsize: a plan has no such key. Did you mean 'batch_size'?\n")

        _ = try write(
            "name: night\nmethods:\n  - pretrained: modell\nbind: tcp://0.0.0.0:5555\nbaseline: no.json\nkeys: no\n")
        let missing = try await night("--check")
        #expect(missing.exitCode == 65)
        for words in [
            "\(path): 3 mistakes:", "\(path):3: methods: \(folder.file("modell")): cannot be read",
            "\(path):5: baseline: \(folder.file("no.json")): this baseline cannot be read",
            "\(path):6: keys: \(folder.file("no")): does not exist; make keys with",
        ] { #expect(missing.errors.contains(words), "\(missing.errors)") }
        #expect(!FileManager.default.fileExists(atPath: folder.file("mae-store")))

        // All that is missing is told at once, each with the line that names it: no file hides another.
        _ = try write(
            "name: night\nmethods:\n  - pretrained: model\n  - state-dict: gone.pth\n  - full: lost.pth\n  - full: model\n"
                + "config: nowhere\nimages: pictures\nnoise: file=n.npy\nbaseline: no.json\nlocal: 2\n")
        let all = try await night("--check")
        #expect(all.exitCode == 65 && all.errors.contains("\(path): 7 mistakes:"), "\(all.errors)")
        for (line, words) in [
            (4, "methods: \(folder.file("gone.pth")): cannot be read"),
            (5, "methods: \(folder.file("lost.pth")): cannot be read"), (6, "methods: --method full="),
            (7, "config: \(folder.file("nowhere")): cannot be read"),
            (8, "images: \(folder.file("pictures")): is not there"),
            (9, "noise: \(folder.file("n.npy")): cannot be read"),
            (10, "baseline: \(folder.file("no.json")): this baseline"),
        ] { #expect(all.errors.contains("\(path):\(line): \(words)"), "\(line) \(words)\n\(all.errors)") }
        // The night itself says the same.
        let refused = try await night()
        #expect(refused.exitCode == 65 && refused.errors.contains("\(path):4: methods: "), "\(refused.errors)")

        _ = try write(Self.plan + "workers: 1\n")
        let crossed = try await night()
        #expect(
            crossed.exitCode == 65 && crossed.errors.contains(":15: workers: --workers 1: at least the 2"),
            "\(crossed.errors)")
        _ = try write(Self.plan)
        let flag = try await night("--batchse", "2")
        #expect(flag.exitCode == 64 && flag.errors.contains("Did you mean '--batches'?"), "\(flag.errors)")
        for arguments in [
            ["nightly"], ["nightly", "--plan", path, "--run", "x"], ["nightly", "--plan", path, "--keep", "0"],
        ] {
            #expect(try await Program.coordinator.run(arguments).exitCode == 64, "\(arguments)")
        }
        let gone = try await Program.coordinator.run("nightly", "--plan", folder.file("none.yaml"))
        #expect(gone.exitCode == 65 && gone.errors.contains("No such file"))
    }

    @Test("every flag that a plan has is one of verify or nightly")
    func flags() async throws {
        let example = try await coordinator("nightly", "--example")
        #expect(example.exitCode == 0)
        let help = try await coordinator("verify", "--help").output + coordinator("nightly", "--help").output
        let keys = example.output.split(separator: "\n").compactMap {
            $0.firstMatch(of: /^(?:# )?([a-z_]+):/)?.output.1
        }
        let flags = ["methods": "--method", "nodes": "--expect", "referee": "--no-referee"]
        for key in keys {
            let flag = flags[String(key)] ?? "--" + key.replacing("_", with: "-")
            #expect(help.contains(flag), "\(flag)")
        }
        #expect(keys.count > 30)
    }
}
