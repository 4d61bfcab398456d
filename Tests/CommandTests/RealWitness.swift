import Foundation
import ProcessTestSupport
import TestSupport
import Testing

/// `mae_witness` with real PyTorch, where a Python with the packages is named.
enum RealWitness {
    /// Path of a Python that has torch, transformers, pyzmq and protobuf; `cluster/torch-environment` makes one.
    static let python = ProcessInfo.processInfo.environment["MAE_WITNESS_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

    /// Why tests are skipped.
    static let absence: Comment = "MAE_WITNESS_PYTHON names no Python with PyTorch"

    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources/python").path

    /// Starts a witness.
    ///
    /// - Parameter prelude: lines of Python that are executed first, such as a fault.
    static func start(
        _ name: String, _ site: VerifySite, _ options: [String] = ["--allow-pickle"], prelude: String = ""
    ) throws -> RunningCommand {
        let program = "import sys\n\(prelude)\nfrom mae_witness.program import main\nsys.exit(main(sys.argv[1:]))"
        return try run(
            [
                "-c", program, "--connect", site.endpoint, "--name", name, "--threads", "1", "--cache",
                site.folder.file("cache-\(name)"),
            ] + options)
    }

    /// Starts Python.
    static func run(_ arguments: [String]) throws -> RunningCommand {
        try RunningCommand(
            program: try #require(python), arguments: arguments, directory: nil,
            environment: ["PYTHONPATH": sources, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"])
    }
}
