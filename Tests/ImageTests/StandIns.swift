import Foundation
import Synchronization

/// The images that stand in for those of FROM lines, and what is built from them.
enum StandIns {
    private static let folder = Script.repository + "/.build/images"
    private static let built = Mutex<[String: Image]?>(nil)

    /// Whether the programs are compiled inside, as `docker build` does, or taken as `cluster/link-static` left them.
    private static let compiles = ProcessInfo.processInfo.environment["MAE_TEST_IMAGES"] == "compile"

    /// Images by their names in the Dockerfile's arguments; nil where none can be made.
    private static let bases: [String: Image]? = {
        let programs = Script.repository + "/.build/programs/mae-coord"
        guard compiles || FileManager.default.fileExists(atPath: programs) else { return nil }
        guard let outcome = try? Script.bases.run([folder, "debian", "scratch"] + (compiles ? ["swift"] : [])),
            outcome.exitCode == 0
        else { return nil }
        let pairs = outcome.text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        return Dictionary(
            pairs.filter { $0.count == 2 }.map { ($0[0], Image(layers: [$0[1]])) }, uniquingKeysWith: { $1 })
    }()

    static var areAvailable: Bool { bases != nil }

    /// The images of docker/Dockerfile, built once.
    static func build() throws -> [String: Image] {
        try built.withLock { built in
            if let built { return built }
            let docker = Script.repository + "/docker/"
            let file = try Dockerfile(
                String(contentsOfFile: docker + "Dockerfile", encoding: .utf8),
                arguments: [
                    "SWIFT_IMAGE": "swift", "DEBIAN_IMAGE": "debian", "PROGRAMS": compiles ? "compiled" : "linked",
                ])
            let context = try BuildContext(
                root: Script.repository,
                ignoreFile: String(contentsOfFile: docker + "Dockerfile.dockerignore", encoding: .utf8))
            let images = try ImageBuilder(context: context, bases: bases ?? [:], folder: folder)
                .build(file, targets: ["coordinator", "worker"])
            built = images
            return images
        }
    }
}
