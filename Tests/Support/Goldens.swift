import Foundation

/// Files under `Tests/Goldens/`, which `Tests/Reference/` made with PyTorch and which are committed.
public enum Goldens {
    /// The folder of all goldens.
    public static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Goldens").path

    /// Path of one golden, given relative to the folder.
    public static func path(_ relative: String) -> String { directory + "/" + relative }

    /// The bytes of one golden, given relative to the folder.
    public static func bytes(_ relative: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(relative))))
    }
}
