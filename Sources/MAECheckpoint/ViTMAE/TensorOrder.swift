/// The order in which messages list tensors: those of the encoder first, for they decide the output, then by block.
///
/// Most lists are cut after a few names, and in the alphabet the decoder comes first and block 10 before block 2.
enum TensorOrder {
    /// The names in this order, whatever dialect they are in.
    static func sorted(_ names: some Sequence<String>) -> [String] { sorted(names, by: \.self) }

    /// The items in the order of their names.
    static func sorted<Item>(_ items: some Sequence<Item>, by name: (Item) -> String) -> [Item] {
        items.map { (key: Key(name($0)), item: $0) }.sorted { $0.key < $1.key }.map(\.item)
    }

    /// A name taken apart once, as sorting compares it often.
    private struct Key: Comparable {
        private let words: [Substring]
        private let isOfDecoder: Bool

        init(_ name: String) {
            words = name.split(separator: ".", omittingEmptySubsequences: false)
            // `decoder.decoder_layers`, `decoder_blocks`, `decoder_pos_embed`.
            isOfDecoder = words.contains { $0.hasPrefix("decoder") }
        }

        static func < (one: Key, other: Key) -> Bool {
            guard one.isOfDecoder == other.isOfDecoder else { return other.isOfDecoder }
            for (word, otherWord) in zip(one.words, other.words) where word != otherWord {
                // Numbers come before words: otherwise 10, 1x and 2 would each come before the next, and 2 before 10.
                let (number, otherNumber) = (Int(word) ?? .max, Int(otherWord) ?? .max)
                return number == otherNumber ? word < otherWord : number < otherNumber
            }
            return one.words.count < other.words.count
        }
    }
}
