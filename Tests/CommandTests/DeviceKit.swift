import Foundation
import TestSupport
import Testing

/// A folder that `Tests/Device/pack` made of the programs next to these tests.
struct DeviceKit {
    /// Whether the tests are to run: with Mesa's driver, or where it is said to be there.
    static let isWanted = MesaDevice.isInstalled || ProcessInfo.processInfo.environment["MAE_TEST_VULKAN"] != nil
    static let obstacle = "Mesa's processor driver is not installed"

    private let folder: TemporaryDirectory
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Device").path

    /// The packed folder.
    var path: String { folder.file("kit") }

    /// The table in Markdown of the latest run.
    var table: String { (try? String(contentsOfFile: folder.file("results/results.md"), encoding: .utf8)) ?? "" }

    /// Packs a folder.
    static func pack() async throws -> DeviceKit {
        let kit = DeviceKit(folder: try TemporaryDirectory())
        let build = URL(fileURLWithPath: try Program.bench.path).deletingLastPathComponent().path
        let result = try await kit.start(scripts + "/pack", ["--build", build, kit.path], [:]).result()
        try #require(result.exitCode == 0, "\(result.output)\(result.errors)")
        return kit
    }

    /// Runs the folder's own script on Mesa's driver, and reads its results; waits for each of `steps` on its own.
    func run(
        _ arguments: [String], steps: [String]
    ) async throws -> (result: CommandResult, report: JSONObject) {
        let results = folder.file("results")
        let command = try start(
            path + "/run", [path, "--results", results] + arguments, MesaDevice.driverEnvironment)
        for step in steps { try await command.waitFor("== \(step)\n") }
        let result = try await command.result()
        let report = try JSONObject(Data(contentsOf: URL(fileURLWithPath: results + "/results.json")))
        return (result, report)
    }

    /// Bytes of all files in a folder.
    static func byteCount(of path: String) throws -> Int {
        let files = try FileManager.default.subpathsOfDirectory(atPath: path)
        return try files.reduce(0) { total, file in
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + file)
            return total + (attributes[.size] as? Int ?? 0)
        }
    }

    private func start(
        _ script: String, _ arguments: [String], _ environment: [String: String]
    ) throws -> RunningCommand {
        try RunningCommand(program: script, arguments: arguments, directory: nil, environment: environment)
    }
}
