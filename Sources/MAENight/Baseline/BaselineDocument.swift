import MAEDomain
import MAETensor
import MAEVerify

/// A baseline as its file has it; property names become snake_case keys.
struct BaselineDocument: Codable {
    /// The form that this program writes, and the only one that it reads.
    static let schema = 1

    var schema = Self.schema
    var run: String
    var startedAt: String?
    var settings: Settings
    var methods: [Method]
    var machines: [Machine]
    var results: [Result]

    struct Settings: Codable {
        var seed: UInt64
        var batches: Int
        var batchSize: Int
        var noise: String
        var maskRatio: Double?
        var images: Int?
    }

    struct Method: Codable {
        var label: String
        var kind: String
        var path: String
        var filesDigest: String?
    }

    struct Machine: Codable {
        var node: String
        var backend: String
        var device: String
        var isa: String
        var numericClass: String
        var engineBuild: String
    }

    struct Result: Codable {
        var batch: Int
        var seed: UInt64
        var images: Int
        var method: String
        var maskRatio: Double
        var weightsSha256: String
        var inputSha256: String
        var noiseSha256: String
        var maskSha256: String
        var outputs: [Output]
    }

    struct Output: Codable {
        var numericClass: String
        var layernormSha256: String
    }

    /// The document of a baseline: the same for the same baseline.
    init(_ baseline: Baseline) {
        let plan = baseline.settings
        (run, startedAt) = (baseline.run, baseline.startedAt)
        settings = Settings(
            seed: plan.seed, batches: plan.batches, batchSize: plan.batchSize, noise: plan.noise.rawValue,
            maskRatio: plan.maskRatio, images: plan.images)
        methods = baseline.methods.map {
            Method(label: $0.label, kind: $0.kind.rawValue, path: $0.path, filesDigest: $0.files?.description)
        }
        machines = baseline.machines.map {
            Machine(
                node: $0.node, backend: $0.backend, device: $0.device, isa: $0.instructionSet,
                numericClass: $0.numericClass, engineBuild: $0.build)
        }
        results = baseline.results.map { result in
            Result(
                batch: result.batch.index, seed: result.batch.seed, images: result.batch.size, method: result.method,
                maskRatio: result.maskRatio, weightsSha256: "\(result.weights)", inputSha256: "\(result.input)",
                noiseSha256: "\(result.noise)", maskSha256: "\(result.mask)",
                outputs: result.outputs.sorted { $0.key < $1.key }.map {
                    Output(numericClass: $0.key, layernormSha256: "\($0.value)")
                })
        }
    }
}

extension BaselineDocument {
    /// Throws what is wrong with the document, and where.
    func baseline() throws(Fault) -> Baseline {
        guard schema == Self.schema else {
            throw Fault("schema \(schema): this release reads schema \(Self.schema); pin the run again with it")
        }
        guard let policy = NoiseSource.Policy(rawValue: settings.noise) else {
            throw Fault("settings.noise: no such policy as `\(settings.noise)`")
        }
        guard settings.batches > 0, settings.batchSize > 0 else {
            throw Fault("settings: batches and batch_size are from 1 on")
        }
        var places: Set<String> = []
        return Baseline(
            run: run, startedAt: startedAt,
            settings: Baseline.Settings(
                seed: settings.seed, batches: settings.batches, batchSize: settings.batchSize, noise: policy,
                maskRatio: settings.maskRatio, images: settings.images),
            methods: try methods.enumerated().map { index, method throws(Fault) in
                try method.method("methods[\(index)]")
            },
            machines: machines.map {
                Baseline.Machine(
                    node: $0.node, backend: $0.backend, device: $0.device, instructionSet: $0.isa,
                    numericClass: $0.numericClass, build: $0.engineBuild)
            },
            results: try results.enumerated().map { index, result throws(Fault) in
                let place = "results[\(index)]"
                guard places.insert("\(result.batch) \(result.method)").inserted else {
                    throw Fault("\(place): batch \(result.batch) by \(result.method) is there twice")
                }
                return try result.result(place)
            })
    }

    /// What is wrong, with its place.
    struct Fault: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    fileprivate static func digest(_ text: String, _ place: String) throws(Fault) -> SHA256Digest {
        guard let digest = SHA256Digest(hex: text) else {
            throw Fault("\(place): a SHA-256 has 64 hexadecimal digits")
        }
        return digest
    }
}

extension BaselineDocument.Method {
    fileprivate func method(_ place: String) throws(BaselineDocument.Fault) -> Baseline.Method {
        guard let kind = LoadingMethod.Kind(rawValue: kind) else {
            throw BaselineDocument.Fault("\(place).kind: no such way of loading as `\(kind)`")
        }
        var files: SHA256Digest?
        if let filesDigest { files = try BaselineDocument.digest(filesDigest, "\(place).files_digest") }
        return Baseline.Method(label: label, kind: kind, path: path, files: files)
    }
}

extension BaselineDocument.Result {
    fileprivate func result(_ place: String) throws(BaselineDocument.Fault) -> Baseline.Result {
        var digests: [String: SHA256Digest] = [:]
        for output in outputs {
            digests[output.numericClass] = try BaselineDocument.digest(
                output.layernormSha256, "\(place).outputs.layernorm_sha256")
        }
        return Baseline.Result(
            batch: BatchIdentity(index: batch, seed: seed, size: images), method: method, maskRatio: maskRatio,
            weights: try BaselineDocument.digest(weightsSha256, "\(place).weights_sha256"),
            input: try BaselineDocument.digest(inputSha256, "\(place).input_sha256"),
            noise: try BaselineDocument.digest(noiseSha256, "\(place).noise_sha256"),
            mask: try BaselineDocument.digest(maskSha256, "\(place).mask_sha256"), outputs: digests)
    }
}
