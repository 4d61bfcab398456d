import Testing

@testable import MAECPU

@Suite("Blocking of a product")
struct BlockingTests {
    @Test("every element lies in exactly one block, which starts at a panel", arguments: KernelVariant.all)
    func cover(variant: KernelVariant) {
        for (rows, columns) in [(0, 5), (1, 1), (50, 768), (197, 2304), (400, 100), (1576, 768)] {
            for threads in [1, 2, 3, 7, 64] {
                let blocking = Blocking(rows: rows, columns: columns, kernels: variant.tile, threadCount: threads)
                var area = 0
                for item in 0..<blocking.count {
                    let (row, column) = blocking.start(of: item)
                    #expect(column % variant.tile.tileColumns == 0)
                    #expect(row < rows && column < columns)
                    area += min(blocking.rowsAtOnce, rows - row) * min(blocking.columnsAtOnce, columns - column)
                }
                let starts = Set((0..<blocking.count).map { "\(blocking.start(of: $0))" })
                #expect(starts.count == blocking.count)
                #expect(area == rows * columns)
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
