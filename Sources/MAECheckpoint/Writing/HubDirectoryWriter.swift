import Glibc
import MAEFiles
import MAEFormats
import SystemPackage

/// Writes a hub directory: weights first, `config.json` last, so that a directory cut short is refused by every reader.
enum HubDirectoryWriter {
    private static let weightsName = "model.safetensors"

    static func write(_ model: ModelWeights, to path: String) throws(CheckpointError) {
        try makeDirectory(path)
        let others = HubDirectory.weightNames.filter { $0 != weightsName && FileSystem.isFile(path + "/" + $0) }
        guard others.isEmpty else {
            throw CheckpointError(
                .contradiction, path: path,
                "holds \(others.joined(separator: ", ")) already, which would be loaded in place of the new weights or "
                    + "beside them. Choose another directory, or remove them.")
        }
        try SafetensorsWriter.write(
            model.layout.parameters.map { ($0.name, model.tensor(of: $0)) }, metadata: ["format": "pt"],
            to: path + "/" + weightsName)
        let text = model.configuration.configJSON(architecture: model.architecture)
        try CheckpointOutput.write(to: path + "/" + HubDirectory.configurationName) { file throws(CheckpointError) in
            try file.append(Array(text.utf8))
        }
    }

    private static func makeDirectory(_ path: String) throws(CheckpointError) {
        guard mkdir(path, 0o777) != 0 else { return }
        let error = Errno(rawValue: errno)
        guard error != .fileExists || !FileSystem.isDirectory(path) else { return }
        throw CheckpointError(
            .unwritableFile, path: path,
            "cannot be made a directory: \(error). Make the folders above it first, or choose another place.")
    }
}
