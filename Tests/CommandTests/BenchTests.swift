import Foundation
import TestSupport
import Testing

@Suite("mae-bench")
struct BenchTests {
    /// Smallest, middle and largest are there, in order and above zero.
    private func expectSpread(_ name: String, of object: JSONObject) throws {
        let spread = try object.object(name)
        #expect(spread.keys == ["min", "median", "max"])
        let values = try ["min", "median", "max"].map { try #require(spread.number($0)) }
        #expect(values == values.sorted() && values[0] > 0, "\(name): \(values)")
    }

    /// Multiply-adds of a matrix product.
    private static func multiplyAdds(_ rows: Int, _ depth: Int, _ columns: Int) -> Int { rows * depth * columns }

    /// Multiply-adds of a transformer block: q, k, v and output; scores and values; the two layers of the MLP.
    private static func block(tokens: Int, width: Int, mlp: Int) -> Int {
        4 * multiplyAdds(tokens, width, width) + 2 * multiplyAdds(tokens, width, tokens)
            + 2 * multiplyAdds(tokens, width, mlp)
    }

    @Test("model prints the fields that other programs read, and exits 0")
    func modelPrintsFields() async throws {
        let result = try await Program.bench.run(
            "model", "--preset", "tiny", "--batch-size", "3", "--mask-ratio", "0.5", "--threads", "2", "--repeat", "4",
            "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        try expectSpread("encoder_seconds", of: report)
        try expectSpread("full_seconds", of: report)
        let peak = try #require(report.number("peak_fma_gflops"))
        let rate = try #require(report.number("encoder_gflops"))
        let share = try #require(report.number("encoder_share_of_peak"))
        #expect(peak > 0 && rate > 0)
        #expect(abs(share - rate / peak) < 1e-9)
        #expect(report["preset"] == "tiny")
        #expect(report.number("batch_size") == 3)
        #expect(report.number("mask_ratio") == 0.5)
        #expect(report.number("threads") == 2)
        // 8 of 16 patches: the work of both parts, counted by hand, over the best time.
        let best = try #require(report.object("encoder_seconds").number("min"))
        let encoder = 2 * 3 * (Self.multiplyAdds(8, 192, 64) + 2 * Self.block(tokens: 9, width: 64, mlp: 128))
        #expect(abs(rate * best * 1e9 - Double(encoder)) < 1)
        let bestFull = try #require(report.object("full_seconds").number("min"))
        let decoder =
            2 * 3
            * (Self.multiplyAdds(9, 64, 32) + Self.block(tokens: 17, width: 32, mlp: 64)
                + Self.multiplyAdds(17, 32, 192))
        let fullRate = try #require(report.number("full_gflops"))
        #expect(abs(fullRate * bestFull * 1e9 - Double(encoder + decoder)) < 1)
    }

    @Test("model leaves the decoder out when told to")
    func modelWithoutDecoder() async throws {
        let result = try await Program.bench.run(
            "model", "--preset", "tiny", "--repeat", "1", "--encoder-only", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let keys = try result.json.keys
        #expect(keys.contains("encoder_seconds"))
        #expect(keys.isDisjoint(with: ["full_seconds", "full_gflops", "full_share_of_peak"]))
    }

    @Test("model traces the steps of a pass: all of its operations, each with what it takes at least")
    func tracesModel() async throws {
        let options = [
            "model", "--preset", "tiny", "--batch-size", "3", "--mask-ratio", "0.5", "--threads", "2", "--trace",
        ]
        let result = try await Program.bench.run(options + ["--repeat", "3", "--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        let steps = try report.objects("steps")
        let operations = steps.reduce(0) { $0 + ($1.number("operations") ?? 0) }
        let encoder = 2 * 3 * (Self.multiplyAdds(8, 192, 64) + 2 * Self.block(tokens: 9, width: 64, mlp: 128))
        let decoder =
            2 * 3
            * (Self.multiplyAdds(9, 64, 32) + Self.block(tokens: 17, width: 32, mlp: 64)
                + Self.multiplyAdds(17, 32, 192))
        #expect(operations == Double(encoder + decoder))
        let shares = steps.reduce(0) { $0 + ($1.number("share_of_pass") ?? 0) }
        #expect(abs(shares - 1) < 1e-9)
        // 27 rows of 64 to 128 wide: rows in, weights, rows out.
        let wide = try #require(steps.first { $0["name"] == "product 27×64×128, gelu" })
        #expect(wide.number("count") == 2)
        let elements = 27 * 64 + 64 * 128 + 27 * 128
        #expect(wide.number("bytes") == Double(8 * elements))
        #expect(wide["bound"] == "arithmetic" || wide["bound"] == "memory")

        let text = try await Program.bench.run(options + ["--repeat", "1", "--encoder-only"])
        #expect(text.exitCode == 0, "\(text.errors)")
        #expect(text.output.contains("attention 12×9×16 ") && !text.output.contains("restore tokens"), "\(text.output)")
    }

    @Test("model takes turns: one answer a line, until the input ends")
    func takesTurns() async throws {
        let result = try await RunningCommand(
            program: Program.bench.path, arguments: ["model", "--preset", "tiny", "--threads", "1", "--turns"],
            directory: nil, input: "encoder\nfull\npeak\nencoder\n"
        ).result()
        #expect(result.exitCode == 0, "\(result.errors)")
        let answers = try result.output.split(separator: "\n").map { try JSONObject(Data($0.utf8)) }
        #expect(
            answers.map(\.keys) == [
                ["isa", "threads", "device", "encoder_operations", "full_operations"], ["seconds"], ["seconds"],
                ["gflops"],
                ["seconds"],
            ])
        // 16 patches of 192 values, 17 tokens, 8 images.
        let encoder = 2 * 8 * (Self.multiplyAdds(16, 192, 64) + 2 * Self.block(tokens: 17, width: 64, mlp: 128))
        #expect(answers[0].number("encoder_operations") == Double(encoder))
        #expect(try #require(answers[0].number("full_operations")) > Double(encoder))
        #expect(answers.dropFirst().allSatisfy { ($0.number("seconds") ?? $0.number("gflops") ?? 0) > 0 })
    }

    @Test(
        "a turn that does not exist, or needs the decoder that was left out, is a usage error",
        arguments: ["x", "full"])
    func refusesTurn(request: String) async throws {
        let result = try await RunningCommand(
            program: Program.bench.path, arguments: ["model", "--preset", "tiny", "--encoder-only", "--turns"],
            directory: nil, input: "\(request)\n"
        ).result()
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("'\(request)'"), "\(result.errors)")
    }

    @Test("cluster hands out every shard and prints rates, times and memory")
    func measuresCluster() async throws {
        let result = try await Program.bench.run("cluster", "--workers", "3", "--shards", "300", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        #expect(report.number("shards") == 300 && report.number("workers") == 3)
        #expect(report.number("shards_per_second") ?? 0 > 0)
        #expect(report.number("coordinator_bytes_per_worker") != nil)
        for times in ["round_trip_ms", "acknowledgement_ms"] {
            let middle = try report.object(times).number("p50") ?? 0
            #expect(try 0 < middle && middle <= report.object(times).number("p99") ?? 0)
        }
    }

    @Test("flood measures honest workers with and without a key that floods", arguments: ["results", "frames"])
    func measuresFlood(_ kind: String) async throws {
        let result = try await Program.bench.run(
            "flood", "--kind", kind, "--rounds", "2", "--shards", "400", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        #expect(report["kind"] == kind && report.number("shards") == 400)
        for rates in ["quiet_shards_per_second", "computing_shards_per_second", "flooded_shards_per_second"] {
            #expect(try report.numbers(rates).count == 2)
        }
        #expect(report.number("ratio") ?? 0 > 0 && report.number("computing_ratio") ?? 0 > 0)
    }

    @Test("a limit for open files that is usual in a shell holds no coordinator back")
    func manyWorkers() async throws {
        let bench = try Program.bench.path
        let command = try RunningCommand(
            program: "/bin/sh",
            arguments: ["-c", "ulimit -Sn 128; exec \"$0\" cluster --workers 200 --shards 400 --json", bench],
            directory: nil, environment: [:])
        let result = try await command.result()
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try result.json.number("shards") == 400)
    }

    @Test("cluster draws one line for each number of workers")
    func drawsCluster() async throws {
        let folder = try TemporaryDirectory()
        let file = folder.file("growth.svg")
        let result = try await Program.bench.run("cluster", "--shards", "1000", "--plot", file)
        #expect(result.exitCode == 0, "\(result.errors)")
        let drawing = try String(contentsOfFile: file, encoding: .utf8)
        #expect(drawing.components(separatedBy: "<polyline").count == 4)
        let refused = try await Program.bench.run("cluster", "--shards", "999", "--plot", file)
        #expect(refused.exitCode == 64 && refused.errors.contains("--shards 999"), "\(refused.errors)")
    }

    @Test("regression lets two builds take turns, and ends with 1 above the limit")
    func findsRegression() async throws {
        let options = ["regression", try Program.bench.path, "--preset", "tiny", "--threads", "1", "--turns", "3"]
        let result = try await Program.bench.run(options + ["--limit", "100", "--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let entries = try result.json.objects("entries")
        #expect(entries.map { $0["name"] } == ["encoder", "encoder and decoder"])
        let least = try entries[0].object("new_seconds").number("min"),
            before = try entries[0].object("old_seconds").number("min")
        let ratio = try #require(entries[0].number("ratio"))
        #expect(abs(ratio - (try #require(least)) / (try #require(before))) < 1e-9)
        let slower = try await Program.bench.run(options + ["--limit", "0.0001"])
        #expect(slower.exitCode == 1 && slower.errors.contains("above the limit"), "\(slower.errors)")
        #expect(slower.output.contains("encoder and decoder"))
        let missing = try await Program.bench.run("regression", "/nowhere/mae-bench")
        #expect(missing.exitCode == 69 && missing.errors.contains("/nowhere/mae-bench"), "\(missing.errors)")
    }

    @Test("growth measures each size in a process of its own, fits powers and draws them")
    func measuresGrowth() async throws {
        let folder = try TemporaryDirectory()
        let file = folder.file("growth.svg")
        let options = [
            "growth", "--presets", "tiny", "--most-images", "4", "--threads", "2", "--repeat", "1",
            "--simulated-threads", "3",
        ]
        let result = try await Program.bench.run(options + ["--plot", file, "--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let series = try result.json.objects("series")
        #expect(series.map { $0["name"] } == ["images (tiny)", "threads (tiny)", "threads (tiny), simulated"])
        #expect(try series[0].objects("points").map { $0.number("amount") } == [1, 2, 4])
        #expect(try series[0].object("time").number("exponent")?.isFinite == true)
        #expect(try #require(series[0].objects("points")[0].number("peak_mebibytes")) > 1)
        let drawing = try String(contentsOfFile: file, encoding: .utf8)
        #expect(drawing.components(separatedBy: "<polyline").count == 4)
        // Threads that there need be no processors for: rings on a line of dashes.
        let simulated = try series[2].objects("points")
        #expect(simulated.map { $0.number("amount") } == [1, 2, 3])
        #expect(
            try simulated.allSatisfy {
                try $0.object("seconds").number("min") ?? 0 > 0 && $0.number("peak_mebibytes") == nil
            })
        #expect(drawing.components(separatedBy: "fill=\"white\"/>").count - 1 == 1 + 3)
        #expect(drawing.components(separatedBy: "stroke-dasharray").count == 2)
        let text = try await Program.bench.run(options)
        #expect(
            text.output.contains("It gives ") && text.output.contains(" of the measured time on 2 threads"),
            "\(text.output)")
        let refused = try await Program.bench.run("growth", "--presets", "tiny,gigantic")
        #expect(refused.exitCode == 64 && refused.errors.contains("--presets tiny,gigantic"), "\(refused.errors)")
    }

    @Test("fetch compares workers with cp, in both ways of caching")
    func measuresFetch() async throws {
        let result = try await Program.bench.run(
            "fetch", "--preset", "tiny", "--workers", "2", "--repeat", "1", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        for way in ["own_caches", "one_cache"] {
            #expect(try result.json.object(way).object("share_of_cp").number("median") ?? 0 > 0)
        }
    }

    @Test("kernels measures every product of encoder and decoder, and marks one pick for each")
    func measuresKernels() async throws {
        let result = try await Program.bench.run(
            "kernels", "--preset", "tiny", "--batch-size", "2", "--mask-ratio", "0.75", "--repeat", "1", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let entries = try result.json.objects("kernels")
        let products = Set(entries.compactMap { $0["product"] })
        // 4 of 16 patches are kept: the encoder sees 5 tokens of 2 images, the decoder 17.
        #expect(
            products.isSuperset(of: [
                "tiny patches 8×192×64", "tiny qkv 10×64×192", "tiny attention 8×5×16",
                "tiny attention output 10×64×64",
                "tiny mlp in 10×64×128", "tiny mlp out 10×128×64", "tiny decoder embed 10×64×32",
                "tiny decoder qkv 34×32×96", "tiny decoder attention 4×17×16", "tiny decoder prediction 34×32×192",
            ]))
        let picked = entries.filter { $0.bool("is_picked") == true }
        #expect(picked.count == products.count)
        #expect(Set(picked.compactMap { $0["product"] }) == products)
        for entry in entries {
            let peak = try #require(entry.number("peak_fma_gflops"))
            let rate = try #require(entry.number("gflops"))
            #expect(peak > 0 && rate > 0)
            #expect(abs(try #require(entry.number("share_of_peak")) - rate / peak) < 1e-9)
        }
    }

    @Test(
        "device measures every product in the chosen tile, and model runs on the device",
        .enabled(if: MesaDevice.isInstalled, "Mesa's processor driver is not installed"))
    func measuresDevice() async throws {
        let options = ["--preset", "tiny", "--batch-size", "2", "--mask-ratio", "0.75", "--repeat", "1", "--json"]
        let result = try await Program.bench.run(["device"] + options, environment: MesaDevice.environment)
        #expect(result.exitCode == 0, "\(result.errors)")
        MesaDevice.expectNoObjection(result)
        let report = try result.json
        #expect(report["isa"] == "fma-float64" && report["numeric_class"] == "canonical-v1")
        #expect(report["tile"] == "32x32/4x4/32")
        let products = try report.objects("products")
        #expect(products.count == 13)
        #expect(products.compactMap { $0["product"] }.contains("tiny mlp in 10×64×128"))
        for product in products {
            let peak = try #require(product.number("peak_fma_gflops"))
            let rate = try #require(product.number("gflops"))
            #expect(peak > 0 && rate > 0)
            #expect(abs(try #require(product.number("share_of_peak")) - rate / peak) < 1e-9)
        }
        let model = try await Program.bench.run(
            ["model", "--backend", "vulkan:0"] + options, environment: MesaDevice.environment)
        #expect(model.exitCode == 0, "\(model.errors)")
        MesaDevice.expectNoObjection(model)
        #expect(try model.json["isa"] == "fma-float64")
        try expectSpread("encoder_seconds", of: model.json)
    }

    @Test("load measures every stage of every method, on one model in three forms")
    func measuresLoads() async throws {
        let result = try await Program.bench.run(
            "load", "--preset", "tiny", "--repeat", "2", "--batch-size", "2", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        #expect(report.number("mask_ratio") == 0.75)
        let methods = try report.objects("methods")
        #expect(methods.compactMap { $0["method"] } == ["pretrained", "full", "state-dict"])
        for method in methods {
            let stages = try method.object("stage_seconds")
            #expect(
                stages.keys == [
                    "backend", "open", "bind", "pack", "input", "first_pass", "start_to_first_result", "digest",
                ])
            for stage in stages.keys { try expectSpread(stage, of: stages) }
            let first = try stages.object("start_to_first_result")
            #expect(try #require(first.number("min")) > (try #require(stages.object("first_pass").number("min"))))
            for name in ["peak_memory_mib", "infer_seconds", "infer_peak_memory_mib"] {
                try expectSpread(name, of: method)
            }
        }
    }

    @Test("load takes a checkpoint as it is, and says what infer says of it")
    func loadsCheckpoint() async throws {
        let folder = try TemporaryDirectory()
        let options = ["--batch-size", "2", "--mask-ratio", "0.5"]
        let result = try await Program.bench.run(
            [
                "load", "--model", GoldenForm.path("state5.pth"), "--config", GoldenForm.configuration, "--repeat", "1",
                "--method", "state-dict", "--method", "full", "--json",
            ] + options)
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        #expect(try report.objects("methods").compactMap { $0["method"] } == ["state-dict", "full"])
        #expect(report["weights_sha256"] == GoldenForm.weights)
        let inferred = try await Program.coordinator.run(
            ["infer", "--model", GoldenForm.path("hub5"), "--output", folder.file("out")] + options)
        #expect(inferred.exitCode == 0, "\(inferred.errors)")
        let summary = try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("out/summary.json"))))
        #expect(report["layernorm_sha256"] == summary["layernorm_sha256"])
    }

    @Test(
        "a value that does not fit its option is a usage error that names the option",
        arguments: [
            ["model", "--batch-size", "0"], ["model", "--mask-ratio", "1"], ["model", "--repeat", "0"],
            ["model", "--isa", "mmx"], ["model", "--threads", "0"], ["model", "--preset", "gigantic"],
            ["kernels", "--kernel", "mmx"], ["kernels", "--limit", "0"], ["kernels", "--threads", "1025"],
            ["device", "--backend", "cpu"], ["device", "--limit", "0"],
            ["model", "--isa", "avx2", "--backend", "vulkan"],
            ["model", "--backend", "reference"], ["model", "--trace", "--backend", "vulkan"],
            ["load", "--method", "automatic"], ["load", "--method", "guess"],
            ["load", "--mask-ratio", "nan"],
            ["load", "--batch-size", "1025"], ["load", "--repeat", "0"],
        ])
    func refusesValue(arguments: [String]) async throws {
        let result = try await Program.bench.run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(arguments[1]), "\(result.errors)")
    }

    @Test("a checkpoint that cannot be read is named, with code 65", arguments: ["missing", "empty"])
    func refusesCheckpoint(name: String) async throws {
        let folder = try TemporaryDirectory()
        _ = try folder.write("empty", [])
        let result = try await Program.bench.run("load", "--model", folder.file(name), "--repeat", "1")
        #expect(result.exitCode == 65, "\(result.errors)")
        #expect(result.errors.contains(folder.file(name)))
        #expect(result.output.isEmpty)
    }

    @Test("an instruction set that this machine lacks ends with code 69", arguments: ["model", "load"])
    func refusesInstructionSet(command: String) async throws {
        #if arch(x86_64)
            let absent = "neon"
        #else
            let absent = "avx2"
        #endif
        let result = try await Program.bench.run(command, "--preset", "tiny", "--isa", absent)
        #expect(result.exitCode == 69)
        #expect(result.errors.contains(absent), "\(result.errors)")
        #expect(result.output.isEmpty)
    }
}
