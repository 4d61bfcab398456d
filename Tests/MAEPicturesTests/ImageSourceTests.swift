import Foundation
import MAETensor
import TestSupport
import Testing

@testable import MAEPictures

@Suite("Folders of pictures and tensors")
struct ImageSourceTests {
    private let folder: TemporaryDirectory
    private let preprocessing = Preprocessing.viTMAE(.init(height: 4, width: 6))

    init() throws { folder = try TemporaryDirectory() }

    private func put(_ golden: String, _ name: String) throws {
        _ = try folder.write(name, try Goldens.bytes("pictures/" + golden))
    }

    private func source() throws -> ImageSource { try ImageSource(path: folder.path) { preprocessing } }

    private func expected(_ golden: String) throws -> Tensor {
        try preprocessing.tensor(of: PillowGoldens.picture(golden))
    }

    @Test("pictures and tensors are counted through by name, any part of them, and each picture is told")
    func mixed() throws {
        let given = Tensor(shape: [2, 3, 4, 6], elements: (0..<144).map { Float($0) })
        try put("420.jpg", "a.JPG")
        try given.writeNpy(to: folder.file("b.npy"))
        try put("gray.png", "c.png")
        for (name, content) in [("._a.jpg", "x"), ("d.txt", "x"), ("e.gif", "x"), ("f.webp", "x")] {
            _ = try folder.write(name, Array(content.utf8))
        }
        let source = try source()
        #expect(source.count == 4 && source.imageShape == [3, 4, 6])
        #expect(source.listing.names == ["a.JPG", "b.npy", "c.png"])
        #expect(source.note?.contains("2 pictures of other formats left alone") == true)
        #expect(source.words?.hasPrefix("2 pictures (1 JPEG, 1 PNG), resized to 6 × 4 (bilinear)") == true)
        let all = Tensor(joiningRowsOf: [try expected("420.jpg"), given, try expected("gray.png")])
        #expect(try source.images().pictures == ["a.JPG: 61 × 47 JPEG", "c.png: 20 × 17 PNG, gray"])
        for start in 0...4 {
            for end in start...4 { #expect(try source.images(start..<end).pixels == all.rows(start..<end)) }
        }
        let prepared = folder.file("prepared")
        try FileManager.default.createDirectory(atPath: prepared, withIntermediateDirectories: false)
        let written = try source.write(to: prepared) { _, _ in }
        #expect(written.names == ["0.npy", "1.npy", "2.npy"])
        #expect(Tensor(joiningRowsOf: try written.paths.map { try Tensor(npy: $0) }) == all)
    }

    @Test(
        "where there is no picture nothing asks how to prepare one, and of several damaged ones the first by name is told"
    )
    func firstFault() throws {
        try Tensor(shape: [3, 4, 6], repeating: 1).writeNpy(to: folder.file("m.npy"))
        let tensors = try ImageSource(path: folder.path) { throw CancellationError() }
        #expect(tensors.preprocessing == nil && tensors.words == nil && tensors.count == 1)
        let whole = try Goldens.bytes("pictures/420.jpg")
        for name in ["a.jpg", "x.jpg", "y.jpg", "z.jpg"] {
            _ = try folder.write(name, Array(whole.prefix(name == "a.jpg" ? whole.count : 1200)))
        }
        for _ in 0..<5 {
            let error = #expect(throws: TensorError.self) { try source().images() }
            #expect(error?.path == folder.file("x.jpg"))
        }
    }

    @Test("pictures that are not resized must be of one size, and one that was replaced by another size is refused")
    func sizes() throws {
        var unchanged = preprocessing
        unchanged.size = nil
        try put("420.jpg", "a.jpg")
        try put("444.jpg", "b.jpg")
        let source = try ImageSource(path: folder.path) { unchanged }
        #expect(source.imageShape == [3, 47, 61])
        try put("gray.png", "b.jpg")
        let changed = #expect(throws: TensorError.self) { try source.images() }
        #expect(changed?.path == folder.file("b.jpg"))
        let odd = #expect(throws: TensorError.self) { try ImageSource(path: folder.path) { unchanged } }
        #expect(odd?.message.contains("give images of one size") == true)
    }
}
