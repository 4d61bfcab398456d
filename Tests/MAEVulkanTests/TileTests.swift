import ComputeTestSupport
import Foundation
import MAECheckpoint
import MAECompute
import MAEEngine
import MAEModel
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Tiles of matrix products", .onDevice, .underValidation)
struct TileTests {
    private static func backend(
        _ tiles: TilePolicy, restrict: (inout PhysicalDevice) -> Void = { _ in }
    ) throws -> VulkanBackend {
        _ = try TestDevice.backend.get()
        return try VulkanBackend(TestDevice.open(), tiles: tiles, restrict: restrict)
    }

    /// Linear layers of some extents.
    private static func example(_ shapes: [(rows: Int, depth: Int, columns: Int)]) -> Case {
        var random = SplitMix(seed: 5)
        var example = Case()
        for (rows, depth, columns) in shapes {
            let input = example.input(random.matrix(rows, depth))
            let id = example.parameters.add(
                LinearParameters(weights: [random.matrix(columns, depth)], biases: [random.vector(columns)]))
            example.output(rows: rows, columns: columns) {
                .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
            }
        }
        return example
    }

    @Test(
        "each gives the reference's bits on layers round its own size, and in a whole model",
        arguments: ProductTile.candidates)
    func sameBits(_ tile: ProductTile) throws {
        let backend = try Self.backend(.fixed(tile))
        #expect(backend.linearTile == tile)
        let (rows, columns) = (tile.rows, tile.columns)
        let example = Self.example([
            (1, 1, 1), (rows - 1, 129, columns + 1), (rows, 128, columns), (rows + 1, 260, 2 * columns - 1),
        ])
        #expect(try example.run(on: backend) == example.run(on: ReferenceBackend()))
        // Not by an engine: its known answers would compile every activation in every tile, which takes minutes here.
        let weights = try ModelWeights(drawing: ViTMAEConfiguration(preset: .tiny), seed: 0)
        let tensors = Dictionary(
            uniqueKeysWithValues: weights.layout.parameters.map { ($0.name, weights.tensor(of: $0)) })
        let outputs = try [backend as any ComputeBackend, ReferenceBackend()].map { backend in
            let model = try ViTMAEModel(weights.configuration, withDecoder: true, on: backend) { name in
                Weight(try #require(tensors[name]))
            }
            let input = BatchInput.seeded(7, images: 2, for: model.configuration)
            let selection = PatchSelection(noise: input.noise, keeping: 3)
            return try model.forward(images: input.images, selection: selection, decodes: true)
        }
        #expect(outputs[0].layernorm == outputs[1].layernorm && outputs[0].logits == outputs[1].logits)
    }

    @Test("only tiles whose invocations and shared memory a device has are candidates, and one always is")
    func limits() throws {
        var limits = PhysicalDevice.Limits(
            storageRange: 1 << 27, storageBuffers: 5, allocation: 1 << 30, groups: (65535, 65535, 65535),
            invocations: 1024, groupWidth: 1024, sharedMemory: 32768, alignment: 16)
        #expect(ProductTile.candidates(for: limits) == ProductTile.candidates)
        // What Vulkan guarantees at least.
        (limits.invocations, limits.groupWidth, limits.sharedMemory) = (128, 128, 16384)
        let fewest = ProductTile.candidates(for: limits)
        #expect(fewest.contains(.small) && fewest.count < ProductTile.candidates.count)
        #expect(fewest.allSatisfy { $0.invocations <= 128 && $0.sharedBytes <= 16384 })
        for tile in ProductTile.candidates {
            // As product.glsl divides them.
            #expect(128 % tile.depth == 0 && tile.rows % tile.threadRows == 0 && tile.columns % tile.threadColumns == 0)
        }
        #expect(Set(ProductTile.candidates.map(\.name)).count == ProductTile.candidates.count)
    }

    /// Large enough that a search on this device pays.
    private static let layer = example([(130, 256, 128)])

    @Test("a search runs when a program is large enough, is remembered, and changes no bit")
    func search() throws {
        let folder = try TemporaryDirectory()
        let cache = TileCache(directory: folder.file("not/there/yet"))
        let backend = try Self.backend(.measured(cache, limit: .milliseconds(1)))
        // The known answers are too small for it.
        let byDefault = try Engine(backend).description
        #expect(byDefault.numericClass == NumericClass.canonical)
        #expect(!FileManager.default.fileExists(atPath: folder.file("not")))
        let expected = try Self.layer.run(on: ReferenceBackend())
        #expect(try Self.layer.run(on: backend) == expected)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("not/there/yet"))
        let file = folder.file("not/there/yet/" + (try #require(names.first)))
        #expect(names.count == 1)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == backend.linearTile.name + "\n")

        // What the file names is taken in the place of a search, if it fits.
        let other = try #require(ProductTile.candidates.first { $0 != backend.linearTile })
        try (other.name + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let again = try Self.backend(.measured(cache, limit: .milliseconds(1)))
        #expect(try Self.layer.run(on: again) == expected)
        #expect(again.linearTile == other)
    }

    @Test("a search tries every tile while it has time, and passes over those that cannot be built")
    func unbuildable() throws {
        let pipelines = Mutex(0)
        let vulkan = try TestDevice.open(
            Calls { function in
                guard function == .createPipeline else { return nil }
                return pipelines.withLock { count in
                    count += 1
                    // Only the first tile can be built, in the end.
                    return count == 1 ? nil : -13
                }
            })
        let device = try Device(try #require(try vulkan.instance.physicalDevices().first), of: vulkan.instance)
        let search = TileSearch(on: try PipelineStore(.native, on: device), limit: .patience)
        #expect(try search.fastest(among: ProductTile.candidates, for: [.bare]) == search.defaultTile)
        #expect(pipelines.withLock(\.self) == ProductTile.candidates.count)
        #expect(try !search.works(.large, for: [.bare]))
    }

    @Test("a tile that leaves elements out is neither chosen nor taken from a cache")
    func wrongTile() throws {
        let vulkan = try TestDevice.vulkan.get()
        let device = try Device(try #require(try vulkan.instance.physicalDevices().first), of: vulkan.instance)
        let search = TileSearch(on: try PipelineStore(.native, on: device), limit: .patience)
        // Seven invocations of four columns each: two are left out. It would be faster.
        let wrong = ProductTile(rows: 32, columns: 30, threadRows: 4, threadColumns: 4, depth: 32)
        for finish in Self.finishes {
            #expect(try !search.works(wrong, for: [finish]), "\(finish)")
        }
        #expect(try search.works(search.defaultTile, for: [.bare]))
        #expect(try search.fastest(among: [wrong], for: [.bare]) == search.defaultTile)
    }

    /// Some finishes, with each place that a residual may have.
    private static let finishes: [LinearFinish] = [
        .bare, LinearFinish(activation: .gelu, hasBias: true, residual: .none),
        LinearFinish(activation: nil, hasBias: true, residual: .inPlace),
        LinearFinish(activation: .relu, hasBias: false, residual: .apart),
    ]

    @Test("a tile is tried with each finish that a program has")
    func triedFinishes() throws {
        let pipelines = Mutex(0)
        // The default tile and the large one, first for one finish, then for another.
        let vulkan = try TestDevice.open(
            Calls { function in
                guard function == .createPipeline else { return nil }
                return pipelines.withLock { count in
                    count += 1
                    return count == 4 ? -13 : nil
                }
            })
        let device = try Device(try #require(try vulkan.instance.physicalDevices().first), of: vulkan.instance)
        let search = TileSearch(on: try PipelineStore(.native, on: device))
        #expect(try search.works(.large, for: [Self.finishes[0]]))
        #expect(try !search.works(.large, for: Set(Self.finishes[0...1])))
        #expect(try search.works(.large, for: Set(Self.finishes)))
        #expect(search.defaultTile == .small)
    }

    @Test("the finishes of a program are those of its layers")
    func finishesOfPrograms() throws {
        var random = SplitMix(seed: 5)
        var example = Case()
        let (input, stream) = (example.input(random.matrix(3, 4)), example.input(random.matrix(3, 4)))
        let ids = [nil, random.vector(4)].map {
            example.parameters.add(LinearParameters(weights: [random.matrix(4, 4)], biases: [$0]))
        }
        let output = example.program.buffer(MatrixShape(rows: 3, columns: 4))
        func layer(_ id: Int, _ activation: Activation?, _ residual: BufferID?, _ output: BufferID) {
            example.program.append(
                .linear(input: input, parameters: ids[id], activation: activation, residual: residual, output: output))
        }
        layer(0, nil, nil, output)
        layer(1, .gelu, nil, output)
        layer(1, nil, stream, stream)
        layer(0, .relu, stream, output)
        layer(0, nil, nil, output)
        #expect(example.program.linearFinishes { $0 == ids[1] } == Set(Self.finishes))
    }

    @Test("a tile that a later program cannot be built in is given up, and the cache forgets it")
    func laterFinish() throws {
        let folder = try TemporaryDirectory()
        let policy = TilePolicy.measured(TileCache(directory: folder.path), limit: .milliseconds(1))
        _ = try Self.layer.run(on: Self.backend(policy))
        let file = folder.file(try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first))
        try (ProductTile.large.name + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let isBroken = Mutex(false)
        let built = Mutex(0)
        let calls = Calls { function in
            guard function == .createPipeline, isBroken.withLock(\.self) else { return nil }
            return built.withLock { count in
                count += 1
                // After the default tile, the large one.
                return count == 2 ? -13 : nil
            }
        }
        let backend = try VulkanBackend(TestDevice.open(calls), tiles: policy)
        #expect(try Self.layer.run(on: backend) == Self.layer.run(on: ReferenceBackend()))
        #expect(backend.linearTile == .large)
        isBroken.withLock { $0 = true }
        var random = SplitMix(seed: 6)
        var later = Case()
        let input = later.input(random.matrix(7, 9))
        let id = later.parameters.add(LinearParameters(weights: [random.matrix(5, 9)], biases: [nil]))
        later.output(rows: 7, columns: 5) {
            .linear(input: input, parameters: id, activation: .relu, residual: nil, output: $0)
        }
        #expect(try later.run(on: backend) == later.run(on: ReferenceBackend()))
        #expect(backend.linearTile == .small)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == ProductTile.small.name + "\n")
    }

    @Test("a search that there is no memory for means the default tile, and nothing is remembered")
    func noMemory() throws {
        _ = try TestDevice.backend.get()
        let folder = try TemporaryDirectory()
        let isShort = Mutex(false)
        let calls = Calls { function in
            guard function == .allocateMemory else { return nil }
            return isShort.withLock { isShort in
                defer { isShort = false }
                return isShort ? -2 : nil
            }
        }
        let cache = TileCache(directory: folder.file("cache"))
        let backend = try VulkanBackend(
            TestDevice.open(calls), tiles: .measured(cache, limit: .milliseconds(1)))
        let parameters = try backend.load(Self.layer.parameters)
        isShort.withLock { $0 = true }
        let outputs = try parameters.compile(Self.layer.program)
            .run(inputs: Self.layer.inputs, indexTables: [], control: RunControl())
        #expect(outputs == (try Self.layer.run(on: ReferenceBackend())))
        #expect(isShort.withLock(\.self) == false)
        #expect(backend.linearTile == .small)
        #expect(!FileManager.default.fileExists(atPath: folder.file("cache")))
    }

    /// Ways to spoil the file of a cache.
    enum Spoiling: CaseIterable {
        case text, empty, tooLarge, endless, folder, pipe, unreadable
    }

    @Test("a spoilt cache means a search, never an error nor a tile that does not fit", arguments: Spoiling.allCases)
    func spoiltCache(_ spoiling: Spoiling) throws {
        let folder = try TemporaryDirectory()
        let cache = TileCache(directory: folder.path)
        let policy = TilePolicy.measured(cache, limit: .milliseconds(1))
        func restrict(_ device: inout PhysicalDevice) { device.limits.invocations = 128 }
        _ = try Self.layer.run(on: Self.backend(policy, restrict: restrict))
        let file = folder.file(try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first))
        try FileManager.default.removeItem(atPath: file)
        switch spoiling {
        case .text: try "1x1/1x1/1\n".write(toFile: file, atomically: true, encoding: .utf8)
        case .empty: try "".write(toFile: file, atomically: true, encoding: .utf8)
        case .tooLarge: try (ProductTile.large.name + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        case .endless: #expect(symlink("/dev/zero", file) == 0)
        case .folder: try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        case .pipe: #expect(mkfifo(file, 0o600) == 0)
        case .unreadable: #expect(symlink("/no/such/file", file) == 0)
        }
        let backend = try Self.backend(policy, restrict: restrict)
        #expect(try Self.layer.run(on: backend) == Self.layer.run(on: ReferenceBackend()))
        #expect(backend.linearTile.invocations <= 128)
    }

    @Test("a cache that cannot be written is no error")
    func unwritableCache() throws {
        let backend = try Self.backend(.measured(TileCache(directory: "/dev/null/cache"), limit: .milliseconds(1)))
        #expect(try Self.layer.run(on: backend) == Self.layer.run(on: ReferenceBackend()))
    }

    @Test("the user's cache lies where the environment says, and a device that is a processor is not searched")
    func places() throws {
        func directory(_ environment: [String: String]) throws -> String? {
            guard let cache = TileCache.ofUser({ environment[$0] }) else { return nil }
            return "\(cache)"
        }
        #expect(try directory(["XDG_CACHE_HOME": "/c", "HOME": "/h"])?.contains("/c/mae-cluster") == true)
        #expect(try directory(["XDG_CACHE_HOME": "c", "HOME": "/h"])?.contains("/h/.cache/mae-cluster") == true)
        #expect(try directory(["HOME": "/h"])?.contains("/h/.cache/mae-cluster") == true)
        #expect(try directory([:]) == nil)
        let backend = try Self.backend(.automatic)
        #expect(try Self.layer.run(on: backend) == Self.layer.run(on: ReferenceBackend()))
        #expect(backend.linearTile == .small)
    }
}
