import Foundation

@testable import MAEPictures

/// PNG and JPEG files, resized and cut as a model takes them.
enum PictureTarget: FuzzTarget {
    private static let preprocessing = {
        var preprocessing = Preprocessing.viTMAE(.init(height: 24, width: 24))
        preprocessing.size = .shortestEdge(24)
        preprocessing.crop = .init(height: 24, width: 24)
        return preprocessing
    }()
    /// A picture of more pixels takes longer, and is no other picture for that.
    private static let mostPixels = 1 << 20

    static func run(_ input: UnsafeRawBufferPointer) {
        guard let file = try? PictureFile(path: FuzzTargets.file("picture.png", input)), let size = try? file.size(),
            size.width * size.height <= mostPixels, let picture = try? file.decode().picture
        else { return }
        _ = try? preprocessing.tensor(of: picture)
    }

    static func seeds() throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(atPath: FuzzTargets.goldens.appendingPathComponent("pictures").path)
            .sorted().filter(PictureFile.isNamed).map { try FuzzTargets.golden("pictures/" + $0) }
    }
}
