import Foundation
import GRDB
import MAEDomain
import MAETensor
import MAEVerify

@testable import MAEStore
@testable import VerifyTestSupport

extension Date {
    /// A time so many seconds into the tests' night.
    static func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_700_000_000 + seconds) }
}

/// Plausible values, for tests that need any.
enum Example {
    static let methods = [
        LoadingMethod(kind: .pretrained, label: "pretrained", path: "vit-mae-base"),
        LoadingMethod(kind: .full, label: "full", path: "model.pth", configPath: "config.json"),
    ]

    static func plan(_ name: String = "night-1", batches: Int = 2) -> RunPlan {
        RunPlan(
            run: name, seed: .max, batches: batches, batchSize: 2, methods: methods, workers: 2)
    }

    static func shards(_ batches: Int = 2) -> [ShardRecord] {
        (0..<batches * methods.count).map {
            ShardRecord(shard: $0, method: methods[$0 % methods.count].label, batch: $0 / methods.count)
        }
    }

    static func node(_ name: String, threads: Int = 2) -> NodeIdentity {
        NodeIdentity(
            name: name, host: "alpha", backend: "cpu", device: "AMD EPYC 9R14", isa: "avx512", threads: threads,
            numericClass: "canonical-v1", engineBuild: "1.0")
    }

    /// The result of a shard, with numbers that are easily spoilt on the way.
    static func result(
        shard: Int = 0, node: String = "n1", layernorm: Bool = false, examined: Bool = false
    ) -> ResultRecord {
        let elements: [Float] = [
            Float(shard), -0.0, .infinity, .leastNonzeroMagnitude, .nan, Float(bitPattern: 0xFFC0_1234),
        ]
        let fingerprints = (0..<50).map {
            TensorFingerprint(name: "vit.layers.\($0).weight", shape: [$0, 3], digest: .of("\($0)"))
        }
        let observation = Observation(
            node: Example.node(node), method: methods[shard % methods.count],
            batch: BatchIdentity(index: shard / methods.count, seed: .max, size: 2), attempt: 1,
            weights: WeightsObservation(digest: .of("weights"), fingerprints: fingerprints),
            configuration: [ConfigurationField(name: "hidden_size", value: "3", origin: .configJSON)],
            maskRatio: MaskRatio(0.1 + 0.2, from: .pickledConfig),
            loadFindings: [LoadFinding(code: "prefix", severity: .warning, text: "the prefix ‘module.’ was removed")],
            noise: NoiseSource(policy: .sequential, draw: 1),
            digests: StageDigests(
                input: .of("input"), noise: .of("noise"), mask: .of("mask"), order: .of("order"),
                layernorm: .of("layernorm"), returned: .of("returned"), pooled: .of("pooled")),
            pooled: Tensor(shape: [2, 3], elements: elements),
            layernorm: layernorm ? Tensor(shape: [2, 1, 3], elements: elements) : nil,
            layers: LayerDigests([.of("embeddings"), .of("layer")]), examination: examined ? examination : nil,
            seconds: StageSeconds(load: 0.5, input: .nan, forward: 1.5))
        return ResultRecord(shard: shard, observation: observation, received: .at(Double(shard)))
    }

    /// What a node found on looking closely at a layer.
    static let examination = ExaminationAnswer(
        layer: .block(0),
        operations: [
            ExaminedOperation(kind: .layerNorm, words: "layer norm", rows: 2, columns: 3, heads: 1, digest: .of("norm"))
        ],
        images: [.of("image")],
        output: OperationOutput(
            operation: 0, images: [1],
            values: Tensor(shape: [1, 2, 3], elements: [0, -0.0, .nan, .infinity, 1, Float(bitPattern: 0xFFC0_1234)])),
        states: Tensor(shape: [1, 2, 3], repeating: .pi), restarted: [.of("block")],
        repetitions: [
            PassRepetition(processor: nil, digests: [.of("norm")]),
            PassRepetition(processor: 3, digests: [.of("other")]),
        ])

    /// What is made of a run without results.
    static func judgement(_ run: String = "night-1") -> Judgement {
        Judgement(Verification(plan: plan(run), observations: []), details: ReportDetails())
    }

    /// A store as versions before the first release made them.
    static func unreleasedStore(in folder: String) throws {
        let migrations = ["1 runs and results", "2 results by context", "3 nodes by state"]
        try DatabaseQueue(path: folder + "/mae.sqlite").write { database in
            try database.execute(
                sql: """
                    PRAGMA application_id = \(Store.applicationID);
                    CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    """)
            for migration in migrations {
                try database.execute(sql: "INSERT INTO grdb_migrations VALUES (?)", arguments: [migration])
            }
        }
    }

    static func changes(results: [ResultRecord]) -> Changes {
        var changes = Changes()
        changes.results = results
        return changes
    }
}
