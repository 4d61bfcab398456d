import Foundation
import MAECheckpoint
import MAECompute
import MAEContent
import MAEEngine
import MAEFiles
import MAETensor
import MAEText
import MAEThreads
import Synchronization

/// Images as people have them: a file, or a folder of pictures (PNG, JPEG) and of tensors (`.npy`), by ascending name.
///
/// Pictures are decoded and preprocessed when they are asked for, so that part of a large folder costs no more than that part.
public struct ImageSource: Sendable {
    /// Images of one file.
    private enum Part: Sendable {
        case tensors(ImageFolder)
        case picture(PictureFile)

        var count: Int { if case .tensors(let folder) = self { folder.count } else { 1 } }
    }

    /// Images, and what their files were.
    public struct Images: Sendable {
        /// (B, C, height, width).
        public var pixels: Tensor
        /// Each picture in words, `cat.jpg: 640 × 480 JPEG`; none for tensors.
        public var pictures: [String]
        /// What to call each image: a picture in words, and a tensor by its file.
        public var names: [String]
    }

    /// The file, or the folder of files.
    public let path: String
    /// Number of images in all files.
    public let count: Int
    /// Channels, height and width of every image.
    public let imageShape: [Int]
    /// What is done to pictures; nil where every file has tensors.
    public let preprocessing: Preprocessing?
    /// The files that are read, by ascending name.
    public let listing: FileListing
    private let parts: [Part]

    private static let otherExtensions: Set<String> = ["webp", "bmp", "gif", "tif", "tiff", "heic", "avif"]

    /// Finds the images at `path`; tensors are looked at as ``ImageFolder`` does it.
    ///
    /// - Parameter preprocessing: what is to be done to pictures, asked for only where there are some.
    /// - Throws: `TensorError` when there is no file, when one is not what it is named, or when images have other sizes than the
    ///   first; and what `preprocessing` throws.
    public init(path: String, preprocessing: () throws -> Preprocessing) throws {
        let listing = try Self.listing(path)
        // Of a folder names decide what is read; a file that is named itself is meant, whatever its name ends in.
        func isPicture(_ file: String) -> Bool {
            PictureFile.isNamed(file) || (!listing.isDirectory && !file.hasSuffix(".npy"))
        }
        guard listing.paths.contains(where: isPicture) else {
            let tensors = try Self(tensorsAt: path)
            (self.path, count, imageShape, self.preprocessing) = (path, tensors.count, tensors.imageShape, nil)
            (self.listing, parts) = (tensors.listing, tensors.parts)
            return
        }
        let processing = try preprocessing()
        let parts: [Part] = try listing.paths.map { file in
            isPicture(file) ? .picture(try PictureFile(path: file)) : .tensors(try ImageFolder(path: file))
        }
        let first = try Self.shape(of: parts[0], processing)
        for (part, file) in zip(parts, listing.paths).dropFirst() {
            let shape = try Self.shape(of: part, processing)
            guard shape != first else { continue }
            throw TensorError(
                .malformedFile, path: file,
                "has images of \(shape), but \(listing.names[0]) of \(first); give images of one size")
        }
        (self.path, self.listing, self.parts) = (path, listing, parts)
        (imageShape, self.preprocessing) = (first, processing)
        count = parts.map(\.count).reduce(0, +)
    }

    /// The tensors at `path`, whatever pictures lie there too.
    ///
    /// - Throws: `TensorError` as ``ImageFolder`` does.
    public init(tensorsAt path: String) throws {
        let folder = try ImageFolder(path: path)
        (self.path, count, imageShape, preprocessing) = (path, folder.count, folder.imageShape, nil)
        (listing, parts) = (folder.listing, [.tensors(folder)])
    }

    /// Throws `ComputeError` with code `invalidInput` when the images are not of the size that a model takes.
    public func requireFit(_ configuration: ViTMAEConfiguration) throws(ComputeError) {
        try BatchRequest.Pixels.requireFit([count] + imageShape, configuration)
    }

