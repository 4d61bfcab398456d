import ArgumentParser
import Foundation
import MAEFormats

/// A path that a command is about to write to.
struct OutputPlace {
    let path: String

    /// Refuses a path that something lies at already, unless told to replace it.
    ///
    /// An empty directory counts as nothing where a directory is written.
    func check(asDirectory: Bool, mayReplace: Bool) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return }
        guard isDirectory.boolValue == asDirectory else {
            throw ValidationError(
                asDirectory
                    ? "\(path) is a file, but a directory is written. Name another path."
                    : "\(path) is a directory, but a file is written. Name a file, in it or elsewhere.")
        }
        if asDirectory, let names = try? FileManager.default.contentsOfDirectory(atPath: path), names.isEmpty { return }
        guard mayReplace else {
            throw ValidationError("\(path) exists. Name another path, or replace what is there with --force.")
        }
    }

    /// Makes the folders that it is to lie in.
    ///
    /// - Throws: ``CheckpointError`` with code `unwritableFile`.
    func makeFolders() throws(CheckpointError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CheckpointError(
                .unwritableFile, path: path,
                "cannot be written, for the folder above it cannot be made; name a place that you may write to.")
        }
    }

    /// Whether this is where `other` lies.
    func isSame(as other: String) -> Bool {
        func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
        return resolved(path) == resolved(other)
    }
}
