import ArgumentParser
import Foundation
import MAEFiles

/// Keeps a command from writing over what it reads.
struct InputProtection {
    /// Files and folders that the command reads.
    let inputs: [String]

    /// Throws a usage error when one of `outputs`, options with their files, is an input, is a file inside of one, or is named
    /// twice.
    func check(_ outputs: [(option: String, path: String?)]) throws(ValidationError) {
        let given = outputs.compactMap { output in
            output.path.map { (option: output.option, path: $0, place: Self.resolved($0)) }
        }
        for (index, output) in given.enumerated() {
            if let input = inputs.first(where: { Self.isOver(output.place, input: Self.resolved($0)) }) {
                throw ValidationError(
                    "\(output.option) \(output.path): this would be written over \(input), which is read; name another file."
                )
            }
            // What is no file takes any number of reports one after the other.
            guard let other = given[..<index].first(where: { $0.place == output.place }),
                !SpecialFile.isAt(output.path)
            else { continue }
            throw ValidationError(
                "\(output.option) \(output.path): \(other.option) is written there too; name another file.")
        }
    }

    /// Throws a usage error when the folder that `--output` names is an input, whose files would be read as input next time, or
    /// when one of the `names` that are written in it is.
    func check(folder: String, writing names: [String]) throws(ValidationError) {
        let places = Set(([folder] + names.map { folder + "/" + $0 }).map(Self.resolved))
        guard let input = inputs.first(where: { places.contains(Self.resolved($0)) }) else { return }
        throw ValidationError("--output \(folder): \(input) is read; name another folder for what is written.")
    }

    /// Whether a file at `place` replaces the input, or a file that is in the folder which the input is.
    private static func isOver(_ place: String, input: String) -> Bool {
        place == input || place.hasPrefix(input + "/") && FileSystem.isThere(place)
    }

    private static func resolved(_ path: String) -> String {
        let absolute = URL(fileURLWithPath: path).standardized.path
        // A file that is not there yet is in a folder that may be a link.
        let (folder, name) = FileSystem.split(absolute)
        return FileSystem.realPath(absolute) ?? FileSystem.realPath(folder).map { "\($0)/\(name)" } ?? absolute
    }
}