    /// What a person should know of pictures in the folder that were left alone; nil when there are none.
    public var note: String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let others = names.filter { Self.otherExtensions.contains(($0 as NSString).pathExtension.lowercased()) }
        guard !others.isEmpty else { return nil }
        return
            "note: \(path): \(NumberText.count(others.count, "picture")) of other formats left alone: save as PNG or JPEG "
            + "what is to be read, or what the image processor returns with numpy.save."
    }

    /// The pictures and what is done to them, in words: `3 pictures (2 JPEG, 1 PNG), resized to …`; nil where every file has tensors.
    public var words: String? {
        guard let preprocessing else { return nil }
        let formats = parts.compactMap { if case .picture(let file) = $0 { file.format } else { nil } }
        let kinds = PictureFile.Format.allCases.compactMap { kind in
            let count = formats.count { $0 == kind }
            return count > 0 ? "\(count) \(kind.rawValue)" : nil
        }
        let tensors = count - formats.count
        return
            "\(NumberText.count(formats.count, "picture")) (\(kinds.joined(separator: ", "))), \(preprocessing.words)"
            + (tensors > 0 ? "; and \(NumberText.count(tensors, "image")) of .npy files as they are" : "")
    }

    /// Some of the images, counted through all files; `range` lies within ``count``.
    ///
    /// - Throws: `TensorError` when a file cannot be read, or is another one by now.
    public func images(_ range: Range<Int>) throws -> Images {
        guard !range.isEmpty else {
            return Images(pixels: Tensor(shape: [0] + imageShape, elements: []), pictures: [], names: [])
        }
        var wanted: [(part: Int, rows: Range<Int>)] = []
        var first = 0
        for (index, part) in parts.enumerated() {
            let own = range.clamped(to: first..<first + part.count)
            if !own.isEmpty { wanted.append((index, own.lowerBound - first..<own.upperBound - first)) }
            first += part.count
        }
        let read = Mutex([Images?](repeating: nil, count: wanted.count))
        try Self.inParallel(wanted.count) { [wanted] index in
            let images = try self.images(ofPart: wanted[index].part, wanted[index].rows)
            read.withLock { $0[index] = images }
        }
        let images = read.withLock { $0.compactMap(\.self) }
        return Images(
            pixels: images.count == 1 ? images[0].pixels : Tensor(joiningRowsOf: images.map(\.pixels)),
            pictures: images.flatMap(\.pictures), names: images.flatMap(\.names))
    }

    /// All images.
    ///
    /// - Throws: as ``images(_:)`` does.
    public func images() throws -> Images { try images(0..<count) }

    /// Writes all images as `.npy` files of fp32, one for each file that there is, into a folder that has nothing else.
    ///
    /// `progress` is told, on any thread, how many of the files are done, and ends the work by throwing.
    ///
    /// - Returns: the names of the files that were written, in the order of the images.
    /// - Throws: `TensorError` when a file cannot be read, is another one by now, or cannot be written.
    public func write(
        to folder: String, progress: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void
    ) throws -> FileListing {
        let digits = String(parts.count).count
        let names = parts.indices.map { index in
            String(repeating: "0", count: digits - String(index).count) + "\(index).npy"
        }
        let done = Atomic(0)
        try Self.inParallel(parts.count) { index in
            try progress(done.load(ordering: .relaxed), parts.count)
            try images(ofPart: index, 0..<parts[index].count).pixels.writeNpy(to: folder + "/" + names[index])
            done.add(1, ordering: .relaxed)
        }
        return FileListing(path: folder, isDirectory: true, names: names)
    }

    private func images(ofPart index: Int, _ rows: Range<Int>) throws(TensorError) -> Images {
        switch parts[index] {
        case .tensors(let folder):
            return Images(pixels: try folder.tensor(rows), pictures: [], names: folder.names(rows))
        case .picture(let file):
            guard let preprocessing else { preconditionFailure("pictures have a preprocessing") }
            let (picture, words) = try file.decode()
            let pixels: Tensor
            do throws(PictureProblem) { pixels = try preprocessing.tensor(of: picture) } catch {
                throw TensorError(.malformedFile, path: file.path, error.message)
            }
            guard pixels.shape == [1] + imageShape else {
                throw TensorError(
                    .malformedFile, path: file.path, "was written to while it was in use: leave it alone")
            }
            let name = "\(listing.names[index]): \(words)"
            return Images(pixels: pixels, pictures: [name], names: [name])
        }
    }

    private static func shape(of part: Part, _ preprocessing: Preprocessing) throws -> [Int] {
        switch part {
        case .tensors(let folder): return folder.imageShape
        case .picture(let file):
            if let extent = preprocessing.fixedExtent { return [Picture.channels, extent.height, extent.width] }
            let size = try file.size()
            let extent = preprocessing.extent(ofWidth: size.width, height: size.height)
            return [Picture.channels, extent.height, extent.width]
        }
    }

    /// Pictures that are decoded at once: the largest that are taken need some 700 MB each meanwhile.
    private static let mostAtOnce = 4

    /// Does work for each number below `count` on some threads, and throws what the lowest of them threw.
    private static func inParallel(_ count: Int, _ work: @Sendable (Int) throws -> Void) throws {
        let failure = Mutex<(index: Int, error: any Error)?>(nil)
        ParallelLoop.run("mae-pictures", count: count, threads: min(mostAtOnce, ParallelLoop.processorCount)) { index in
            guard failure.withLock({ $0.map { index < $0.index } ?? true }) else { return }
            do { try work(index) } catch {
                failure.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
    }

    /// The files at a path that are read for images, by ascending name; none of them is looked at.
    ///
    /// - Throws: `TensorError` for a folder that cannot be read, or has none.
    public static func listing(_ path: String) throws(TensorError) -> FileListing {
        guard FileSystem.isThere(path) else {
            throw TensorError(
                .unreadableFile, path: path,
                "is not there: check the spelling. Name a picture (PNG, JPEG), a .npy file, or a folder of them")
        }
        guard FileSystem.isDirectory(path) else {
            return FileListing(path: path, isDirectory: false, names: [FileSystem.split(path).name])
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw TensorError(
                .unreadableFile, path: path, "cannot be listed; name a file of images, or a readable folder of them")
        }
        let own = names.filter { $0.hasSuffix(".npy") || PictureFile.isNamed($0) }.sorted()
        guard !own.isEmpty else {
            throw TensorError(
                .unreadableFile, path: path,
                "holds no image: no .png, .jpg or .jpeg file, and no .npy file of preprocessed images, (C, H, W) or "
                    + "(B, C, H, W)")
        }
        return FileListing(path: path, isDirectory: true, names: own)
    }
}
