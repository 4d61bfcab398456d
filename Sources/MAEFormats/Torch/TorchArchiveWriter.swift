import MAEFiles

/// Writes files that `torch.load` reads: zip archives as torch.save of PyTorch 2 makes them.
package enum TorchArchiveWriter {
    /// Name of the top folder, which is what torch.save uses when it has no file name.
    private static let folder = "archive"

    /// Saves `root` at `path`, replacing a file there once the new one is whole.
    ///
    /// The bytes depend on `root` alone. The elements of tensors are written from where they lie, without a copy. Throws
    /// ``CheckpointError/Code/unwritableFile`` when the system refuses.
    package static func write(_ root: PickleExpression, to path: String) throws(CheckpointError) {
        let pickle = PickleWriter(root)
        try CheckpointOutput.write(to: path) { file throws(CheckpointError) in
            var zip = ZipWriter()
            try append("data.pkl", pickle.bytes, to: &zip, in: &file)
            try append(".format_version", Array("1".utf8), to: &zip, in: &file)
            try append(".storage_alignment", Array("\(ZipWriter.alignment)".utf8), to: &zip, in: &file)
            try append("byteorder", Array("little".utf8), to: &zip, in: &file)
            for (key, tensor) in pickle.storages.enumerated() {
                try tensor.withUnsafeBytes { bytes throws(CheckpointError) in
                    try zip.append("\(folder)/data/\(key)", bytes, to: &file)
                }
            }
            try append("version", Array("3\n".utf8), to: &zip, in: &file)
            try zip.finish(&file)
        }
    }

    private static func append(
        _ name: String, _ bytes: [UInt8], to zip: inout ZipWriter, in file: inout CheckpointOutput
    ) throws(CheckpointError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(CheckpointError) in
            try zip.append("\(folder)/\(name)", bytes, to: &file)
        }
    }
}
