import Foundation
import PackagePlugin

/// Writes the digest of the engine's sources into the engine, so that every program built from them names the same build,
/// on every processor and however it is linked.
@main
struct SourceDigest: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let root = context.package.directoryURL.path
        let rooms = [target] + target.recursiveTargetDependencies
        // Those of other packages are pinned by version. The order must not depend on the machine.
        let files = rooms.map(\.directoryURL).filter { $0.path.hasPrefix(root + "/Sources/") }
            .flatMap(Self.sources).sorted { $0.path < $1.path }
        let output = context.pluginWorkDirectoryURL.appending(path: "SourceDigest.swift")
        let script = """
            output=$1
            shift
            digest=$(cat "$@" | sha256sum | cut -c 1-12)
            printf '/// First digits of the SHA-256 of the sources of the engine.\\nlet sourceDigest = "%s"\\n' "$digest" >"$output"
            """
        return [
            .buildCommand(
                displayName: "Taking the digest of the engine's sources",
                executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: ["-ec", script, "sh", output.path] + files.map(\.path), inputFiles: files,
                outputFiles: [output])
        ]
    }

    /// What is compiled of a room: its own list of files would leave out the headers of C.
    private static func sources(in room: URL) -> [URL] {
        let files = FileManager.default.enumerator(at: room, includingPropertiesForKeys: nil)
        return (files?.allObjects as? [URL] ?? []).filter { ["swift", "c", "h"].contains($0.pathExtension) }
    }
}
