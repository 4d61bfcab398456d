import Foundation
import MAEFormats

/// A parser of untrusted bytes.
///
/// It may refuse an input by throwing; anything else that stops it is a fault.
protocol FuzzTarget: Sendable {
    /// Gives `input` to the parser.
    static func run(_ input: UnsafeRawBufferPointer)

    /// Inputs that are well formed, to begin with.
    static func seeds() throws -> [[UInt8]]
}

enum FuzzTargets {
    static let named: [String: any FuzzTarget.Type] = [
        "wire": WireTarget.self, "torch": TorchTarget.self, "pickle": PickleTarget.self,
        "recording": RecordingTarget.self, "safetensors": SafetensorsTarget.self,
        "configuration": ConfigurationTarget.self, "npy": NpyTarget.self, "picture": PictureTarget.self,
    ]

    /// The files of the repository that PyTorch wrote.
    static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Goldens")

    static func golden(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: goldens.appendingPathComponent(name)))
    }

    /// A folder in memory for the files that readers want.
    static let folder: String = {
        let path = "/dev/shm/mae-fuzz-\(getpid())"
        mkdir(path, 0o700)
        atexit { try? FileManager.default.removeItem(atPath: FuzzTargets.folder) }
        return path
    }()

    /// Writes `input` to a file in ``folder`` and returns its path.
    static func file(_ name: String, _ input: UnsafeRawBufferPointer) -> String {
        let path = folder + "/" + name
        guard let file = fopen(path, "w") else { return path }
        fwrite(input.baseAddress, 1, input.count, file)
        fclose(file)
        return path
    }
}
