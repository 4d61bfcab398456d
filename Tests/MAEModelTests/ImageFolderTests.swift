import Foundation
import MAEEngine
import MAETensor
import TestSupport
import Testing

@Suite("Folders of images")
struct ImageFolderTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Images whose elements count on from `start`.
    private func images(_ shape: [Int], from start: Int) -> Tensor {
        Tensor(shape: shape, elements: (0..<shape.reduce(1, *)).map { Float(start + $0) })
    }

    @Test("files with one image and with several are counted through, by name")
    func counts() throws {
        try images([2, 1, 2, 2], from: 4).writeNpy(to: folder.file("b.npy"))
        try images([1, 2, 2], from: 0).writeNpy(to: folder.file("a.npy"))
        try images([2, 1, 2, 2], from: 12).writeNpy(to: folder.file("c.npy"))
        _ = try folder.write("d.txt", "no image".utf8)
        let found = try ImageFolder(path: folder.path)
        #expect(found.count == 5 && found.imageShape == [1, 2, 2])
        #expect(found.listing.names == ["a.npy", "b.npy", "c.npy"])
        let all = images([5, 1, 2, 2], from: 0)
        #expect(try found.tensor() == all)
        for start in 0...5 {
            for end in start...5 {
                #expect(try found.tensor(start..<end) == all.rows(start..<end), "\(start)..<\(end)")
            }
        }
    }

    @Test("a file that was replaced by another shape is refused, not read past its end")
    func replaced() throws {
        let file = folder.file("a.npy")
        try images([3, 1, 2, 2], from: 0).writeNpy(to: file)
        let found = try ImageFolder(path: file)
        for shape in [[1, 1, 2, 2], [3, 1, 2, 3], [3, 2]] {
            try images(shape, from: 0).writeNpy(to: file)
            #expect(throws: TensorError.self) { try found.tensor(1..<3) }
        }
    }
}
