import CMAEKernels
import Glibc
import MAECompute
import MAETensor
import Testing

@testable import MAECPU

@Suite("Kernels write their outputs and nothing else")
struct SentinelTests {
    private static let sentinel = Float(bitPattern: 0x7FAB_CDEF)

    /// Runs `body` on memory full of sentinels and returns the places it wrote to.
    private func written(count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> Set<Int> {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { memory.deallocate() }
        memory.initialize(repeating: Self.sentinel, count: count)
        body(memory)
        return Set((0..<count).filter { memory[$0].bitPattern != Self.sentinel.bitPattern })
    }

    /// Places of a matrix of `rows` × `columns` that starts at `first`.
    private func places(_ rows: Int, _ columns: Int, stride: Int, first: Int) -> Set<Int> {
        Set((0..<rows).flatMap { row in (0..<columns).map { first + row * stride + $0 } })
    }

    @Test("linear blocks, which also stay inside their scratch", arguments: KernelVariant.all)
    func linear(variant: KernelVariant) throws {
        let functions = variant.tile.functions
        for (rows, columns, depth) in [(1, 1, 1), (13, 33, 130), (6, 16, 128), (25, 47, 7), (29, 50, 900)] {
            let stride = columns + 9
            let input = [Float](repeating: 1, count: rows * depth)
            let weights = try MappedMemory(count: columns.roundedUp(toMultipleOf: variant.tile.tileColumns) * depth)
            let scratchCount = functions.linear_scratch(rows, columns, depth)
            let scratch = try MappedMemory(count: scratchCount + 64)
            let end = UnsafeMutableBufferPointer(start: scratch.base + scratchCount, count: 64)
            end.update(repeating: Self.sentinel)
            let touched = written(count: rows * stride + 64) { output in
                var block = mae_linear_block(
                    input: output, input_stride: depth, rows: rows, depth: depth, weights: weights.base,
                    first_column: 0, columns: columns, bias: nil, residual: nil, output: output + 32,
                    output_stride: stride, activation: MAE_IDENTITY, scratch: scratch.base)
                input.withUnsafeBufferPointer { pointer in
                    guard let base = pointer.baseAddress else { return }
                    block.input = base
                    functions.linear(&block)
                }
            }
            #expect(touched == places(rows, columns, stride: stride, first: 32))
            #expect(end.allSatisfy { $0.bitPattern == Self.sentinel.bitPattern })
        }
    }

    @Test("attention heads, which also stay inside their scratch", arguments: KernelVariant.all)
    func attention(variant: KernelVariant) throws {
        let functions = variant.tile.functions
        for (tokens, heads, width) in [(1, 1, 1), (13, 2, 17), (40, 1, 64), (150, 3, 20)] {
            let stride = heads * width + 9
            let qkv = try MappedMemory(count: 3 * tokens * stride)
            let scratchCount = functions.attention_scratch(tokens, width)
            let scratch = try MappedMemory(count: scratchCount + 64)
            let end = UnsafeMutableBufferPointer(start: scratch.base + scratchCount, count: 64)
            end.update(repeating: Self.sentinel)
            let touched = written(count: tokens * stride + 64) { output in
                var job = mae_attention(
                    queries: qkv.base, keys: qkv.base + tokens * stride, values: qkv.base + 2 * tokens * stride,
                    stride: stride, tokens: tokens, heads: heads, width: width, scale: 1, output: output + 32,
                    output_stride: stride,
                    scratch: scratch.base)
                functions.attention(&job)
            }
            #expect(touched == places(tokens, heads * width, stride: stride, first: 32))
            #expect(end.allSatisfy { $0.bitPattern == Self.sentinel.bitPattern })
        }
    }

    @Test("attention reads nothing behind the last value, where no memory is", arguments: KernelVariant.all)
    func attentionBounds(variant: KernelVariant) throws {
        let functions = variant.tile.functions
        for (tokens, heads, width) in [(0, 1, 8), (1, 1, 1), (5, 1, 4), (9, 1, 1), (13, 2, 17), (50, 3, 20)] {
            let row = 3 * heads * width
            var output = [Float](repeating: 0, count: tokens * heads * width + 1)
            let scratch = try MappedMemory(count: functions.attention_scratch(tokens, width))
            try atEndOfMemory(count: tokens * row) { qkv in
                output.withUnsafeMutableBufferPointer { output in
                    guard let base = output.baseAddress else { return }
                    var job = mae_attention(
                        queries: qkv, keys: qkv + heads * width, values: qkv + 2 * heads * width, stride: row,
                        tokens: tokens, heads: heads, width: width, scale: 1, output: base,
                        output_stride: heads * width, scratch: scratch.base)
                    functions.attention(&job)
                }
            }
            #expect(output.allSatisfy { $0 == 0 }, "the mean of zeros")
        }
    }

    /// Hands out `count` zeros, behind which a page follows that nothing may read.
    private func atEndOfMemory(count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = (count * MemoryLayout<Float>.stride).roundedUp(toMultipleOf: page)
        let memory = try #require(mmap(nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(memory, size + page) }
        try #require(mprotect(memory + size, page, PROT_NONE) == 0)
        body((memory + size - count * MemoryLayout<Float>.stride).assumingMemoryBound(to: Float.self))
    }

    @Test("packed weights fill their own lanes and leave all others", arguments: KernelVariant.all)
    func packing(variant: KernelVariant) {
        let width = variant.tile.tileColumns
        let depth = 131
        let weights = [Float](repeating: 1, count: 2 * width * depth)
        let touched = written(count: 3 * width * depth) { packed in
            variant.tile.functions.pack_weights(weights, depth, 5, width + 3, packed)
        }
        let expected = (0..<depth).flatMap { k in
            (5..<width + 8).map { column in column / width * width * depth + k * width + column % width }
        }
        #expect(touched == Set(expected))
    }

    @Test("row kernels", arguments: KernelVariant.all)
    func rows(variant: KernelVariant) {
        let vector = variant.kernels.vector
        for columns in [1, 15, 16, 17, 40] {
            let input = (0..<3 * columns).map { Float($0) }
            let normalized = written(count: 3 * columns + 73) { output in
                input.withUnsafeBufferPointer { pointer in
                    guard let base = pointer.baseAddress else { return }
                    var job = mae_layer_norm(
                        input: base, input_stride: columns, output: output + 32, output_stride: columns + 3, rows: 3,
                        columns: columns, scale: base, shift: base, epsilon: 1)
                    vector.layer_norm(&job)
                }
            }
            #expect(normalized == places(3, columns, stride: columns + 3, first: 32))
            let means = written(count: columns + 64) { vector.column_means(input, columns, 3, columns, $0 + 32) }
            #expect(means == places(1, columns, stride: columns, first: 32))
            let activated = written(count: columns + 64) { output in
                (output + 32).update(repeating: 1, count: columns)
                vector.activate(output + 32, columns, MAE_GELU)
            }
            #expect(activated == places(1, columns, stride: columns, first: 32))
        }
    }
}
