import MAEContent
import MAEDomain
import MAETensor
import MAEWire

/// One message of each kind with every field filled in, and the variants that have other fields.
package enum Samples {
    package static let lease = Lease(id: LeaseID(rawValue: 7), epoch: Epoch(rawValue: 3))

    package static func digest(_ text: String) -> SHA256Digest { SHA256Digest(of: Array(text.utf8)) }

    package static func payload(_ name: TensorName, _ shape: [Int]) -> TensorPayload {
        let count = shape.reduce(1, *)
        return TensorPayload(name, Tensor(shape: shape, elements: (0..<count).map { Float($0) / 3 }))
    }

    package static let hello = Hello(
        node: NodeIdentity(
            name: "knoten-ä", host: "rack3.example", backend: "cpu", device: "AMD EPYC", isa: "avx512", threads: 2,
            numericClass: "mae-fp32-1", classReason: "all known answers match", engineBuild: "0.1.0",
            machine: MachineFacts(
                [
                    .init(.processor, "AMD EPYC"), .init(.microcode, "0xa101148"),
                    .init(variable: "OMP_NUM_THREADS", "4"),
                ].compactMap(\.self))), maximumJobs: 2)

    package static var job: JobRequest {
        var job = JobRequest(
            lease: lease, run: "2026-11-23T20:00:00Z", shard: 5, method: .stateDict, label: "lightning",
            checkpoint: "/models/mae.pth", configuration: "/models/config.json", batchIndex: 2, seed: .max,
            batchSize: 8, maskRatio: 0, noise: .given(payload(.noise, [8, 196])))
        job.wantsLayernorm = true
        job.wantsFingerprints = true
        job.examination = examination
        job.checkpointFiles = digest("files")
        job.configurationFiles = digest("config")
        job.weights = "state_dict.teacher"
        return job
    }

    package static var examination: Examination {
        var examination = Examination(layer: .block(7))
        examination.expected = [digest("first"), digest("second")]
        examination.images = [1, 3]
        examination.operation = 1
        examination.wantsStates = true
        examination.repetitions = 10
        examination.states = Tensor(shape: [2, 3, 2], elements: (0..<12).map { Float($0) / 7 })
        return examination
    }

    package static var examined: ExaminationAnswer {
        ExaminationAnswer(
            layer: .block(7),
            operations: ExaminedOperation.Kind.allCases.enumerated().map {
                ExaminedOperation(
                    kind: $1, words: "\($1) 6 → 4", rows: 5, columns: 4, heads: 1 << ($0 % 3), digest: digest("\($1)"))
            }, images: [digest("0"), digest("1")],
            output: OperationOutput(
                operation: 1, images: [1], values: Tensor(shape: [1, 5, 4], elements: (0..<20).map { Float($0) / 3 })),
            states: Tensor(shape: [2, 3, 2], elements: (0..<12).map { -Float($0) }), restarted: [digest("again")],
            repetitions: [
                PassRepetition(processor: nil, digests: [digest("first"), digest("second")]),
                PassRepetition(processor: 5, digests: [digest("first"), digest("third")]),
            ])
    }

    package static var imagesJob: JobRequest {
        var job = job
        job.images = JobRequest.Images(path: "/data/images", files: digest("images"), first: 16)
        return job
    }

    package static var completed: Completed {
        var completed = Completed(
            weights: WeightsObservation(
                digest: digest("w"),
                fingerprints: [
                    TensorFingerprint(
                        name: "vit.layers.0.attention.q_proj.weight", shape: [6, 6], digest: digest("q")),
                    TensorFingerprint(name: "scalar", shape: [], digest: digest("s")),
                ], others: [OtherModel(key: "ema", digest: digest("e"))]),
            digests: StageDigests(
                input: digest("i"), noise: digest("n"), mask: digest("m"), order: digest("o"),
                layernorm: digest("l"), returned: digest("r"), pooled: digest("p")),
            configuration: ConfigurationOrigin.allCases.map {
                ConfigurationField(
                    name: "hidden_size", value: "6", origin: $0, reason: $0 == .guess ? "6 heads 1 wide" : nil)
            }, maskRatio: MaskRatio(0.75, from: .defaultValue),
            seconds: StageSeconds(load: 0, input: 0.25, forward: 1.5),
            pooled: payload(.pooled, [2, 6]), tokens: 5, hidden: 6)
        completed.findings = [.init(code: "dtype", severity: .warning, text: "float16 was widened")]
        completed.layers = LayerDigests([digest("0"), digest("1")])
        completed.layernorm = payload(.layernorm, [2, 5, 6])
        completed.examination = examined
        return completed
    }

    package static let failed = JobFailure(
        code: "malformedFile", message: "mae.pth: no zip archive", remedy: "save it again", fault: .input)

    package static let bodies: [Envelope.Body] =
        [
            .hello(hello),
            .welcome(Welcome(heartbeatInterval: .seconds(1), silenceTimeout: .milliseconds(10_500))),
            .job(job),
            .job(
                JobRequest(
                    lease: lease, run: "r", shard: 0, method: .pretrained, label: "pretrained", checkpoint: "/m",
                    batchIndex: 0, seed: 42, batchSize: 1, noise: .drawn(index: 2))),
            .job(imagesJob),
            .heartbeat(Heartbeat()),
            .heartbeat(Heartbeat(progress: .init(lease: lease, stage: .loading))),
            .heartbeat(
                Heartbeat(
                    progress: .init(lease: lease, stage: .forward, step: 11, of: 12, layer: "vit.encoder.layer.1"))),
            .heartbeat(
                Heartbeat(
                    inHand: .init(
                        number: 3, unfinished: [lease, Lease(id: LeaseID(rawValue: 9), epoch: Epoch(rawValue: 3))],
                        finished: [Lease(id: LeaseID(rawValue: 8), epoch: Epoch(rawValue: 3))]))),
            .result(ShardResult(lease: lease, outcome: .completed(completed))),
            .result(ShardResult(lease: lease, outcome: .failed(failed))),
            .accepted(Accepted(leases: [lease, Lease(id: LeaseID(rawValue: 8), epoch: Epoch(rawValue: 3))])),
            .cancel(Cancel(leases: [lease, Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 0))])),
            .reject(Reject(.unknownWorker, text: "say Hello")),
            .reject(Reject(.result(lease, .oldEpoch), text: "revoked")),
            .reject(Reject(.malformed(lease))),
            .reject(Reject(.nameTaken(retryAfter: .seconds(3)))),
            .goodbye(Goodbye(reason: "SIGTERM")),
            .manifestRequest(ManifestRequest(digest: digest("files"))),
            .chunkRequest(ChunkRequest(file: digest("file"), index: WireLimits.contentChunks - 1)),
            .chunk(Chunk(file: digest("file"), index: 0, bytes: [1, 2, 3])),
        ] + [try? manifest()].compactMap { $0.map { .manifest($0) } }

    /// The list of a folder with a file of two chunks and an empty one.
    package static func manifest() throws -> Manifest {
        let long = FileContent(size: FileContent.chunkSize + 1, chunks: [digest("0"), digest("1")])
        return try Manifest(
            isDirectory: true,
            files: [("model.safetensors", long), ("config.json", FileContent(size: 0, chunks: []))].compactMap {
                name, content in
                content.map { Manifest.File(name: name, content: $0) }
            })
    }

    package static let envelopes = bodies.map { Envelope(session: 99, incarnation: .max, $0) }
}
