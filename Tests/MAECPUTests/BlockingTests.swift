import Testing

@testable import MAECPU

@Suite("Blocking of a product")
struct BlockingTests {
    @Test("every element lies in exactly one block, which starts at a panel", arguments: KernelVariant.all)
    func cover(variant: KernelVariant) {
        for (rows, columns) in [(0, 5), (1, 1), (50, 768), (197, 2304), (400, 100), (1576, 768)] {
            for threads in [1, 2, 3, 7, 64] {
                let blocking = Blocking(rows: rows, columns: columns, kernels: variant.tile, threadCount: threads)
                var covered = [Int](repeating: 0, count: rows * columns)
                for item in 0..<blocking.count {
                    let block = blocking[item]
                    #expect(block.columns.lowerBound % variant.tile.tileColumns == 0)
                    #expect(!block.rows.isEmpty && !block.columns.isEmpty)
                    #expect(block.rows.count <= blocking.mostRows && block.columns.count <= blocking.mostColumns)
                    for row in block.rows {
                        for column in block.columns { covered[row * columns + column] += 1 }
                    }
                }
                #expect(covered.allSatisfy { $0 == 1 })
            }
        }
    }

    @Test("a single image is shared among several threads", arguments: [2, 3, 7])
    func sharing(threads: Int) {
        let blocking = Blocking(
            rows: 50, columns: 768, kernels: KernelVariant.all[0].tile, threadCount: threads)
        #expect(blocking.count >= threads)
    }
}
