import MAETensor

/// The fixed two-dimensional sine-cosine position embeddings of MAE, as transformers lays them out.
///
/// He and others 2021, "Masked Autoencoders Are Scalable Vision Learners".
enum PositionEmbeddings {
    /// Embeddings of shape (1, 1 + rows × columns, width), that of the class token being zero.
    ///
    /// Each patch has `[sin of column | cos of column | sin of row | cos of row]`, a quarter of `width` each, frequency
    /// `10000^(-i / quarter)`. Computed in double precision by ``PortableMath`` and rounded to fp32, so every machine gets
    /// the same bits.
    static func table(grid: ImageExtent, width: Int) -> Tensor {
        precondition(width.isMultiple(of: 4), "sine-cosine embeddings need a multiple of 4")
        let quarter = width / 4
        let frequencies = (0..<quarter).map { index in
            PortableMath.exp(-Double(index) / Double(quarter) * naturalLogarithmOfTemperature)
        }
        func waves(_ position: Int) -> [Float] {
            let values = frequencies.map { PortableMath.sincos(Double(position) * $0) }
            return values.map { Float($0.sin) } + values.map { Float($0.cos) }
        }
        let rows = (0..<grid.height).map(waves)
        let columns = (0..<grid.width).map(waves)
        var elements = [Float](repeating: 0, count: width)
        elements.reserveCapacity((1 + grid.height * grid.width) * width)
        for row in rows {
            for column in columns {
                elements += column
                elements += row
            }
        }
        return Tensor(shape: [1, 1 + grid.height * grid.width, width], elements: elements)
    }

    /// ln 10000, rounded to double.
    private static let naturalLogarithmOfTemperature = 0x1.26bb1bbb55516p3
}
