import Foundation
import MAECheckpoint
import MAEContent
import MAECoordinator
import MAEDomain
import MAEEngine
import MAEExplain
import MAEFormats
import MAEPictures
import MAETensor
import MAEVerify

/// Refuses what cannot be loaded before a run begins: once, and not for each batch on each worker.
///
/// Files are opened as a worker opens them, without their weights, which takes moments.
struct CheckpointCheck {
    /// The paths that this machine cannot read and that are left to the workers.
    let onWorkers: FilesOnWorkers
    /// The file of the noise and its shape, where the noise is given: (batch size, patches).
    var noise: (file: String, shape: [Int])?
    /// The images, where they are given.
    var images: ImageSource?
    let batchSize: Int
    /// What `--config` names, for advice.
    let configuration: String?

    /// Throws a `CheckpointError` when `--config` names nothing that can be read here, whether a method uses it or not.
    func requireConfiguration() throws(CheckpointError) {
        guard let configuration, !onWorkers.have(configuration) else { return }
        _ = try FileListing(configuration: configuration)
    }

    /// Throws ``MethodError`` when the method cannot load what is at its path, and `ComputeError` when it takes other images.
    func requireLoadable(_ method: LoadingMethod) throws {
        do {
            // Sums over weights are left to the workers, which read them anyway.
            let checkpoint = try ModelCheckpoint.openUnverified(
                method.path, weights: method.weights, method: LoadingChoice(method.kind),
                configuration: method.configPath, comparesNeighbors: false)
            try images?.requireFit(checkpoint.configuration.values)
            try requireNoise(for: checkpoint)
        } catch let error as CheckpointError {
            guard !isOnWorkers(method, error) else { return }
            throw MethodError(method, error, configuration: configuration)
        }
    }

    /// Throws ``MethodError`` when what is at the method's path cannot be read at all, whatever its configuration is.
    func requireReadable(_ method: LoadingMethod) throws(MethodError) {
        do throws(CheckpointError) {
            _ = try LoadingChoice.fitting(method.path, weights: method.weights)
        } catch {
            guard !isOnWorkers(method, error) else { return }
            throw MethodError(method, error, configuration: configuration)
        }
    }

    private func isOnWorkers(_ method: LoadingMethod, _ error: CheckpointError) -> Bool {
        let paths = [method.path, method.configPath].compactMap(\.self)
        return error.code == .unreadableFile && paths.contains(where: onWorkers.have)
    }

    private func requireNoise(for checkpoint: ModelCheckpoint) throws(CheckpointError) {
        let patches = checkpoint.configuration.values.patchCount
        guard let noise, noise.shape != [batchSize, patches] else { return }
        throw CheckpointError(
            .invalidConfiguration, path: noise.file,
            "noise of shape \(Self.text(noise.shape)); a batch of this run takes \(Self.text([batchSize, patches])): images, "
                + "patches")
    }

    private static func text(_ shape: [Int]) -> String { "(\(shape.map(String.init).joined(separator: ", ")))" }
}

/// Why a method cannot load what is at its path, and which one could.
public struct MethodError: Error, CustomStringConvertible {
    /// The method, what is wrong with it, and the remedy.
    public let description: String
    /// Whether it is the configuration that cannot be read, and nothing is known of the file with the weights.
    let isOfConfiguration: Bool

    init(_ method: LoadingMethod, _ error: CheckpointError, configuration: String?) {
        isOfConfiguration =
            method.configPath.map { error.path.hasPrefix($0) && !error.path.hasPrefix(method.path) } ?? false
        let given = "--method \(method.kind.rawValue)=\(method.place)"
        let fitting = try? LoadingChoice.fitting(method.path, weights: method.weights).kind
        if let fitting, fitting != method.kind {
            // Weights alone say nothing of their configuration.
            let option = fitting == .stateDict ? " --config \(configuration ?? "DIR")" : ""
            description =
                "\(given): this is \(Self.words(fitting)): use --method \(fitting.rawValue)=\(method.place)\(option)"
        } else if error.code == .unreadableFile {
            description =
                "\(error)\(error.message.hasSuffix(".") ? "" : ".") If workers have it and this machine has not, "
                + "add --files-on-workers."
        } else {
            description = "\(error)"
        }
    }

    private static func words(_ kind: LoadingMethod.Kind) -> String {
        switch kind {
        case .pretrained: "a hub directory"
        case .full: "a whole pickled model"
        case .stateDict: "a state dict, weights alone"
        }
    }
}
