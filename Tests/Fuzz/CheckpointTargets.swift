import Foundation
import MAEFiles
import MAEFormats
import MAETensor

@testable import MAECheckpoint

/// Files of any kind, found out by content: zip archives, legacy files of torch, safetensors.
enum TorchTarget: FuzzTarget {
    static func run(_ input: UnsafeRawBufferPointer) { open(FuzzTargets.file("model", input)) }

    static func seeds() throws -> [[UInt8]] {
        try ["state-fp16.pth", "legacy-state.pth", "full5.pth"].map { try FuzzTargets.golden("checkpoints/" + $0) }
    }

    /// Opens a checkpoint and reads every weight.
    static func open(_ path: String, configuration: String? = nil) {
        guard
            let checkpoint = try? ModelCheckpoint.open(
                path, configuration: configuration, comparesNeighbors: false)
        else { return }
        // A few: a small file may name many weights that look at the same bytes.
        for parameter in checkpoint.layout.parameters.prefix(4) where parameter.count < 1 << 20 {
            try? checkpoint.read(parameter.name) { _ in }
        }
    }
}

/// The pickle of an archive whose checksums are right, so that mutations reach what lies behind them.
enum PickleTarget: FuzzTarget {
    /// The records of a pickled model, its pickle left out.
    private static let records: [(name: String, content: ByteView)] = {
        guard let bytes = try? FuzzTargets.golden("checkpoints/full5.pth"),
            let archive = try? ZipArchive(ByteView(copying: bytes), path: "full5.pth")
        else { fatalError("full5.pth is no archive") }
        return archive.entries.filter { !$0.name.hasSuffix("/data.pkl") }.map { entry in
            guard let content = try? archive.contents(of: entry) else { fatalError("full5.pth is damaged") }
            return (entry.name, content)
        }
    }()

    static func run(_ input: UnsafeRawBufferPointer) {
        let path = FuzzTargets.folder + "/model.pth"
        do {
            try CheckpointOutput.write(to: path) { file throws(CheckpointError) in
                var zip = ZipWriter()
                try zip.append("full5/data.pkl", input, to: &file)
                for record in records {
                    try record.content.withUnsafeBytes { bytes throws(CheckpointError) in
                        try zip.append(record.name, bytes, to: &file)
                    }
                }
                try zip.finish(&file)
            }
        } catch {
            fatalError("\(error)")
        }
        TorchTarget.open(path)
    }

    static func seeds() throws -> [[UInt8]] {
        try ["full5.pth", "state5.pth", "lightning.ckpt", "full4.pth"].map { name in
            let archive = try ZipArchive(
                ByteView(copying: FuzzTargets.golden("checkpoints/" + name)), path: name)
            guard let entry = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
                throw Failure("\(name) has no pickle")
            }
            return try archive.contents(of: entry).bytes
        }
    }
}

/// Safetensors files.
enum SafetensorsTarget: FuzzTarget {
    static func run(_ input: UnsafeRawBufferPointer) { TorchTarget.open(FuzzTargets.file("model.safetensors", input)) }

    static func seeds() throws -> [[UInt8]] { [try FuzzTargets.golden("checkpoints/state.safetensors")] }
}

/// The `config.json` of a state dict.
enum ConfigurationTarget: FuzzTarget {
    private static let weights = FuzzTargets.goldens.appendingPathComponent("checkpoints/state5.pth").path

    static func run(_ input: UnsafeRawBufferPointer) {
        TorchTarget.open(weights, configuration: FuzzTargets.file("config.json", input))
    }

    static func seeds() throws -> [[UInt8]] {
        try ["hub5", "hub4"].map { try FuzzTargets.golden("checkpoints/\($0)/config.json") }
    }
}

/// Arrays of NumPy.
enum NpyTarget: FuzzTarget {
    static func run(_ input: UnsafeRawBufferPointer) {
        let path = FuzzTargets.file("array.npy", input)
        _ = try? Tensor(npy: path)
        _ = try? NpyArray<Int64>(npy: path)
    }

    static func seeds() throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(atPath: FuzzTargets.goldens.appendingPathComponent("npy").path)
            .sorted().filter { $0.hasSuffix(".npy") }.map { try FuzzTargets.golden("npy/" + $0) }
    }
}
