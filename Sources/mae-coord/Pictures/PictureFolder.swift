import Foundation
import Glibc
import MAEFiles
import MAEFormats
import MAEReport
import MAETensor
import MAEText

/// The pictures of a batch as PNG files, and a page that shows them.
struct PictureFolder {
    /// Images beyond this number are left out.
    static let most = 64
    /// Pixels that a picture is wide on the page at least.
    private static let leastWidth = 160
    private static let pageName = "index.html"

    let path: String

    /// Writes up to three files for each image, and the page last; what an earlier run left here is removed first.
    ///
    /// - Parameter names: what to call the images; empty where they are drawn.
    /// - Throws: `TensorError` for what cannot be written.
    func write(_ pictures: BatchPictures, names: [String], model: String, scale: PixelScale) throws {
        removeAll()
        do { try Folder.make(path) } catch { throw Self.failure(error) }
        let count = min(pictures.count, Self.most)
        var rows: [String] = []
        for image in 0..<count {
            let all = [
                ("input", pictures.input(image)), ("masked", pictures.masked(image)),
                ("reconstruction", pictures.reconstruction(image)),
            ]
            let figures = try all.compactMap { name, picture in
                try picture.map { try write($0, "\(name)-\(image).png", caption: name) }
            }
            let name = names.indices.contains(image) ? SafeText.markup(": \(names[image])") : ""
            rows.append(
                "<h3>Image \(image)\(name)</h3>\n<div class=\"pictures\">\(figures.joined(separator: "\n"))</div>")
        }
        let rest = pictures.count - count
        let facts: [String?] = [
            model, NumberText.count(pictures.count, "image"), "colors by \(scale.origin)",
            rest > 0 ? "\(NumberText.count(rest, "image")) left out" : nil,
        ]
        let page = HTMLPage.render(
            title: "Pictures of a batch",
            parts: [
                "<h1>Pictures of a batch</h1>\n<p class=\"facts\">\(SafeText.markup(facts.compactMap(\.self).joined(separator: " · ")))</p>",
                "<section>\n\(rows.joined(separator: "\n"))\n</section>",
            ], showsPictures: true)
        try write(Array(page.utf8), Self.pageName)
    }

    /// Removes what ``write(_:names:model:scale:)`` wrote, and the folder where nothing else is in it.
    func removeAll() {
        guard FileSystem.isDirectory(path) else { return }
        let isOwn = { (name: String) in
            name == Self.pageName || name.wholeMatch(of: /(input|masked|reconstruction)-[0-9]+\.png/) != nil
        }
        Folder.removeFiles(in: path, where: isOwn)
        rmdir(path)
    }

    private func write(_ picture: PNGImage, _ name: String, caption: String) throws -> String {
        guard let file = picture.file else {
            throw TensorError(.unwritableFile, path: "\(path)/\(name)", "there is no memory left to compress it")
        }
        try write(file, name)
        let width = max(picture.width, Self.leastWidth)
        let height = picture.height * width / picture.width
        return "<figure><img width=\"\(width)\" height=\"\(height)\" alt=\"\(caption)\" "
            + "src=\"data:image/png;base64,\(Data(file).base64EncodedString())\"><figcaption>\(caption)</figcaption></figure>"
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        do { try AtomicFile.write(bytes, to: "\(path)/\(name)") } catch { throw Self.failure(error) }
    }

    private static func failure(_ error: FileError) -> TensorError {
        TensorError(.unwritableFile, path: error.path, "cannot be written: \(error.reason). \(error.remedyForWriting)")
    }
}
