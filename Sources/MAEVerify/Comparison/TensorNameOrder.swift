import MAEText

/// The order in which findings list tensors: the encoder's first, for they decide the output; block 2 before block 10.
enum TensorNameOrder {
    /// Canonical names in this order.
    static func sorted(_ names: [String]) -> [String] {
        let (encoder, decoder) = (names.filter { !isOfDecoder($0) }, names.filter(isOfDecoder))
        return encoder.sorted(by: NaturalOrder.precedes) + decoder.sorted(by: NaturalOrder.precedes)
    }

    private static func isOfDecoder(_ name: String) -> Bool { name.hasPrefix("decoder") }
}
