import Foundation
import MAECheckpoint
import MAEFormats

/// One checkpoint in the form that each loading method reads, in a folder that goes when this does.
final class CheckpointForms {
    /// What one method reads.
    struct Form {
        let method: LoadingChoice
        let path: String
        /// A `config.json` for a state dict, which has none of its own.
        let configuration: String?
    }

    /// A folder for whatever is made.
    var folder: String { scratch.path }
    private let scratch: ScratchFolder
    /// The form of each method.
    private(set) var all: [Form] = []
    private let coordinator: String

    /// Makes an empty folder.
    init() throws {
        coordinator = try ChildProcess.path(of: "mae-coord")
        scratch = try ScratchFolder()
    }

    /// Draws a model of seeded weights.
    ///
    /// In a process of its own, like all that is done with weights here, so that this one stays small.
    func draw(_ preset: ViTMAEConfiguration.Preset) throws -> String {
        let path = folder + "/drawn"
        try coordinate(["checkpoint", "init", "--preset", preset.rawValue, "--seed", "0", "--output", path])
        return path
    }

    /// Adds the form for each of `methods`: the checkpoint at `path` itself for the method that it is, copies for the others.
    ///
    /// - Throws: ``CheckpointError`` for a checkpoint that cannot be read.
    func add(_ methods: [LoadingChoice], of path: String, configuration: String?) throws {
        let reference = CheckpointReference(path)
        let checkpoint = try ModelCheckpoint.open(
            reference.path, weights: reference.weights, configuration: configuration)
        let hub = checkpoint.method == .pretrained ? path + "/config.json" : nil
        for method in methods {
            var place = path
            if method != checkpoint.method {
                let form = method == .pretrained ? "hub" : method.rawValue
                place = folder + "/" + form
                let option = configuration.map { ["--config", $0] } ?? []
                try coordinate(["checkpoint", "convert", path, place, "--to", form] + option)
            }
            all.append(Form(method: method, path: place, configuration: method == .stateDict ? hub : nil))
        }
    }

    /// Runs `mae-coord`.
    @discardableResult
    func coordinate(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(coordinator, arguments, folder: folder)
    }
}
