import Foundation
import MAETensor

/// Carries the stages of a Dockerfile out, each changing instruction in a layer of its own.
///
/// A layer is named by the digest of what it is made from, and is made once, as a container engine's are.
final class ImageBuilder {
    private let context: BuildContext
    private let bases: [String: Image]
    private let folder: String
    private let host: HostSettings
    private var stages: [String: (image: Image, key: String)] = [:]
    private var used: Set<String> = []

    /// Builds in `folder`, from the images `bases` by name.
    init(context: BuildContext, bases: [String: Image], folder: String) throws {
        self.context = context
        self.bases = bases
        self.folder = folder
        host = try HostSettings(folder: folder)
        try FileManager.default.createDirectory(atPath: folder + "/layers", withIntermediateDirectories: true)
    }

    /// The images of the stages named `targets`, and of those that they need.
    ///
    /// Layers that none of them uses are removed.
    func build(_ file: Dockerfile, targets: [String]) throws -> [String: Image] {
        for stage in file.stages(for: targets) {
            let built = try build(stage)
            if let name = stage.name { stages[name] = built }
        }
        for layer in try FileManager.default.contentsOfDirectory(atPath: folder + "/layers") where !used.contains(layer)
        {
            try FileManager.default.removeItem(atPath: folder + "/layers/" + layer)
        }
        return stages.mapValues(\.image)
    }

    private func build(_ stage: Dockerfile.Stage) throws -> (image: Image, key: String) {
        guard var (image, key) = stages[stage.base] ?? bases[stage.base].map({ ($0, stage.base) }) else {
            throw Image.Failure(description: "no image stands in for \(stage.base)")
        }
        var arguments: [String: String] = [:]
        for instruction in stage.instructions {
            switch instruction {
            case .argument(let name, let standard): arguments[name] = standard
            case .environment(let values): image.environment.merge(values) { $1 }
            case .workingDirectory(let path):
                image.workingDirectory = path
                let before = image
                key = try layer(on: &image, [key, "WORKDIR", path]) { try before.makeFolder(path, in: $0) }
            case .user(let name): image.user = name
            case .copy(let name, let sources, let target):
                let files = try name.map { try self.files(sources, in: $0) } ?? context.copies(sources)
                let before = image
                let text = try files.inputs.map { try Self.digest($0) }.joined(separator: "\n")
                let target = target.hasPrefix("/") ? target : image.workingDirectory + "/" + target
                key = try layer(on: &image, [key, "COPY", target, files.key, text]) {
                    try files.copy(to: target, in: $0, on: before)
                }
            case .run(let command, let caches):
                guard image.user == nil else { throw Image.Failure(description: "RUN after USER: not understood") }
                let variables = arguments.merging(image.environment) { $1 }.sorted { $0.key < $1.key }
                let words = ["RUN", command] + caches + variables.map { "\($0.key)=\($0.value)" }
                let before = image
                key = try layer(on: &image, [key] + words) { changes in
                    try run(command, on: before, arguments, caches: caches, changes: changes)
                }
            case .entryPoint(let words): image.entryPoint = words
            case .command(let words): image.command = words
            case .healthCheck(let words): image.healthCheck = words
            case .stopSignal(let name): image.stopSignal = name
            case .volumes(let paths): image.volumes += paths
            case .remark: break
            }
        }
        return (image, key)
    }

    /// Puts a layer on the image, which `make` fills unless it is there already, and returns its key.
    private func layer(on image: inout Image, _ origin: [String], make: (String) throws -> Void) throws -> String {
        var hasher = SHA256Hasher()
        for word in origin { Array("\(word.utf8.count) \(word)".utf8).withUnsafeBytes { hasher.update($0) } }
        let key = String(hasher.finalize().description.prefix(16))
        let path = folder + "/layers/" + key
        if !FileManager.default.fileExists(atPath: path) {
            let partial = path + ".partial"
            try? FileManager.default.removeItem(atPath: partial)
            try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
            try make(partial)
            try FileManager.default.moveItem(atPath: partial, toPath: path)
            try? FileManager.default.removeItem(atPath: partial + ".work")
        }
        used.insert(key)
        image.layers.insert(path, at: 0)
        return key
    }

    private func run(
        _ command: String, on image: Image, _ arguments: [String: String], caches: [String], changes: String
    ) throws {
        var options = arguments.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        options += image.options + host.options
        for cache in caches {
            let kept = folder + "/cache" + cache
            try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
            options += ["--mount", kept, cache]
        }
        let outcome = try Script.enter.run(
            [image.layers.joined(separator: ":"), "--changes", changes] + options + ["--", "/bin/sh", "-c", command])
        guard outcome.exitCode == 0 else {
            throw Image.Failure(
                description: "RUN \(command)\nended with \(outcome.exitCode):\n\(outcome.text.suffix(4000))")
        }
    }

    private func files(_ paths: [String], in stage: String) throws -> Copies {
        guard let (image, key) = stages[stage] else { throw Image.Failure(description: "there is no stage \(stage)") }
        let sources = try paths.map { path in
            guard let place = image.place(of: path) else {
                throw Image.Failure(description: "\(path) is not in stage \(stage)")
            }
            return (place, "")
        }
        return Copies(files: sources, key: key, hashesInputs: false)
    }

    private static func digest(_ path: String) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        var hasher = SHA256Hasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        let isExecutable = FileManager.default.isExecutableFile(atPath: path)
        return "\(hasher.finalize()) \(isExecutable)"
    }
}

/// What a COPY copies.
private struct Copies {
    let files: [(source: String, inside: String)]
    /// Names all of them, and the content of those whose `inputs` are not to be read.
    let key: String
    var hashesInputs = true

    var inputs: [String] { hashesInputs ? files.map(\.source) : [] }

    /// Copies to `target` of the image, in a layer that is to lie upon it.
    func copy(to target: String, in layer: String, on image: Image) throws {
        for (source, inside) in files {
            let isFile = inside.isEmpty
            let intoFolder = target.hasSuffix("/")
            var path = target
            if isFile, intoFolder { path += URL(fileURLWithPath: source).lastPathComponent }
            if !isFile { path += (intoFolder ? "" : "/") + inside }
            try image.makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path, in: layer)
            // cp and not FileManager: the build inside goes by the times of files.
            let outcome = try Script.run("/bin/cp", ["--preserve=mode,timestamps", source, layer + path])
            guard outcome.exitCode == 0 else { throw Image.Failure(description: outcome.text) }
        }
    }
}

extension BuildContext {
    /// What COPY takes for `sources`, of which not all need to exist.
    fileprivate func copies(_ sources: [String]) throws -> Copies {
        let files = try sources.flatMap { try self.files($0) }
        guard !files.isEmpty else {
            throw Image.Failure(description: "COPY \(sources.joined(separator: " ")): there is nothing to copy")
        }
        let names = files.map { $0.inside.isEmpty ? URL(fileURLWithPath: $0.source).lastPathComponent : $0.inside }
        return Copies(files: files, key: names.joined(separator: "\n"))
    }
}
