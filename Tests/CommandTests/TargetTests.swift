import MAECheckpoint
import TestSupport
import Testing

@testable import mae_bench

@Suite("Targets of mae-bench")
struct TargetTests {
    @Test("a figure is judged on the side of the limit that the target names, and no number meets none")
    func bounds() {
        func met(_ target: Target, _ values: Double...) -> [Bool] { values.map { target.isMet(by: $0) } }
        #expect(met(.encoder, 0.8799, 0.88, 0.95, .nan) == [false, true, true, false])
        #expect(met(.worker, 44_999, 45_000, 45_001, .nan) == [true, true, false, false])
        #expect(met(.ahead, 0.99, 1, 1.001) == [false, false, true])
    }

    @Test("targets and figures are written in one unit, and the table is Markdown that says what is missed")
    func table() {
        #expect(Target.encoder.text == "≥ 88 % of the peak" && Target.encoder.text(of: 0.8312) == "83.1 %")
        #expect(Target.pickled.text == "≤ 1.10 ×" && Target.scheduler.text == "≥ 50 ×")
        #expect(Target.fetch.text == "≥ 60 % of cp's rate" && Target.worker.text == "≤ 45000 bytes")
        let judged = [JudgedTarget(.encoder, 0.8799, "avx2, 2 threads"), JudgedTarget(.shard, 343)]
        #expect(
            judged.table == """

                | what | target | measured | |
                |---|---|---|---|
                | encoder of base, batch 8, mask_ratio 0, avx2, 2 threads | ≥ 88 % of the peak | 88.0 % | **missed** |
                | coordinator: memory a shard, of a million | ≤ 400 bytes | 343 bytes | met |
                """)
        #expect([JudgedTarget]().table.isEmpty)
    }

    @Test("names are given once, since other programs know targets by them")
    func names() {
        #expect(Set(Target.all.map(\.name)).count == Target.all.count)
    }

    @Test("of kernels, the lowest share of what the engine takes counts, for each instruction set and kind")
    func kernels() {
        func figure(_ isa: String, _ product: String, _ kind: ModelProduct.Kind, _ share: Double, isPick: Bool = true)
            -> KernelFigure
        {
            KernelFigure(isa: isa, product: product, kind: kind, isPick: isPick, share: share)
        }
        let judged = [
            figure("avx512", "base qkv", .product, 0.93), figure("avx512", "base mlp out", .product, 0.89),
            figure("avx512", "base mlp out", .product, 0.5, isPick: false),
            figure("avx512", "base mlp in", .productWithGELU, 0.87),
            figure("avx512", "base attention", .attention(width: 64), 0.8),
            figure("avx512", "base decoder attention", .attention(width: 32), 0.7),
            figure("avx2", "base qkv", .product, 0.95),
            // No target speaks of heads of this width.
            figure("avx2", "huge attention", .attention(width: 80), 0.1),
        ].judged()
        #expect(judged.map(\.name) == ["product", "product-gelu", "attention-64", "attention-32", "product"])
        #expect(judged.map(\.measured) == [0.89, 0.87, 0.8, 0.7, 0.95])
        #expect(judged.map(\.met) == [false, true, true, false, true])
        #expect(
            judged[0].what.hasSuffix("avx512, lowest of 2: base mlp out") && judged[4].what.hasSuffix("avx2, base qkv"))
    }

    @Test("products of a model are of the kinds that have targets")
    func kinds() {
        let kinds = ModelProduct.all(of: .base, images: 8, maskRatio: 0).map(\.kind)
        #expect(kinds.filter { $0 == .productWithGELU }.count == 2)
        #expect(kinds.contains(.attention(width: 64)) && kinds.contains(.attention(width: 32)))
        #expect(kinds.filter { $0 == .product }.count == kinds.count - 4)
    }

    @Test("the encoder of base has a target for three batches, and no other model has one")
    func encoder() {
        func target(_ preset: ViTMAEConfiguration.Preset, _ images: Int, _ ratio: Double) -> Target? {
            ModelReport.target(preset: preset, batchSize: images, maskRatio: ratio)
        }
        #expect(target(.base, 8, 0) == .encoder && target(.base, 8, 0.75) == .maskedEncoder)
        #expect(target(.base, 1, 0.75) == .smallEncoder)
        #expect(target(.base, 1, 0) == nil && target(.large, 8, 0) == nil && target(.tiny, 8, 0) == nil)
    }

    @Test(
        "what workers and shards take is told apart by a run of few shards, and judged where there are enough of both")
    func memory() {
        let memory = ClusterMemory(workers: 1000, few: (1000, 36_000_000), many: (1_001_000, 286_000_000))
        #expect(memory.bytesPerWorker == 36_000 && memory.bytesPerShard == 250)
        #expect(memory.judged().map(\.name) == ["worker", "shard"] && memory.judged().allSatisfy(\.met))
        let small = ClusterMemory(workers: 10, few: (1000, 2_000_000), many: (999_999, 1_000_000))
        // Memory that an allocator gave back in between is no growth.
        #expect(small.bytesPerShard == 0 && small.judged().isEmpty)
        #expect(ClusterMemory.baseShards(workers: 2, shards: 100_000) == 1000)
        #expect(ClusterMemory.baseShards(workers: 2000, shards: 19_999) == nil)
    }

    @Test("a checkpoint's way has a target for four workers")
    func fetch() {
        let fetches = [2.0, 4, 8].map { FetchRounds.Fetch(seconds: $0, bytes: 100, coordinatorGrowth: 1) }
        let way = FetchReport.Way(fetches, workers: 4, copies: [0.5, 0.5, 0.5])
        #expect(FetchReport.judged(way, workers: 4).map(\.measured) == [0.5])
        #expect(FetchReport.judged(way, workers: 4).map(\.met) == [false])
        #expect(FetchReport.judged(way, workers: 2).isEmpty)
    }

    @Test("targets are listed for people and for other programs, each with what measures it")
    func lists() async throws {
        let table = try await Program.bench.run("targets")
        #expect(table.exitCode == 0, "\(table.errors)")
        #expect(table.output.contains("| ≥ 50 × | `Tests/Reference/compare_dask.py` |"), "\(table.output)")
        let listed = try await Program.bench.run("targets", "--json").json.objects("targets")
        #expect(listed.count == Target.all.count)
        #expect(listed[0]["name"] == "encoder" && listed[0].number("limit") == 0.88)
        #expect(listed[0]["bound"] == "at least" && listed[0]["unit"] == "share of the peak")
    }

    @Test("cluster tells what a worker takes, and sets it against its target where there are enough workers")
    func judgesCluster() async throws {
        let result = try await Program.bench.run("cluster", "--workers", "100", "--shards", "10000", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        let judged = try report.objects("targets")
        #expect(judged.map { $0["name"] } == ["worker"])
        let measured = try #require(judged[0].number("measured"))
        #expect(Int(measured) == report.number("memory_bytes_per_worker").map(Int.init))
        #expect(report.number("memory_bytes_per_shard") != nil)
    }
}
